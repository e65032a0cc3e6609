"""Whether the confidence of words is the share that is right, and whether their times are when they are said.

- Confidence: all clips of speech/ without the deliberate stammering, whole, through the pipeline. A word is right where
  the alignment with the reference says so. Printed: bins, expected calibration error (ten bins), area under the ROC
  curve, and the logistic correction that would still be needed (0 and 1 where none is).
- Times: the turns of longform/talk_en and short English clips, each behind a second of silence. The first start and the
  last end are held against Silero's edges of speech (frames of 32 ms), the times between against the pocketsphinx
  aligner, which knows the text.

    .venv/bin/python bench/word_quality.py

Reads the shared data (DRAGOMAN_SHARED_DATA) and prints. Takes four minutes of processor time.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import anyio
import jiwer
import numpy as np
from asr_systems import MODEL, Pipeline, decoded
from record import SHARED_DATA
from words import comparable

from dragoman.core.audio import SPEECH_RATE, AudioChunk, join, silence
from dragoman.core.language import canonical
from dragoman.core.transcript import Word
from dragoman.engines import registry

SHORT = 20.0
"""Seconds of the longest clip whose times are looked at."""
TIMED = ("ljspeech", "pocketsphinx-librivox", "librispeech-test-other", "fleurs")
BINS = 10

Row = tuple[float, bool]
"""Confidence of a word, and whether it is right."""


def manifest(folder: str) -> list[dict[str, Any]]:
    lines = (SHARED_DATA / folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def matched(reference: str, words: Sequence[Word], language: str) -> Iterator[tuple[int, int]]:
    """Yield the numbers of reference words (or characters) with those of the heard words that equal them."""
    heard = [(number, part) for number, word in enumerate(words) for part in comparable(word.content, language).split()]
    if not heard:
        return
    output = jiwer.process_words(reference, " ".join(part for _, part in heard))
    for chunk in output.alignments[0]:
        if chunk.type == "equal":
            for said, here in zip(
                range(chunk.ref_start_idx, chunk.ref_end_idx),
                range(chunk.hyp_start_idx, chunk.hyp_end_idx),
                strict=True,
            ):
                yield said, heard[here][0]


def judged(reference: str, words: Sequence[Word], language: str) -> list[Row]:
    parts = [len(comparable(word.content, language).split()) for word in words]
    right = [number for _, number in matched(reference, words, language)]
    return [
        (word.confidence, right.count(number) == count)
        for number, (word, count) in enumerate(zip(words, parts, strict=True))
        if count
    ]


async def confidence(pipeline: Pipeline) -> None:
    rows: dict[str, list[Row]] = {"English": [], "other languages": []}
    for entry in manifest("speech"):
        if not entry["id"].startswith("en_mfa_"):
            language = canonical(entry["language"])
            (words,) = await pipeline.words(
                [await decoded(SHARED_DATA / entry["file"])], [language], "whole", at_once=1
            )
            group = "English" if language == "en" else "other languages"
            rows[group] += judged(comparable(entry["transcript"], language), words, language)
    for name, some in (rows | {"all": rows["English"] + rows["other languages"]}).items():
        print(f"{name}: {calibration(some)}")
    print_bins(rows["English"] + rows["other languages"])


def calibration(rows: Sequence[Row]) -> str:
    given, right = (np.array(column, float) for column in zip(*rows, strict=True))
    error = sum(abs(given[some].mean() - right[some].mean()) * some.mean() for some in _bins(given))
    offset, slope = correction(given, right)
    return (
        f"{len(rows)} words, {right.mean():.3f} right, calibration error {error:.4f}, AUC {area(given, right):.3f}, "
        f"correction {offset:+.2f} {slope:.2f}"
    )


def print_bins(rows: Sequence[Row]) -> None:
    given, right = (np.array(column, float) for column in zip(*rows, strict=True))
    for some in _bins(given):
        print(f"  {int(some.sum()):5} words  confidence {given[some].mean():.3f}  right {right[some].mean():.3f}")


def _bins(given: np.ndarray) -> list[np.ndarray]:
    numbers = np.minimum((given * BINS).astype(int), BINS - 1)
    return [numbers == number for number in range(BINS) if (numbers == number).any()]


def area(given: np.ndarray, right: np.ndarray) -> float:
    """Return the probability that a right word has a higher confidence than a wrong one."""
    above, below = given[right == 1][:, None], given[right == 0][None, :]
    return float((above > below).mean() + (above == below).mean() / 2)


def correction(given: np.ndarray, right: np.ndarray) -> tuple[float, float]:
    """Fit log-odds of being right as a line over those of the confidence (Newton's method)."""
    bounded = np.clip(given, 0.005, 0.995)
    known = np.stack([np.ones(len(given)), np.log(bounded / (1 - bounded))], axis=1)
    line = np.array([0.0, 1.0])
    for _ in range(50):
        expected = 1 / (1 + np.exp(-known @ line))
        curvature = (known * (expected * (1 - expected))[:, None]).T @ known
        line += np.linalg.solve(curvature + 1e-9 * np.eye(2), known.T @ (right - expected))
    return float(line[0]), float(line[1])


async def times(pipeline: Pipeline) -> None:
    for name, clips in (("turns of talk_en", turns()), ("clips", short_clips())):
        errors: dict[str, list[float]] = {"first start": [], "last end": [], "inner start": [], "inner end": []}
        for audio, text in [clip async for clip in clips]:
            (words,) = await pipeline.words([[audio]], ["en"], "whole", at_once=1)
            add_errors(errors, audio, comparable(text, "en"), words)
        print(name)
        for edge, some in errors.items():
            print(f"  {edge}: {spread(some)}")


async def turns() -> Any:
    (talk,) = [entry for entry in manifest("longform") if entry["id"] == "talk_en"]
    whole = join(await decoded(SHARED_DATA / talk["file"]))
    for turn in talk["turns"]:
        yield (
            behind_silence(whole.slice(*(round(turn[edge] * SPEECH_RATE) for edge in ("clip_start", "clip_end")))),
            turn["text"],
        )


async def short_clips() -> Any:
    for entry in manifest("speech"):
        if entry["language"] == "en" and entry["corpus"] in TIMED and entry["duration_s"] < SHORT:
            yield behind_silence(join(await decoded(SHARED_DATA / entry["file"]))), entry["transcript"]


def behind_silence(audio: AudioChunk) -> AudioChunk:
    pcm = silence(1.0, SPEECH_RATE).pcm + audio.pcm + silence(0.75, SPEECH_RATE).pcm
    return AudioChunk(pcm, SPEECH_RATE, 0.0)


def add_errors(errors: Mapping[str, list[float]], audio: AudioChunk, text: str, words: Sequence[Word]) -> None:
    spans = ALIGNER.align(audio, text.split(), "en")
    begin, end = edges(audio)
    last = len(spans) - 1
    for said, number in matched(text, words, "en"):
        word, span = words[number], spans[said]
        if said == 0:
            errors["first start"].append(word.start_time - begin)
        elif span:
            errors["inner start"].append(word.start_time - span[0])
        if said == last:
            errors["last end"].append(word.end_time - end)
        elif span:
            errors["inner end"].append(word.end_time - span[1])


def edges(audio: AudioChunk) -> tuple[float, float]:
    frame = SILERO.describe().frame_samples / SPEECH_RATE
    speech = np.flatnonzero(np.array(SILERO.load().open_stream().accept(audio)) >= 0.5)
    return float(speech[0]) * frame, float(speech[-1] + 1) * frame


def spread(errors: Sequence[float]) -> str:
    sizes = np.abs(errors)
    return (
        f"{len(sizes)} words, median {np.median(errors):+.3f} s; off by {np.median(sizes):.3f} (median), "
        f"{np.percentile(sizes, 90):.3f} (90 %), {sizes.max():.2f} (most)"
    )


async def main() -> None:
    async with Pipeline(MODEL) as pipeline:
        await times(pipeline)
        await confidence(pipeline)


SILERO: Any = registry.find(registry.VOICE_ACTIVITY, "silero").plugin()
ALIGNER: Any = registry.find(registry.ALIGNERS, "pocketsphinx").plugin().load()

if __name__ == "__main__":
    anyio.run(main)
