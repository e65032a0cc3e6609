"""How loud words were spoken. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from math import log10, sqrt

import numpy as np
from numpy.typing import NDArray

from dragoman.core.audio import AudioChunk
from dragoman.core.transcript import Word

_Samples = NDArray[np.int16]
_PCM = np.dtype("<i2")
_FULL_SCALE = 32_768.0
_SILENCE = -60.0
"""dBFS that count as volume 0; 0 dBFS, a full-scale square wave, is 100. Speech lies between 40 and 80."""


def measured(words: Sequence[Word], audio: AudioChunk) -> tuple[Word, ...]:
    """The words with their volumes, 0 to 100: the mean power of their samples in ``audio``, in decibels."""
    samples = np.frombuffer(audio.pcm, _PCM)
    return tuple(replace(word, volume=_volume(_of(word, samples, audio))) for word in words)


def loud_enough(words: Sequence[Word], audio: AudioChunk, threshold: float | None) -> tuple[Word, ...]:
    """The words whose volume is at least ``threshold``; None leaves all as they are, unmeasured."""
    if threshold is None:
        return tuple(words)
    return tuple(word for word in measured(words, audio) if word.volume is not None and word.volume >= threshold)


def _of(word: Word, samples: _Samples, audio: AudioChunk) -> _Samples:
    first, last = (round((time - audio.start_time) * audio.sample_rate) for time in (word.start_time, word.end_time))
    return samples[max(0, first) : max(0, last)]


def _volume(samples: _Samples) -> float:
    power = float(np.mean(np.square(samples.astype(np.float64)))) if len(samples) else 0.0
    if power <= 0:
        return 0.0
    decibels = 20 * log10(sqrt(power) / _FULL_SCALE)
    return round(min(100.0, max(0.0, 100 * (1 - decibels / _SILENCE))), 1)
