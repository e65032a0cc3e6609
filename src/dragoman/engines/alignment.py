"""Alignment: when the words of a given text are said.

A recording may be long, and its text need not be what is said in all of it. So there are two kinds of work: an
utterance is heard with the text in mind, and where that found words of the text, those between them are placed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from dragoman.core.audio import AudioChunk
from dragoman.core.transcript import Word
from dragoman.engines.info import EngineInfo

Span = tuple[float, float]
"""Start and end of a word, in seconds of the source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlignerInfo(EngineInfo):
    languages: tuple[str, ...]
    """Canonical tags."""
    sample_rate: int
    """Hertz that it listens at."""
    longest: float
    """Seconds of audio in which words are placed, at most."""


class Aligner(Protocol):
    """Audio and its text to times. Answers depend on nothing but the arguments, so that the utterances of a recording
    can be heard in any order, anywhere."""

    def hear(self, audio: AudioChunk, text: str, language: str) -> tuple[Word, ...]:
        """What is said in one utterance, of a recording in which most of ``text`` is said somewhere. Words of the text
        come written as they are there (words are what white space parts); what else is said may come as any word, or
        not at all."""
        ...

    def align(self, audio: AudioChunk, words: Sequence[str], language: str) -> tuple[Span | None, ...]:
        """When each of these words is said, in this order, in audio in which hardly anything else is; None for a word
        that cannot be placed, because nobody says it or because it cannot be said."""
        ...
