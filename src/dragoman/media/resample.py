"""Changes the sample rate of a stream of chunks, on soxr.

soxr works in 32-bit floats here. Its 16-bit mode adds dither seeded from the clock: digital silence turns into
noise, and no two runs give the same samples.
"""

from typing import Literal

import numpy as np
import soxr

from dragoman.core.audio import SAMPLE_WIDTH, AudioChunk, join

Quality = Literal["QQ", "LQ", "MQ", "HQ", "VHQ"]
"""soxr's own names. HQ holds back 10 to 80 ms until flushed, LQ 3 to 18 ms, QQ at most 3 ms (and aliases audibly)."""

_PCM = np.dtype("<i2")
_LOWEST, _HIGHEST = -32_768, 32_767


class Resampler:
    """One stream of one channel, from one rate to another.

    What comes out lies on the time line of what went in: the first output sample has the time of the first input
    sample, and from there output samples are counted. soxr's delay only holds samples back, it moves none; after
    :meth:`flush` the output has ``round(input samples * target_rate / source_rate)`` samples, within one. How the
    input is cut into chunks changes nothing.
    """

    def __init__(self, source_rate: int, target_rate: int, *, quality: Quality = "HQ") -> None:
        self.source_rate = source_rate
        self.target_rate = target_rate
        self._soxr = (
            None
            if source_rate == target_rate
            else soxr.ResampleStream(source_rate, target_rate, 1, dtype="float32", quality=quality)
        )
        self._start_time: float | None = None
        self._channel: str | None = None
        self._produced = 0

    def accept(self, chunk: AudioChunk) -> AudioChunk:
        """What is ready after this chunk, often of another length and possibly empty."""
        if chunk.sample_rate != self.source_rate:
            raise ValueError(f"a chunk of {chunk.sample_rate} Hz came into a resampler from {self.source_rate} Hz")
        if self._start_time is None:
            self._start_time, self._channel = chunk.start_time, chunk.channel
        return self._place(self._convert(chunk.pcm, last=False))

    def flush(self) -> AudioChunk:
        """What soxr held back. The resampler is then ready for another stream."""
        rest = self._place(self._convert(b"", last=True))
        if self._soxr is not None:
            self._soxr.clear()
        self._start_time, self._channel, self._produced = None, None, 0
        return rest

    def _convert(self, pcm: bytes, *, last: bool) -> bytes:
        if self._soxr is None:
            return pcm
        samples = np.frombuffer(pcm, _PCM).astype(np.float32)
        converted = self._soxr.resample_chunk(samples, last)
        rounded: bytes = np.clip(np.rint(converted), _LOWEST, _HIGHEST).astype(_PCM).tobytes()
        return rounded

    def _place(self, pcm: bytes) -> AudioChunk:
        start = (self._start_time or 0.0) + self._produced / self.target_rate
        self._produced += len(pcm) // SAMPLE_WIDTH
        return AudioChunk(pcm, self.target_rate, start, self._channel)


def resampled(audio: AudioChunk, rate: int) -> AudioChunk:
    """All of it at another rate, in hertz."""
    resampler = Resampler(audio.sample_rate, rate)
    return join([resampler.accept(audio), resampler.flush()])
