"""Word error rate and false words: the real pipeline, whole and live, beside faster-whisper on the same weights.

- ``peer`` is faster-whisper as its README has it, beam 5; over long files and recordings without speech with its voice
  activity filter. ``batched`` is its batched pipeline, for those.
- ``whole`` and ``live`` are the two ways in which the pipeline recognises. Live is fed as fast as it takes the audio:
  what it understands depends on the audio alone and not on the clock.
- ``floor`` is the pipeline with pocketsphinx, the engine that needs no download; it hears English only.

All hear the same 16 kHz samples in the same run. Live hears the English clips, two long files and the recordings
without speech.

    .venv/bin/python bench/quality_asr.py [--texts FILE]

Reads speech/, longform/ and audio_events/ of the shared data (DRAGOMAN_SHARED_DATA); writes
bench/records/quality_asr.json. Takes about 14 minutes of processor time.
"""

import argparse
import json
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import anyio
import jiwer
import numpy as np
from asr_systems import MODEL, Peer, Pipeline, cpu_seconds, decoded, samples
from record import SHARED_DATA, write_record
from words import BY_CHARACTER, comparable

from dragoman.core.audio import AudioChunk
from dragoman.core.language import canonical

SYSTEMS = ("peer", "batched", "whole", "live", "floor")

APART = "mfa-disfluency"
"""Deliberate stammering, whispering and a nonce name (the en_mfa_* clips): scored, but in no total."""

LIVE = ("talk_en", "overlap3_en")
"""Long files that are heard live as well."""

RESAMPLINGS = 2000
SEED = 0


@dataclass(frozen=True)
class Clip:
    """One file of the shared data and what is said in it."""

    id: str
    kind: str
    """``clips``, ``languages``, ``longform``, ``apart`` or ``events``: what a total is made over."""
    language: str
    corpus: str
    path: Path
    reference: str
    """Nothing for recordings without speech."""

    @property
    def systems(self) -> list[str]:
        """Systems that hear it."""
        long = self.kind in ("longform", "events")
        heard_by = {
            "batched": long,
            "live": self.kind in ("clips", "events") or self.id in LIVE,
            "floor": self.language == "en",
        }
        return [system for system in SYSTEMS if heard_by.get(system, True)]


@dataclass(frozen=True)
class Heard:
    """What each system made of a clip, as it wrote it."""

    clip: Clip
    seconds: float
    texts: Mapping[str, str]


def clips() -> Iterator[Clip]:
    """In the order of corpora, so that each is reported as soon as it is heard."""
    for entry in sorted(_manifest("speech"), key=lambda entry: (entry["language"], entry["corpus"])):
        if entry["language"] != "en":
            language = canonical(entry["language"])
            yield _clip(entry, "languages", f"{language} {entry['corpus']}", entry["transcript"])
        elif entry["id"].startswith("en_mfa_"):
            yield _clip(entry, "apart", APART, entry["transcript"])
        else:
            yield _clip(entry, "clips", entry["corpus"], entry["transcript"])
    for entry in _manifest("longform"):
        if entry["language"] in ("en", "de"):
            yield _clip(entry, "longform", entry["id"], _said(SHARED_DATA / entry["stm"]))
    for entry in sorted(_manifest("audio_events"), key=lambda entry: str(entry["label"])):
        yield _clip({**entry, "language": "en"}, "events", entry["label"], "")


def _clip(entry: Mapping[str, Any], kind: str, corpus: str, reference: str) -> Clip:
    return Clip(entry["id"], kind, canonical(entry["language"]), corpus, SHARED_DATA / entry["file"], reference)


def _manifest(folder: str) -> list[dict[str, Any]]:
    lines = (SHARED_DATA / folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def _said(stm: Path) -> str:
    """The turns by the time at which they begin; where they overlap no order is right, and every system pays for it."""
    turns = [line.split(maxsplit=6) for line in stm.read_text(encoding="utf-8").splitlines() if line[:2] != ";;"]
    return " ".join(turn[6] for turn in sorted(turns, key=lambda turn: float(turn[3])))


class Listeners:
    """All systems, and the processor time that each took."""

    def __init__(self, peer: Peer, ours: Pipeline, floor: Pipeline) -> None:
        self._peer = peer
        self._ours = ours
        self._floor = floor
        self.spent: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
        """Seconds of processor time and of audio, per kind and system."""

    async def listen(self, corpus: Sequence[Clip]) -> list[Heard]:
        audio = [await decoded(clip.path) for clip in corpus]
        seconds = [chunks[-1].end_time for chunks in audio]
        texts: list[dict[str, str]] = [{} for _ in corpus]
        for system in SYSTEMS:
            chosen = [number for number, clip in enumerate(corpus) if system in clip.systems]
            before = cpu_seconds()
            found = await self._texts(system, [corpus[number] for number in chosen], [audio[n] for n in chosen])
            spent = self.spent[corpus[0].kind, system]
            spent[0] += cpu_seconds() - before
            spent[1] += sum(seconds[number] for number in chosen)
            for number, text in zip(chosen, found, strict=True):
                texts[number][system] = text
        return [Heard(*each) for each in zip(corpus, seconds, texts, strict=True)]

    async def _texts(self, system: str, corpus: Sequence[Clip], audio: Sequence[list[AudioChunk]]) -> list[str]:
        if system in ("peer", "batched"):
            return [self._of_peer(system, clip, chunks) for clip, chunks in zip(corpus, audio, strict=True)]
        pipeline = self._floor if system == "floor" else self._ours
        languages = [clip.language for clip in corpus]
        cores = len(os.sched_getaffinity(0))
        return await pipeline.texts(audio, languages, "live" if system == "live" else "whole", at_once=cores)

    def _of_peer(self, system: str, clip: Clip, chunks: Sequence[AudioChunk]) -> str:
        if system == "batched":
            return self._peer.batched(samples(chunks), clip.language)
        return self._peer.plain(samples(chunks), clip.language, voice_activity=clip.kind in ("longform", "events"))


def errors(heard: Sequence[Heard]) -> dict[str, Any]:
    """Errors over reference words (or characters), all clips together, of the systems that heard them all."""
    references = [comparable(one.clip.reference, one.clip.language) for one in heard]
    scores: dict[str, Any] = {
        "clips": len(heard),
        "seconds": round(sum(one.seconds for one in heard), 1),
        "words": sum(len(reference.split()) for reference in references),
    }
    for system in _common(heard):
        output = jiwer.process_words(references, [_text(one, system) for one in heard])
        scores[system] = {
            "wer": round(output.wer, 4),
            "substitutions": output.substitutions,
            "deletions": output.deletions,
            "insertions": output.insertions,
        }
    return scores


def _common(heard: Sequence[Heard]) -> list[str]:
    return [system for system in SYSTEMS if all(system in one.texts for one in heard)]


def _text(heard: Heard, system: str) -> str:
    return comparable(heard.texts[system], heard.clip.language)


def difference(heard: Sequence[Heard], system: str, other: str) -> dict[str, float]:
    """WER of ``system`` less that of ``other``, with the interval that 95 % of draws of as many clips fall into."""
    words = np.array([len(comparable(one.clip.reference, one.clip.language).split()) for one in heard])
    more = np.array([_errors(one, system) - _errors(one, other) for one in heard])
    draws = np.random.default_rng(SEED).integers(len(heard), size=(RESAMPLINGS, len(heard)))
    low, high = np.percentile(more[draws].sum(axis=1) / words[draws].sum(axis=1), [2.5, 97.5])
    return {"wer": _rounded(more.sum() / words.sum()), "low": _rounded(low), "high": _rounded(high)}


def _errors(heard: Heard, system: str) -> int:
    output = jiwer.process_words(comparable(heard.clip.reference, heard.clip.language), _text(heard, system))
    return output.substitutions + output.deletions + output.insertions


def _rounded(value: float) -> float:
    return round(float(value), 4)


def false_words(heard: Sequence[Heard]) -> dict[str, Any]:
    """Every word is one too many; "uh" as well."""
    seconds = sum(one.seconds for one in heard)
    counts = {system: sum(len(one.texts[system].split()) for one in heard) for system in _common(heard)}
    return {
        "clips": len(heard),
        "seconds": round(seconds, 1),
        "words": counts,
        "per_minute": {system: round(60 * count / seconds, 2) for system, count in counts.items()},
    }


def total(heard: Sequence[Heard]) -> dict[str, Any]:
    common = _common(heard)
    scores = errors(heard) | {"whole_less_peer": difference(heard, "whole", "peer")}
    return scores | ({"live_less_whole": difference(heard, "live", "whole")} if "live" in common else {})


def results(heard: Sequence[Heard], spent: Mapping[tuple[str, str], Sequence[float]]) -> dict[str, Any]:
    kinds = ("clips", "languages", "longform", "apart", "events")
    of = {kind: [one for one in heard if one.clip.kind == kind] for kind in kinds}
    by_word = [one for one in of["languages"] if one.clip.language not in BY_CHARACTER]
    return {
        "model": MODEL,
        "overall": {
            "clips": total(of["clips"]),
            "longform": total(of["longform"]),
            "languages": total(by_word),
            "all": total(of["clips"] + of["longform"] + by_word),
        },
        "corpora": {
            kind: {corpus: errors(list(group)) for corpus, group in groupby(of[kind], lambda one: one.clip.corpus)}
            for kind in ("clips", "longform", "apart", "languages")
        },
        "languages": {
            language: {"metric": "CER" if language in BY_CHARACTER else "WER", **errors(list(group))}
            for language, group in groupby(of["languages"], lambda one: one.clip.language)
        },
        "false_words": {
            "overall": false_words(of["events"]),
            "labels": {
                label: false_words(list(group)) for label, group in groupby(of["events"], lambda one: one.clip.corpus)
            },
        },
        "cpu_per_second": {
            kind: {
                system: round(cpu / seconds, 4)
                for (of_kind, system), (cpu, seconds) in spent.items()
                if of_kind == kind and seconds
            }
            for kind in kinds
        },
    }


def told(heard: Sequence[Heard]) -> str:
    name = f"{heard[0].clip.corpus:28} {len(heard):3} clips "
    if heard[0].clip.kind == "events":
        rates = false_words(heard)["per_minute"]
        return name + "false words a minute: " + "  ".join(f"{system} {rate}" for system, rate in rates.items())
    scores = errors(heard)
    return name + f"{scores['words']:5}  " + "  ".join(f"{it} {scores[it]['wer']:.3f}" for it in _common(heard))


def write_texts(path: Path, heard: Iterable[Heard]) -> None:
    """One JSON object per clip: what was said and what each system heard, made comparable."""
    with path.open("w", encoding="utf-8") as file:
        for one in heard:
            texts = {system: _text(one, system) for system in one.texts}
            reference = comparable(one.clip.reference, one.clip.language)
            line = {"id": one.clip.id, "corpus": one.clip.corpus, "reference": reference, **texts}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


async def main(texts: Path | None) -> None:
    heard: list[Heard] = []
    async with Pipeline(MODEL) as ours, Pipeline("pocketsphinx") as floor:
        listeners = Listeners(Peer(), ours, floor)
        for _, corpus in groupby(clips(), lambda clip: (clip.kind, clip.corpus)):
            heard += (new := await listeners.listen(list(corpus)))
            print(told(new), flush=True)
            if texts:
                write_texts(texts, heard)
    found = results(heard, listeners.spent)
    for name, scores in found["overall"].items():
        line = "  ".join(f"{system} {scores[system]['wer']:.4f}" for system in SYSTEMS if system in scores)
        print(f"{name}: {line}  whole less peer: {scores['whole_less_peer']}")
    print("false words a minute:", found["false_words"]["overall"]["per_minute"])
    print("processor time per second:", found["cpu_per_second"])
    print("record:", write_record("quality_asr", found))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=Path, help="also write what each system heard, one JSON object per clip")
    anyio.run(main, parser.parse_args().texts)
