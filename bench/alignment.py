"""How well the words of a text are found: jobs that align one, through the whole of the machinery.

    .venv/bin/python bench/alignment.py [--minutes 0]

No recording of shared/data has word times, so three things are measured.

- Made speech: sentences of FLORES said by espeak-ng, which tells when each word begins. Exact, and hard to hear: the
  acoustic model has never met that voice.
- Real speech, of the joined recordings in longform: whether each word was placed inside the clip that it belongs to,
  and, where silence precedes a clip's first word, how far the word is from the onset of energy.
- Texts that are not what is said: sentences that nobody says put in between, sentences left out, another text.

``--minutes`` repeats the real clips, in another order, to a recording of that length.
"""

import argparse
import asyncio
import io
import json
import random
import resource
import tempfile
import time
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import av
import numpy as np
from record import SHARED_DATA as DATA

from dragoman.accounts.account import Accounts
from dragoman.batch import open_batch
from dragoman.billing.ledger import Ledger
from dragoman.billing.rates import Rates
from dragoman.config import Settings
from dragoman.core.options import JobOptions, RunOptions
from dragoman.engines import registry, routing
from dragoman.engines.loading import open_loader
from dragoman.jobs.anchors import fold
from dragoman.jobs.batch import Batch
from dragoman.jobs.model import Submission
from dragoman.jobs.results import AlignedText
from dragoman.storage.database import open_database

RATE = 16_000
LONG = ("talk_en", "meeting4_en", "talk_events_en", "overlap3_en", "noisy10dB_en")
ONSET = 0.1
"""Seconds of silence before a clip's first word from which the onset of energy is one."""


@dataclass
class Case:
    name: str
    audio: np.ndarray
    words: list[str] = field(default_factory=list)
    starts: list[float | None] = field(default_factory=list)
    """Truth, where it is known."""
    within: list[tuple[float, float] | None] = field(default_factory=list)
    """The clip; None for a word that nobody says."""

    def add(self, text: str, within: tuple[float, float] | None, starts: list[float | None] | None = None) -> None:
        words = text.split()
        self.words += words
        self.starts += starts or [None] * len(words)
        self.within += [within] * len(words)

    @property
    def wav(self) -> bytes:
        with io.BytesIO() as file:
            with wave.open(file, "wb") as out:
                out.setparams((1, 2, RATE, 0, "NONE", ""))
                out.writeframes(self.audio.astype("<i2").tobytes())
            return file.getvalue()


def read(path: Path) -> np.ndarray:
    resampler = av.AudioResampler("s16", "mono", RATE)
    with av.open(path) as container:
        frames = [*container.decode(audio=0), None]
    return np.concatenate([piece.to_ndarray()[0] for frame in frames for piece in resampler.resample(frame)])


def manifest(folder: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / folder / "manifest.jsonl").read_text().splitlines()]


def real(name: str) -> Case:
    entry = next(each for each in manifest("longform") if each["id"] == name)
    case = Case(name, read(DATA / entry["file"]))
    for turn in sorted(entry["turns"], key=lambda turn: turn["clip_start"]):
        bounds = (turn["clip_start"], turn["clip_end"])
        is_known = turn["speech_start"] - turn["clip_start"] >= ONSET
        starts: list[float | None] = [turn["speech_start"] if is_known else None]
        case.add(turn["text"], bounds, starts + [None] * (len(turn["text"].split()) - 1))
    return case


def joined(minutes: float) -> Case:
    """Real clips with half a second between them."""
    rng = random.Random(1)
    clips = [each for each in manifest("speech") if each["language"] == "en" and "mfa" not in each["id"]]
    pieces, case, at = [], Case(f"{minutes:g} minutes", np.zeros(0, np.int16)), 0.0
    sounds = {each["id"]: read(DATA / each["file"]) for each in clips}
    while at < minutes * 60:
        rng.shuffle(clips)
        for each in clips:
            sound = sounds[each["id"]]
            case.add(each["transcript"], (at, at + len(sound) / RATE))
            pieces += [sound, np.zeros(RATE // 2, np.int16)]
            at += len(sound) / RATE + 0.5
    case.audio = np.concatenate(pieces)
    return case


def made(sentences: list[str]) -> Case:
    espeak = registry.find(registry.SYNTHESIZERS, "espeak").plugin().load()
    voice = next(voice.name for voice in routing.survey().synthesizers[0].info.voices if voice.language == "en-US")
    case, pieces, at = Case("made", np.zeros(0, np.int16)), [], 0.0
    for sentence in sentences:
        chunks = list(espeak.synthesize(sentence, voice))
        pcm = np.concatenate([np.frombuffer(chunk.audio.pcm, "<i2") for chunk in chunks])
        told = [(fold(word.content), word.start_time) for chunk in chunks for word in chunk.words]
        rate = chunks[0].audio.sample_rate
        length = len(pcm) / rate
        words = sentence.split()
        starts: list[float | None] = [None] * len(words)
        same = SequenceMatcher(None, [word for word, _ in told], [fold(word) for word in words])
        for block in same.get_matching_blocks():
            for place in range(block.size):
                starts[block.b + place] = at + told[block.a + place][1]
        case.add(sentence, (at, at + length), starts)
        times = np.arange(0, length, 1 / RATE)
        pieces += [np.interp(times, np.arange(len(pcm)) / rate, pcm).astype(np.int16), np.zeros(RATE // 2, np.int16)]
        at += len(pieces[-2]) / RATE + 0.5
    case.audio = np.concatenate(pieces)
    return case


def english() -> list[str]:
    lines = (DATA / "mt/ntrex200.tsv").read_text().splitlines()
    column = lines[0].split("\t").index("en")
    return [line.split("\t")[column] for line in lines[1:]]


def flores() -> list[str]:
    lines = (DATA / "mt/flores120.tsv").read_text().splitlines()
    column = lines[0].split("\t").index("en")
    return [line.split("\t")[column] for line in lines[1:]]


def altered(case: Case, *, added: int = 0, dropped: int = 0) -> Case:
    """After every so many clips a sentence that nobody says; every so many clips none of their words."""
    other = Case(f"{case.name}, {'a sentence too many' if added else 'a sentence missing'}", case.audio)
    clips = list(dict.fromkeys(case.within))
    extra = iter(english())
    for number, clip in enumerate(clips, start=1):
        places = [place for place, within in enumerate(case.within) if within == clip]
        if not (dropped and number % dropped == 0):
            text = " ".join(case.words[place] for place in places)
            other.add(text, clip, [case.starts[place] for place in places])
        if added and number % added == 0:
            other.add(next(extra), None)
    return other


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[tuple[Batch, str]]:
    settings = Settings(data_dir=folder, database_url=f"sqlite:///{folder}/d.db", blobs_url=str(folder / "blobs"))
    async with (
        open_database(settings.database) as database,
        open_loader(routing.survey()) as loader,
        open_batch(settings, database, loader, Rates(), working=True) as batch,
    ):
        account = (await Accounts(database).create("bench", datetime.now(UTC))).id
        await Ledger(database).grant("grant", account, 10_000_000, datetime.now(UTC))
        yield batch, account


async def align(batch: Batch, account: str, case: Case) -> AlignedText | str:
    """What came of it, or why it was rejected."""
    async with batch.intake() as intake:
        async with intake.recording() as writer:
            await writer.write(case.wav)
        async with intake.text() as writer:
            await writer.write(" ".join(case.words).encode())
        submission = Submission(account, "{}", JobOptions(RunOptions("en")), kind="alignment", text_name="text")
        job = (await intake.submit(submission)).job
    job = await batch.wait(job, 3600)
    return await batch.aligned(job) if job.status == "done" else "; ".join(error.message for error in job.errors)


def judged(case: Case, found: AlignedText | str) -> dict[str, Any]:
    result: dict[str, Any] = {"seconds": round(len(case.audio) / RATE, 1), "words": len(case.words)}
    if isinstance(found, str):
        return result | {"rejected": found}
    rows = list(zip(case.starts, case.within, found.alignment.times, strict=True))
    said = [(start, within, span) for start, within, span in rows if within is not None]
    placed = [(start, within, span) for start, within, span in said if span is not None]
    errors = [abs(span[0] - start) for start, _, span in placed if start is not None]
    inside = [within[0] - 0.05 <= (span[0] + span[1]) / 2 <= within[1] + 0.05 for _, within, span in placed]
    unsaid = [span for _, within, span in rows if within is None]
    result |= {"placed": round(len(placed) / len(said), 3), "in_their_clip": round(float(np.mean(inside)), 3)}
    if unsaid:
        result |= {"unsaid": len(unsaid), "unsaid_placed": sum(span is not None for span in unsaid)}
    if errors:
        median, most = np.percentile(errors, [50, 95])
        shares = {ms: float(np.mean([error <= ms / 1000 for error in errors])) for ms in (50, 100, 200)}
        within = {f"within_{ms}_ms": round(share, 3) for ms, share in shares.items()}
        result |= {"starts": len(errors), "median_ms": round(median * 1000), "p95_ms": round(most * 1000)} | within
    return result


def cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def cases(minutes: float) -> list[Case]:
    if minutes:
        return [joined(minutes)]
    talk = real("talk_en")
    wrong = Case("talk_en, another text", talk.audio)
    for sentence in english()[:20]:
        wrong.add(sentence, None)
    return [
        *(real(name) for name in LONG),
        made(flores()[:20]),
        altered(talk, added=2),
        altered(talk, dropped=3),
        wrong,
    ]


async def measure(minutes: float) -> dict[str, Any]:
    results = {}
    for case in cases(minutes):
        with tempfile.TemporaryDirectory() as name:
            before, began = cpu(), time.monotonic()
            async with opened(Path(name)) as (batch, account):
                found = await align(batch, account, case)
            spent = {"cpu_seconds": round(cpu() - before, 1), "wall_seconds": round(time.monotonic() - began, 1)}
        results[case.name] = judged(case, found) | spent
        print(case.name, json.dumps(results[case.name]), flush=True)
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=0)
    asyncio.run(measure(parser.parse_args().minutes))


if __name__ == "__main__":
    main()
