"""Speech recognition."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from dragoman.core.audio import AudioChunk
from dragoman.core.options import VocabularyItem
from dragoman.core.quality import Figure
from dragoman.core.transcript import Word
from dragoman.engines.info import EngineInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognizerInfo(EngineInfo):
    languages: tuple[str, ...]
    """Canonical tags."""
    sample_rate: int
    """Hertz that it listens at."""
    streaming: bool
    punctuated: bool
    """Whether words come cased and with their punctuation; otherwise ``text`` adds both."""
    unstable_words: int = 0
    """So many of a live hypothesis' last words are usually still revised."""
    least_delay: float = 0.0
    """Seconds that live words must wait at least to be recognised well. A shorter ``max_delay`` is taken for this."""
    vocabulary: bool = False
    """Whether it can be taught words (:attr:`RecognizerOptions.vocabulary`)."""
    window: float = 0.0
    """Seconds of audio that one call recognises best. Consecutive utterances of a recording are packed up to it and
    given to :meth:`PackingRecognizer.recognize_packed`; 0: one utterance a call."""
    accuracy: int = 0
    """Preference where the most accurate engine is asked for (:attr:`RunOptions.enhanced`); higher comes first, equal
    ones by rank."""
    figures: Mapping[str, Figure] = field(default_factory=dict)
    """Word or character error rate per language of ``languages``, where it was measured."""


@dataclass(frozen=True, slots=True)
class RecognizerOptions:
    language: str
    """Canonical tag."""
    vocabulary: tuple[VocabularyItem, ...] = ()
    """Words to know; an engine that can't be taught leaves them aside."""
    partials: bool = True
    """Whether live hypotheses are shown. Where they are not, an engine may make fewer of them."""
    max_delay: float | None = None
    """Seconds after which live words are wanted at the latest; an engine that holds audio back may hold back less."""


class RecognizerStream(Protocol):
    """Live recognition for one session, utterance after utterance; what it learns of the voice it keeps."""

    def accept(self, audio: AudioChunk) -> tuple[Word, ...]:
        """Hears the next samples of the open utterance (the first opens it). Returns the best hypothesis of the
        whole utterance so far, in the source's time."""
        ...

    def finish(self) -> tuple[Word, ...]:
        """Ends the utterance. Returns its final words; empty when nothing was said."""
        ...


class Recognizer(Protocol):
    """Audio to words."""

    def recognize(self, audio: AudioChunk, options: RecognizerOptions) -> tuple[Word, ...]:
        """Hears one whole utterance (``audio.start_time`` is where it begins in the source). The answer depends on
        nothing but the arguments, so that utterances can be recognised in any order, anywhere."""
        ...

    def open_stream(self, options: RecognizerOptions) -> RecognizerStream: ...


class PackingRecognizer(Recognizer, Protocol):
    """A recognizer whose cost is per window and not per second: several utterances share one."""

    def recognize_packed(self, utterances: Sequence[AudioChunk], options: RecognizerOptions) -> list[tuple[Word, ...]]:
        """Recognise consecutive utterances, ``window`` seconds of audio at most. Returns the words of each."""
        ...
