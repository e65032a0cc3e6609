"""What teaching words does to recognition: rare words heard, words heard that nobody said, errors in all the others.

The recordings hold words that the language model does not know; these are taught, among a thousand others that are in
the dictionary, not in the model, and not said. Recordings without such words show what the thousand do by themselves.
Whole files, without the pipeline around them.

    .venv/bin/python bench/vocabulary.py [--others 977] [--boost 30] [--count 25]

Reads speech/ of the shared data (DRAGOMAN_SHARED_DATA) and prints; takes a minute and a half of processor time for each
of its two runs.
"""

import argparse
import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import av
import jiwer
import numpy as np
import pocketsphinx
from record import SHARED_DATA
from words import normalized

from dragoman.core.options import VocabularyItem
from dragoman.engines.adapters import pocketsphinx_decoder
from dragoman.engines.adapters.pocketsphinx_decoder import UtteranceDecoder

SEED = 1
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


def hear(decoder: UtteranceDecoder, file: str) -> list[str]:
    audio = pcm(file)
    decoder.decode(audio)
    return normalized(" ".join(word.content for word in decoder.words(0, len(audio) / 32_000))).split()


def measure(name: str, vocabulary: Sequence[str], selected: Sequence[Clip]) -> None:
    began = time.process_time()
    decoder = UtteranceDecoder(fwdflat=True, vocabulary=[VocabularyItem(word) for word in vocabulary])
    loaded = time.process_time() - began
    scores = {True: Score(), False: Score()}
    for clip in selected:
        scores[bool(clip.rare)].add(clip, hear(decoder, clip.file), set(vocabulary))
    print(f"{name}: {len(vocabulary)} words taught, {loaded:.2f} s of processor time to load")
    for rare, score in scores.items():
        print(f"  clips {'with' if rare else 'without'} rare words: {score}, WER {score.errors / score.words:.3f}")


def arguments() -> Any:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--others", type=int, default=977, help="taught words that nobody says")
    parser.add_argument("--boost", type=float, default=pocketsphinx_decoder._BOOST)  # noqa: SLF001  what is measured
    parser.add_argument("--count", type=int, default=25, help="clips, those with rare words first")
    return parser.parse_args()


def main() -> None:
    asked = arguments()
    known, rare = dictionary()
    selected = sorted(clips(known), key=lambda clip: not clip.rare)[: asked.count]
    pocketsphinx_decoder._BOOST = asked.boost  # noqa: SLF001  as above
    others = random.Random(SEED).sample(rare, asked.others)
    measure("before", (), selected)
    measure("taught", [*sorted({word for clip in selected for word in clip.rare}), *others], selected)


if __name__ == "__main__":
    main()
