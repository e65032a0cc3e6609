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
    predicts_duration: bool = False
    """Whether it has :meth:`PredictingSynthesizer.duration`."""


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
        """Load what a voice needs, so that the first sentence of a live run does not wait for it."""
        ...

    def synthesize(self, text: str, voice: str, rate: float = 1.0) -> Iterator[SpeechChunk]:
        """Speak ``text`` with one of the engine's voices, at ``rate`` times the voice's own pace, in chunks as they
        are made.

        The iterator may have a ``close`` that another thread may call while the next chunk is being made; then it ends
        that work. Text in which nothing can be said gives no chunk."""
        ...


class PredictingSynthesizer(Synthesizer, Protocol):
    """A synthesizer whose info has :attr:`SynthesizerInfo.predicts_duration`."""

    def duration(self, text: str, voice: str, rate: float = 1.0) -> float | None:
        """Seconds that :meth:`synthesize` would speak for, found without making the speech; None if this voice cannot
        tell."""
        ...
