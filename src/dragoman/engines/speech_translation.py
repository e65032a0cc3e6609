"""Speech translation: audio to text in another language in one step, for languages without a translator."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from dragoman.core.audio import AudioChunk
from dragoman.core.quality import Figure
from dragoman.engines.info import EngineInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechTranslatorInfo(EngineInfo):
    pairs: tuple[tuple[str, str], ...]
    """(spoken language, language of the text), canonical tags."""
    sample_rate: int
    """Hertz that it listens at."""
    longest: float
    """Seconds of audio that one call translates, at most."""
    figures: Mapping[tuple[str, str], Figure] = field(default_factory=dict)
    """chrF per pair, where it was measured."""


class SpeechTranslator(Protocol):
    """Audio of one sentence to its translation."""

    def prepare(self, source: str, target: str) -> None:
        """Load what a pair needs, so that the first sentence of a live run does not wait for it."""
        ...

    def translate_speech(self, audio: AudioChunk, source: str, target: str) -> str:
        """Translate what is said in ``audio``. Returns an empty string when nothing is said."""
        ...
