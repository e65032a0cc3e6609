"""Audio as it travels: 16-bit PCM that knows its rate and its place on the source's time line."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

SAMPLE_WIDTH = 2
"""Bytes in one sample of signed 16-bit little-endian PCM, the only encoding inside."""

SPEECH_RATE = 16_000
"""Hertz at which the pipeline listens; what voice activity and recognition engines are trained on."""

OUTPUT_RATE = 24_000
"""Hertz of translated speech on every wire and in every file."""


@dataclass(frozen=True, slots=True)
class AudioChunk:
    """Consecutive samples of one channel."""

    pcm: bytes
    """Signed 16-bit little-endian mono."""
    sample_rate: int
    """Hertz"""
    start_time: float = 0.0
    """Seconds on the time line of the source (or, for synthesized speech, of the track)."""
    channel: str | None = None
    """Label of the channel when channels are kept apart."""

    @property
    def samples(self) -> int:
        return len(self.pcm) // SAMPLE_WIDTH

    @property
    def duration(self) -> float:
        """Seconds"""
        return self.samples / self.sample_rate

    @property
    def end_time(self) -> float:
        """Seconds"""
        return self.start_time + self.duration

    def slice(self, first: int, last: int) -> "AudioChunk":
        """Samples ``first`` to ``last`` (exclusive), placed on the same time line."""
        return replace(
            self,
            pcm=self.pcm[first * SAMPLE_WIDTH : last * SAMPLE_WIDTH],
            start_time=self.start_time + first / self.sample_rate,
        )


def join(chunks: Iterable[AudioChunk]) -> AudioChunk:
    """Glues consecutive chunks of one channel into one. Raises ValueError when there is none."""
    parts = list(chunks)
    if not parts:
        raise ValueError("no chunk to join")
    return replace(parts[0], pcm=b"".join(part.pcm for part in parts))


def silence(seconds: float, sample_rate: int, start_time: float = 0.0) -> AudioChunk:
    """Digital silence, to the nearest sample."""
    return AudioChunk(bytes(round(seconds * sample_rate) * SAMPLE_WIDTH), sample_rate, start_time)
