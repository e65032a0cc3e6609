"""What a run says: the closed union of pipeline events.

Match on :data:`Event` with ``assert_never``, so that a new member fails type-checking in every place that has not yet
said what it does with it. The order within one run: :class:`RunStarted` first, :class:`RunEnded` last, finals in time
order and never overlapping, a translation after the transcript that it translates, speech after its translation.
"""

from dataclasses import dataclass

from dragoman.core.audio import AudioChunk
from dragoman.core.transcript import Sentence, SpokenSentence, Translation, Word


@dataclass(frozen=True, slots=True)
class RunStarted:
    """Engines are attached; audio may flow."""

    language: str
    """Source language in force."""
    engines: tuple[str, ...]
    """Names of the engines that do the work, each once."""


@dataclass(frozen=True, slots=True)
class PartialTranscript:
    """The best guess at what was spoken since the last final transcript; replaces the partial before it."""

    words: tuple[Word, ...]
    stable: int
    """So many of the first words are committed: no later partial of this utterance changes them."""
    start_time: float
    end_time: float
    """How far the audio was heard."""
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class FinalTranscript:
    """A sentence, or the part of one that became final by itself; never revised."""

    sentence: Sentence
    forced: bool = False
    """Whether it answers a :class:`~dragoman.core.controls.ForceEndOfUtterance`."""


@dataclass(frozen=True, slots=True)
class EndOfUtterance:
    """The speaker paused; every word before ``time`` is final."""

    time: float
    """Where speech ended, in seconds."""
    channel: str | None = None
    forced: bool = False
    """Whether it answers a :class:`~dragoman.core.controls.ForceEndOfUtterance`."""


@dataclass(frozen=True, slots=True)
class PartialTranslation:
    """The best guess at the translation of the unfinished sentence; replaces the one before it in its language."""

    translation: Translation


@dataclass(frozen=True, slots=True)
class FinalTranslation:
    """A sentence in one target language; never revised."""

    translation: Translation


@dataclass(frozen=True, slots=True)
class SynthesizedAudio:
    """A piece of translated speech; chunks of one language never overlap and come in order."""

    language: str
    audio: AudioChunk
    """On the time line of the translated track."""


@dataclass(frozen=True, slots=True)
class SentenceSpoken:
    """All audio of one translated sentence has been handed out."""

    spoken: SpokenSentence


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that the user should know and that does not end the run."""

    code: str
    message: str
    language: str | None = None
    """The target language that it concerns."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Everything before ``time`` has been recognised, or held no speech."""

    time: float
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class RunEnded:
    """The last event."""

    duration: float
    """Seconds of source audio heard."""


Event = (
    RunStarted
    | PartialTranscript
    | FinalTranscript
    | EndOfUtterance
    | PartialTranslation
    | FinalTranslation
    | SynthesizedAudio
    | SentenceSpoken
    | Notice
    | Progress
    | RunEnded
)
