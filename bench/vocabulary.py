"""What teaching words does to recognition: rare words heard, words heard that nobody said, errors in all the others.

The recordings hold words that the language model of pocketsphinx does not know; these are taught, among others that are
in its dictionary, not in the model, and not said. Recordings without such words show what the others do by themselves.
Whole files, without the pipeline around them.

    .venv/bin/python bench/vocabulary.py [--engine pocketsphinx|whisper] [--others N] [--boost 30] [--count 25]

Reads speech/ of the shared data (DRAGOMAN_SHARED_DATA) and prints; takes a minute and a half of processor time for each
of the two runs of pocketsphinx, 20 seconds for each of the four of Whisper.
"""

import argparse
import json
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import av
import jiwer
import numpy as np
import pocketsphinx
from record import SHARED_DATA
from words import normalized

from dragoman.core.audio import AudioChunk
from dragoman.core.options import VocabularyItem
from dragoman.engines.adapters import pocketsphinx_decoder, whisper
from dragoman.engines.adapters.pocketsphinx_decoder import UtteranceDecoder
from dragoman.engines.asr import Recognizer, RecognizerOptions

SEED = 1
OTHERS = {"pocketsphinx": 977, "whisper": 40}
"""Words that nobody says. Whisper takes 600 bytes of a vocabulary."""
APART = ("en_mfa_", "en_earnings22", "en_sonnet")
"""Deliberate stammering, and recordings of a minute."""


@dataclass(frozen=True)
class Clip:
    file: str
    said: list[str]
    rare: frozenset[str]
    """Words of it that the model does not know."""


@dataclass
class Score:
    words: int = 0
    errors: int = 0
    rare: int = 0
    found: int = 0
    false: int = 0
    """Taught words heard where they were not said."""

    def add(self, clip: Clip, heard: list[str], taught: set[str]) -> None:
        compared = jiwer.process_words(" ".join(clip.said), " ".join(heard) or "-")
        equal = [part for part in compared.alignments[0] if part.type == "equal"]
        right = [word for part in equal for word in clip.said[part.ref_start_idx : part.ref_end_idx]]
        self.words += len(clip.said)
        self.errors += compared.substitutions + compared.deletions + compared.insertions
        self.rare += sum(word in clip.rare for word in clip.said)
        self.found += sum(word in clip.rare for word in right)
        self.false += sum(word in taught for word in heard) - sum(word in taught for word in right)


def clips(known: set[str]) -> list[Clip]:
    found = []
    for line in (SHARED_DATA / "speech" / "manifest.jsonl").read_text().splitlines():
        entry = json.loads(line)
        if entry["language"] == "en" and not entry["id"].startswith(APART):
            said = normalized(entry["transcript"]).split()
            found.append(Clip(entry["file"], said, frozenset(said) - known))
    return found


def dictionary() -> tuple[set[str], list[str]]:
    """Words that the model knows, and words that stand in the dictionary only."""
    decoder = pocketsphinx.Decoder(pocketsphinx.Config(loglevel="FATAL"))
    model = decoder.get_lm()
    with open(decoder.config["dict"]) as lines:  # noqa: PTH123  the library's own path
        words = [line.split()[0] for line in lines]
    known = {word for word in words if decoder.logmath.exp(model.prob([word])) > 0}
    return known, [word for word in words if word.isalpha() and len(word) > 3 and word not in known]


def pcm(file: str) -> bytes:
    resampler = av.AudioResampler("s16", "mono", 16_000)
    with av.open(SHARED_DATA / file) as container:
        frames = [*container.decode(audio=0), None]
    return np.concatenate([out.to_ndarray() for frame in frames for out in resampler.resample(frame)], axis=1).tobytes()


Hear = Callable[[str], list[str]]
"""File to the words heard in it."""


def pocketsphinx_taught(vocabulary: Sequence[str]) -> Hear:
    began = time.process_time()
    decoder = UtteranceDecoder(fwdflat=True, vocabulary=[VocabularyItem(word) for word in vocabulary])
    print(f"loading takes {time.process_time() - began:.2f} s of processor time")

    def hear(file: str) -> list[str]:
        audio = pcm(file)
        decoder.decode(audio)
        return normalized(" ".join(word.content for word in decoder.words(0, len(audio) / 32_000))).split()

    return hear


def whisper_taught(recognizer: Recognizer, vocabulary: Sequence[str]) -> Hear:
    options = RecognizerOptions("en", tuple(VocabularyItem(word) for word in vocabulary))

    def hear(file: str) -> list[str]:
        found = recognizer.recognize(AudioChunk(pcm(file), 16_000, 0.0), options)
        return normalized(" ".join(word.content for word in found)).split()

    return hear


def measure(name: str, vocabulary: Sequence[str], selected: Sequence[Clip], hear: Hear) -> None:
    began = time.process_time()
    scores = {True: Score(), False: Score()}
    for clip in selected:
        scores[bool(clip.rare)].add(clip, hear(clip.file), set(vocabulary))
    print(f"{name}: {len(vocabulary)} words taught, {time.process_time() - began:.0f} s of processor time")
    for rare, score in scores.items():
        print(f"  clips {'with' if rare else 'without'} rare words: {score}, WER {score.errors / score.words:.3f}")


def arguments() -> Any:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--engine", choices=OTHERS, default="pocketsphinx")
    parser.add_argument("--others", type=int, help="taught words that nobody says")
    parser.add_argument("--boost", type=float, default=pocketsphinx_decoder._BOOST)  # noqa: SLF001  what is measured
    parser.add_argument("--count", type=int, default=25, help="clips, those with rare words first")
    return parser.parse_args()


def main() -> None:
    asked = arguments()
    known, rare = dictionary()
    selected = sorted(clips(known), key=lambda clip: not clip.rare)[: asked.count]
    pocketsphinx_decoder._BOOST = asked.boost  # noqa: SLF001  as above
    others = random.Random(SEED).sample(rare, OTHERS[asked.engine] if asked.others is None else asked.others)
    said = sorted({word for clip in selected for word in clip.rare})
    runs: dict[str, list[str]] = {"before": [], "taught": [*said, *others]}
    if asked.engine == "pocketsphinx":
        for name, taught in runs.items():
            measure(name, taught, selected, pocketsphinx_taught(taught))
        return
    recognizer = whisper.load("base")
    for name, taught in (runs | {"only what is said": said, "only what nobody says": others}).items():
        measure(name, taught, selected, whisper_taught(recognizer, taught))


if __name__ == "__main__":
    main()
