"""Voice activity: is somebody speaking?"""

from dataclasses import dataclass
from typing import Protocol

from dragoman.core.audio import AudioChunk
from dragoman.engines.info import EngineInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceActivityInfo(EngineInfo):
    sample_rate: int
    """Hertz that it listens at."""
    frame_samples: int
    """Samples judged at a time."""


class VoiceActivityStream(Protocol):
    """Voice activity of one stream of audio."""

    def accept(self, audio: AudioChunk) -> tuple[float, ...]:
        """Speech probability of each frame completed by these samples; the remainder is kept for the next call."""
        ...


class VoiceActivityDetector(Protocol):
    def open_stream(self) -> VoiceActivityStream: ...
