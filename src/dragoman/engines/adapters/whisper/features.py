"""PCM to what the encoder takes: log-mel frames of 10 ms, no more of them than are worth their cost.

Upstream pads everything to 30 seconds. CTranslate2's encoder takes fewer frames, and its cost grows with them; with
less than 15 seconds the base model repeats itself (measured: docs/engines.md, "Recognition").
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dragoman.core.audio import SPEECH_RATE

Floats = NDArray[np.float32]

FRAMES_PER_SECOND: Final = 100
LONGEST: Final = 30.0
"""Seconds that Whisper hears at once."""

_MARGIN: Final = 2.0
"""Seconds of silence behind the audio: a decoder that runs into the end of its context drops the last word."""

_FULL_SCALE: Final = np.float32(32768)


def samples_of(pcm: bytes) -> Floats:
    """Convert 16-bit PCM to samples between -1 and 1."""
    return np.frombuffer(pcm, "<i2").astype(np.float32) / _FULL_SCALE


class LogMel:
    """The feature extractor of faster-whisper, with a context that is chosen per call."""

    def __init__(self, bands: int) -> None:
        from faster_whisper.feature_extractor import FeatureExtractor  # noqa: PLC0415  a third of a second

        self._bands = bands
        self._extract = FeatureExtractor(feature_size=bands)

    def batch(self, windows: Sequence[Floats], context: float) -> Floats:
        """Return (windows, bands, frames) for audio at 16 kHz: as many frames as the longest window needs, at least
        ``context`` seconds of them and at most 30. Zeros stand behind the audio."""
        seconds = max(len(samples) for samples in windows) / SPEECH_RATE
        frames = round(min(LONGEST, max(context, seconds + _MARGIN)) * FRAMES_PER_SECOND)
        batch = np.zeros((len(windows), self._bands, frames + frames % 2), np.float32)
        for row, samples in zip(batch, windows, strict=True):
            features: Floats = self._extract(samples)[:, :frames]
            row[:, : features.shape[1]] = features
        return batch
