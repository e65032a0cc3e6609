"""Lays decoded blocks on one time line, mixed or split, at the wanted rate."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from dragoman.core.audio import SAMPLE_WIDTH, AudioChunk
from dragoman.core.errors import MediaLimitExceeded
from dragoman.media.container import Block
from dragoman.media.resample import Resampler

PIECE = 0.5
"""Seconds of sound that leave at a time: small against a sentence, large against the cost of handing it over."""

_SHORTEST_GAP = 0.1
"""Seconds; containers round their time stamps, and a hole smaller than this may be rounding."""

_LONGEST_GAP = 600.0
"""Seconds; a larger jump is a broken clock and no pause, and is not followed."""


class Track:
    """Turns blocks into pieces of PCM, ``(channel index, pcm)``, the channels taking turns.

    Holes between the blocks' time stamps (lost packets, a sound track that starts after the picture) become silence,
    so that a second of output is a second of the recording.
    """

    def __init__(self, channels: int, sample_rate: int, *, split: bool, longest: float) -> None:
        self._channels = channels if split else 1
        self._sample_rate = sample_rate
        self._longest = longest
        self._clock_shift = 0.0
        self._source_rate = sample_rate
        self._rate_since = 0.0
        self._samples_since = 0
        self._resamplers: list[Resampler] = []
        self._ready = [bytearray() for _ in range(self._channels)]

    @property
    def position(self) -> float:
        """Seconds laid down so far, counted in samples since the last change of rate."""
        return self._rate_since + self._samples_since / self._source_rate

    def lay(self, block: Block) -> Iterator[tuple[int, bytes]]:
        for silence in self._silence_before(block):
            yield from self._append(silence, block.sample_rate)
        yield from self._append(_arrange(block.samples, self._channels), block.sample_rate)

    def drain(self) -> Iterator[tuple[int, bytes]]:
        """What is ready now, also when it is less than a piece."""
        yield from self._take(1)

    def finish(self) -> Iterator[tuple[int, bytes]]:
        """The rest, the last piece shorter than the others."""
        self._flush_resamplers()
        yield from self.drain()

    def _silence_before(self, block: Block) -> Iterator[NDArray[np.int16]]:
        if block.time is None:
            return
        gap = block.time - self._clock_shift - self.position
        if abs(gap) > _LONGEST_GAP:
            self._clock_shift += gap
        elif gap > _SHORTEST_GAP:
            missing = round(gap * block.sample_rate)
            step = round(PIECE * block.sample_rate)
            for start in range(0, missing, step):
                yield np.zeros((self._channels, min(step, missing - start)), np.int16)

    def _append(self, samples: NDArray[np.int16], sample_rate: int) -> Iterator[tuple[int, bytes]]:
        if sample_rate != self._source_rate or not self._resamplers:
            self._change_rate(sample_rate)
        for resampler, ready, channel in zip(self._resamplers, self._ready, samples, strict=True):
            ready.extend(resampler.accept(AudioChunk(channel.tobytes(), sample_rate)).pcm)
        self._samples_since += samples.shape[1]
        if self.position > self._longest:
            raise MediaLimitExceeded(
                f"it is longer than the limit of {self._longest:.0f} s of sound", remedy="Cut it, or raise the limit"
            )
        yield from self._take(round(PIECE * self._sample_rate))

    def _change_rate(self, sample_rate: int) -> None:
        self._flush_resamplers()
        self._rate_since, self._samples_since, self._source_rate = self.position, 0, sample_rate
        self._resamplers = [Resampler(sample_rate, self._sample_rate) for _ in range(self._channels)]

    def _flush_resamplers(self) -> None:
        for resampler, ready in zip(self._resamplers, self._ready, strict=False):
            ready.extend(resampler.flush().pcm)

    def _take(self, least: int) -> Iterator[tuple[int, bytes]]:
        """Pieces of ``PIECE`` seconds, as long as at least ``least`` samples are ready."""
        size = round(PIECE * self._sample_rate) * SAMPLE_WIDTH
        while len(self._ready[0]) >= least * SAMPLE_WIDTH:
            for index, ready in enumerate(self._ready):
                yield index, bytes(ready[:size])
                del ready[:size]


def _arrange(samples: NDArray[np.int16], channels: int) -> NDArray[np.int16]:
    """As many channels as the track has: kept where the number fits, else their mean on each.

    A single channel passes untouched. A file may change its number of channels on the way.
    """
    if samples.shape[0] == channels:
        return samples
    mean = np.rint(samples.mean(axis=0)).astype(np.int16)
    return np.broadcast_to(mean, (channels, mean.size))
