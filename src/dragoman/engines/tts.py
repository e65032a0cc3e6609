"""Speech synthesis."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from dragoman.core.audio import AudioChunk
from dragoman.core.quality import Figure
from dragoman.engines.info import EngineInfo


@dataclass(frozen=True, slots=True)
class Voice:
    """One voice of an engine."""

    name: str
    language: str
    """Canonical tag."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SynthesizerInfo(EngineInfo):
    voices: tuple[Voice, ...]
    """For each language, the default one first."""
    sample_rate: int
    """Hertz that it speaks at."""
    max_rate: float
    """Fastest speaking rate that it understands, relative to the voice's own."""
    cost: float = 0.0
    """CPU seconds on one thread per second of speech, measured on x86-64 with AVX2 or better; 0: next to nothing."""
    figures: Mapping[str, Figure] = field(default_factory=dict)
    """Share of the words that a recognizer mishears, per language of ``voices``, where it was measured."""


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """Where in the audio a word of the text is spoken."""

    content: str
    start_time: float
    """Seconds from the beginning of the synthesized audio."""


@dataclass(frozen=True, slots=True)
class SpeechChunk:
    """Consecutive audio, and the words that begin in it."""

    audio: AudioChunk
    """``start_time`` counts from the beginning of the synthesized audio."""
    words: tuple[SpokenWord, ...] = ()


class Synthesizer(Protocol):
    """Text to speech."""

    def prepare(self, voice: str) -> None:
        """Loads what a voice needs, so that the first sentence of a live run does not wait for it."""
        ...

    def synthesize(self, text: str, voice: str, rate: float = 1.0) -> Iterator[SpeechChunk]:
        """Speaks ``text`` with one of the engine's voices, at ``rate`` times the voice's own pace, in chunks as they
        are made."""
        ...
