"""Where in a window somebody makes a sound: energy, enough to keep word times out of silence.

The pipeline has cut the audio by voice activity already; inside an utterance only short pauses are left.
"""

from typing import Final

import numpy as np

from dragoman.core.audio import SPEECH_RATE
from dragoman.engines.adapters.whisper.features import Floats

_FRAME: Final = SPEECH_RATE // 100
"""Samples in 10 ms."""
_BELOW_PEAK: Final = 28.0
"""Decibels below the loud frames (95th percentile) under which a frame counts as silent."""
_ABOVE_FLOOR: Final = 8.0
"""Decibels above the quiet frames (5th percentile) that a sound needs."""
_DIGITAL_SILENCE: Final = -95.0
"""Decibels of full scale below which there is no recording: zeros that were put between utterances tell nothing of
its noise."""
_SMOOTH: Final = 3
"""Frames averaged: a click is no speech."""


class Sound:
    """Loudness of one window, in frames of 10 ms."""

    def __init__(self, samples: Floats) -> None:
        whole = len(samples) // _FRAME * _FRAME
        frames = samples[:whole].reshape(-1, _FRAME)
        power = np.square(frames).mean(axis=1) if len(frames) else np.zeros(1, np.float32)
        power = np.convolve(power, np.full(_SMOOTH, 1 / _SMOOTH), mode="same")
        level = 10 * np.log10(power + 1e-10)
        recorded = level[level > _DIGITAL_SILENCE]
        low, high = np.percentile(recorded if len(recorded) else level, [5, 95])
        threshold = max(high - _BELOW_PEAK, min(low + _ABOVE_FLOOR, high - _ABOVE_FLOOR))
        self._loud = np.flatnonzero(level >= threshold) / 100

    def within(self, start: float, end: float) -> tuple[float, float] | None:
        """Return the first and last sound between two times, in seconds of the window; None when it is silent."""
        first, last = np.searchsorted(self._loud, [start, end])
        if first == last:
            return None
        return float(self._loud[first]), float(self._loud[last - 1]) + 0.01

    def share(self, start: float, end: float) -> float:
        """Return the share of the time between two times in which there is sound."""
        first, last = np.searchsorted(self._loud, [start, end])
        return float(last - first) / max(1.0, (end - start) * 100)
