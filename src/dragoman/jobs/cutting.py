"""Where a long recording is cut into parts: pure."""

from collections.abc import Sequence
from itertools import groupby
from typing import Final

from dragoman.core.audio import SAMPLE_WIDTH, SPEECH_RATE, AudioChunk

_WINDOW: Final = 60.0
"""Seconds at the end of a part in which a pause is looked for."""

_SILENCE: Final = 0.35
"""Probability of speech below which a frame is silence; that of the pipeline's segments."""


def best_cut(probabilities: Sequence[float]) -> int:
    """The frame before which to cut: the middle of the longest silence, of the last one where they are alike; where
    there is none, the frame that is least like speech."""
    silences: list[tuple[int, int]] = []
    first = 0
    for silent, frames in groupby(probability < _SILENCE for probability in probabilities):
        length = len(list(frames))
        if silent:
            silences.append((length, first))
        first += length
    if silences:
        length, first = max(silences)
        return first + (length + 1) // 2
    return min(range(len(probabilities)), key=lambda frame: (probabilities[frame], -frame), default=0)


class Cutter:
    """One channel: what was decoded of it and belongs to no part yet."""

    def __init__(self, longest: float) -> None:
        """``longest``: seconds of a part, at most."""
        self._longest = round(longest * SPEECH_RATE)
        self._pcm = bytearray()
        self._taken = 0
        """Samples in the parts before."""
        self._channel: str | None = None

    @property
    def full(self) -> bool:
        """Whether it has to be cut now."""
        return self._samples >= self._longest

    @property
    def window(self) -> AudioChunk:
        """The end of the longest part that can be made, in which to look for a pause."""
        first = max(0, self._longest - round(min(_WINDOW, self._longest / SPEECH_RATE / 2) * SPEECH_RATE))
        return self._chunk(first, min(self._longest, self._samples))

    def add(self, chunk: AudioChunk) -> None:
        self._channel = chunk.channel
        self._pcm += chunk.pcm

    def cut(self, time: float) -> AudioChunk:
        """The part up to a moment inside the window, in seconds of the recording."""
        return self._take(min(self._samples, max(1, round(time * SPEECH_RATE) - self._taken)))

    def rest(self) -> AudioChunk | None:
        """The last part."""
        return self._take(self._samples) if self._pcm else None

    @property
    def _samples(self) -> int:
        return len(self._pcm) // SAMPLE_WIDTH

    def _chunk(self, first: int, last: int) -> AudioChunk:
        pcm = bytes(memoryview(self._pcm)[first * SAMPLE_WIDTH : last * SAMPLE_WIDTH])
        return AudioChunk(pcm, SPEECH_RATE, (self._taken + first) / SPEECH_RATE, self._channel)

    def _take(self, samples: int) -> AudioChunk:
        part = self._chunk(0, samples)
        del self._pcm[: samples * SAMPLE_WIDTH]
        self._taken += samples
        return part
