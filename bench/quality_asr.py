"""Word error rate and false words: the real pipeline, whole and live, beside plain pocketsphinx on the same audio.

Plain is what a newcomer writes: one decoder with its default configuration, reused, each file decoded in one go
(``full_utt=True``). All three hear the same 16 kHz samples. Live is fed as fast as it takes the audio: what it
understands depends on the audio alone and not on the clock.

    .venv/bin/python bench/quality_asr.py [--texts FILE]

Reads speech/, longform/ and audio_events/ of the shared data (DRAGOMAN_SHARED_DATA); writes
bench/records/quality_asr.json.
"""

import argparse
import json
import os
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, TypeVar

import anyio
import jiwer
import numpy as np
from pocketsphinx import Decoder
from record import SHARED_DATA, write_record
from words import normalized

from dragoman.app import Dragoman, open_dragoman
from dragoman.core.audio import AudioChunk, join
from dragoman.core.events import FinalTranscript
from dragoman.core.options import Recognition, RunOptions
from dragoman.media.decode import open_media
from dragoman.pipeline.ordered import map_in_order

SYSTEMS = ("plain", "whole", "live")
"""``plain`` is pocketsphinx alone, the others are the two ways in which the pipeline recognises."""

APART = "mfa-disfluency"
"""Deliberate stammering, whispering and a nonce name (the en_mfa_* clips): scored, but in no total."""

RESAMPLINGS = 2000
SEED = 0

T = TypeVar("T")


@dataclass(frozen=True)
class Clip:
    """One file of the shared data and what is said in it."""

    id: str
    kind: str
    """``clips``, ``longform``, ``apart`` or ``events``: what a total is made over."""
    corpus: str
    path: Path
    reference: str
    """Nothing for recordings without speech."""


@dataclass(frozen=True)
class Heard:
    """What each system made of a clip, as it wrote it."""

    clip: Clip
    seconds: float
    texts: Mapping[str, str]


def clips() -> Iterator[Clip]:
    """In the order of corpora, so that each is reported as soon as it is heard."""
    spoken = [entry for entry in _manifest("speech") if entry["language"] == "en"]
    for entry in sorted(spoken, key=lambda entry: str(entry["corpus"])):
        apart = entry["id"].startswith("en_mfa_")
        corpus = APART if apart else entry["corpus"]
        yield _clip(entry, "apart" if apart else "clips", corpus, entry["transcript"])
    for entry in _manifest("longform"):
        if entry["language"] == "en":
            yield _clip(entry, "longform", entry["id"], _said(SHARED_DATA / entry["stm"]))
    for entry in sorted(_manifest("audio_events"), key=lambda entry: str(entry["label"])):
        yield _clip(entry, "events", entry["label"], "")


def _clip(entry: Mapping[str, Any], kind: str, corpus: str, reference: str) -> Clip:
    return Clip(entry["id"], kind, corpus, SHARED_DATA / entry["file"], reference)


def _manifest(folder: str) -> list[dict[str, Any]]:
    lines = (SHARED_DATA / folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def _said(stm: Path) -> str:
    """The turns by the time at which they begin; where they overlap no order is right, and every system pays for it."""
    turns = [line.split(maxsplit=6) for line in stm.read_text(encoding="utf-8").splitlines() if line[:2] != ";;"]
    return " ".join(turn[6] for turn in sorted(turns, key=lambda turn: float(turn[3])))


async def listen(dragoman: Dragoman, decoder: Decoder, corpus: Sequence[Clip]) -> list[Heard]:
    audio = [await decoded(clip.path) for clip in corpus]
    texts = {
        "plain": [_plain(decoder, join(chunks)) for chunks in audio],
        "whole": await _through_pipeline(dragoman, audio, "whole"),
        "live": await _through_pipeline(dragoman, audio, "live"),
    }
    return [
        Heard(clip, chunks[-1].end_time, {system: texts[system][index] for system in SYSTEMS})
        for index, (clip, chunks) in enumerate(zip(corpus, audio, strict=True))
    ]


async def decoded(path: Path) -> list[AudioChunk]:
    async with open_media(path) as media:
        return [chunk async for chunk in media]


def _plain(decoder: Decoder, audio: AudioChunk) -> str:
    decoder.start_utt()
    decoder.process_raw(audio.pcm, full_utt=True)
    decoder.end_utt()
    hypothesis = decoder.hyp()
    return hypothesis.hypstr if hypothesis else ""


async def _through_pipeline(
    dragoman: Dragoman, recordings: Sequence[list[AudioChunk]], recognition: Recognition
) -> list[str]:
    """One run per recording, as many at the same time as there are cores."""

    async def transcribe(chunks: list[AudioChunk]) -> str:
        return await _one_run(dragoman, chunks, recognition)

    cores = len(os.sched_getaffinity(0))
    async with map_in_order(transcribe, _one_by_one(recordings), at_once=cores) as texts:
        return [text async for text in texts]


async def _one_by_one(items: Iterable[T]) -> AsyncIterator[T]:
    for item in items:
        yield item


async def _one_run(dragoman: Dragoman, chunks: Sequence[AudioChunk], recognition: Recognition) -> str:
    options = RunOptions("en", recognition=recognition)
    async with dragoman.open_run(options) as run, anyio.create_task_group() as group:

        async def speak() -> None:
            async with run.input:
                for chunk in chunks:
                    await run.input.send(chunk)

        group.start_soon(speak)
        events = [event async for event in run.events]
    return " ".join(event.sentence.text for event in events if isinstance(event, FinalTranscript))


def word_errors(heard: Sequence[Heard]) -> dict[str, Any]:
    """Errors over reference words, all clips together."""
    references = [normalized(one.clip.reference) for one in heard]
    scores: dict[str, Any] = {
        "clips": len(heard),
        "seconds": round(sum(one.seconds for one in heard), 1),
        "words": sum(len(reference.split()) for reference in references),
    }
    for system in SYSTEMS:
        output = jiwer.process_words(references, [normalized(one.texts[system]) for one in heard])
        scores[system] = {
            "wer": round(output.wer, 4),
            "substitutions": output.substitutions,
            "deletions": output.deletions,
            "insertions": output.insertions,
        }
    return scores


def difference(heard: Sequence[Heard], system: str, other: str) -> dict[str, float]:
    """WER of ``system`` less that of ``other``, with the interval that 95 % of draws of as many clips fall into."""
    words = np.array([len(normalized(one.clip.reference).split()) for one in heard])
    more = np.array([_errors(one, system) - _errors(one, other) for one in heard])
    draws = np.random.default_rng(SEED).integers(len(heard), size=(RESAMPLINGS, len(heard)))
    low, high = np.percentile(more[draws].sum(axis=1) / words[draws].sum(axis=1), [2.5, 97.5])
    return {"wer": _rounded(more.sum() / words.sum()), "low": _rounded(low), "high": _rounded(high)}


def _errors(heard: Heard, system: str) -> int:
    output = jiwer.process_words(normalized(heard.clip.reference), normalized(heard.texts[system]))
    return output.substitutions + output.deletions + output.insertions


def _rounded(value: float) -> float:
    return round(float(value), 4)


def false_words(heard: Sequence[Heard]) -> dict[str, Any]:
    """Every word is one too many; "uh" as well."""
    seconds = sum(one.seconds for one in heard)
    counts = {system: sum(len(one.texts[system].split()) for one in heard) for system in SYSTEMS}
    return {
        "clips": len(heard),
        "seconds": round(seconds, 1),
        "words": counts,
        "per_minute": {system: round(60 * count / seconds, 1) for system, count in counts.items()},
    }


def total(heard: Sequence[Heard]) -> dict[str, Any]:
    return {
        **word_errors(heard),
        "whole_less_plain": difference(heard, "whole", "plain"),
        "live_less_whole": difference(heard, "live", "whole"),
    }


def results(heard: Sequence[Heard]) -> dict[str, Any]:
    of = {kind: [one for one in heard if one.clip.kind == kind] for kind in ("clips", "longform", "apart", "events")}
    return {
        "overall": {
            "clips": total(of["clips"]),
            "longform": total(of["longform"]),
            "all": total(of["clips"] + of["longform"]),
        },
        "corpora": {
            kind: {corpus: word_errors(list(group)) for corpus, group in groupby(of[kind], lambda one: one.clip.corpus)}
            for kind in ("clips", "longform", "apart")
        },
        "false_words": {
            "overall": false_words(of["events"]),
            "labels": {
                label: false_words(list(group)) for label, group in groupby(of["events"], lambda one: one.clip.corpus)
            },
        },
    }


def told(heard: Sequence[Heard]) -> str:
    name = f"{heard[0].clip.corpus:24} {len(heard):3} clips "
    if heard[0].clip.kind == "events":
        rates = false_words(heard)["per_minute"]
        return name + "false words a minute: " + "  ".join(f"{system} {rates[system]:5}" for system in SYSTEMS)
    scores = word_errors(heard)
    return name + f"{scores['words']:5} words  WER: " + "  ".join(f"{it} {scores[it]['wer']:.3f}" for it in SYSTEMS)


def write_texts(path: Path, heard: Iterable[Heard]) -> None:
    """One JSON object per clip: what was said and what each system heard, normalised."""
    with path.open("w", encoding="utf-8") as file:
        for one in heard:
            texts = {system: normalized(text) for system, text in one.texts.items()}
            line = {"id": one.clip.id, "corpus": one.clip.corpus, "reference": normalized(one.clip.reference), **texts}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


async def main(texts: Path | None) -> None:
    decoder = Decoder(loglevel="FATAL")
    heard: list[Heard] = []
    async with open_dragoman() as dragoman:
        for _, corpus in groupby(clips(), lambda clip: clip.corpus):
            heard += (new := await listen(dragoman, decoder, list(corpus)))
            print(told(new), flush=True)
    if texts:
        write_texts(texts, heard)
    found = results(heard)
    for name, scores in found["overall"].items():
        line = "  ".join(f"{system} {scores[system]['wer']:.4f}" for system in SYSTEMS)
        print(f"{name}: {line}  whole less plain: {scores['whole_less_plain']}")
    print("false words a minute:", found["false_words"]["overall"]["per_minute"])
    print("record:", write_record("quality_asr", found))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=Path, help="also write what each system heard, one JSON object per clip")
    anyio.run(main, parser.parse_args().texts)
