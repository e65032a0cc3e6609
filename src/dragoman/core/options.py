"""What a face asks of the pipeline."""

from dataclasses import dataclass, field
from typing import Literal

Recognition = Literal["live", "whole"]
"""``live`` decodes as the audio arrives and shows partials; ``whole`` hears each utterance to its end first, which is
more accurate, and recognises several at once."""


@dataclass(frozen=True, slots=True)
class VocabularyItem:
    """A word or phrase that the recogniser should know."""

    content: str
    """As it is to be written."""
    sounds_like: tuple[str, ...] = ()
    """Other spellings that sound like it."""


@dataclass(frozen=True, slots=True)
class Replacement:
    """What is written in place of a word."""

    pattern: str
    """The word itself, case and all; or a regular expression."""
    content: str
    """``$1`` stands for a regular expression's first group."""
    is_regex: bool = False


@dataclass(frozen=True, slots=True)
class WritingOptions:
    """How what was heard is written."""

    permitted_marks: tuple[str, ...] | None = None
    """Punctuation marks that may appear; None: all, empty: none."""
    sensitivity: float = 0.5
    """How readily marks are set, 0 to 1."""
    remove_disfluencies: bool = False
    replacements: tuple[Replacement, ...] = ()
    """The first that matches a word wins; plain ones stand before regular expressions."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """One run: one source language, any number of targets."""

    source: str
    """Canonical tag of the language spoken."""
    targets: tuple[str, ...] = ()
    """Canonical tags to translate to."""
    speak: tuple[str, ...] = ()
    """Those of ``targets`` that are spoken as well."""
    recognition: Recognition = "whole"
    enhanced: bool = False
    """Whether the most accurate installed recognizer is wanted, however slow; else the usual one."""
    partials: bool = False
    """Whether :class:`~dragoman.core.events.PartialTranscript` is wanted (live recognition only)."""
    partial_translations: bool = False
    """Whether :class:`~dragoman.core.events.PartialTranslation` is wanted (live recognition only)."""
    max_delay: float | None = None
    """Seconds from the end of a word to its final transcript at most (live recognition only); None: finals come when
    the utterance ends."""
    end_of_utterance: float | None = None
    """Seconds of silence after which :class:`~dragoman.core.events.EndOfUtterance` is said; None: with the final
    transcript of each utterance."""
    channels: tuple[str | None, ...] = (None,)
    """Labels of the channels that are heard apart, each by itself."""
    vocabulary: tuple[VocabularyItem, ...] = ()
    writing: WritingOptions = field(default_factory=WritingOptions)
    volume_threshold: float | None = None
    """Words quieter than this, 0 to 100, are left out; None: volume is not measured."""
    endpoint_silence: float = 0.4
    """Seconds without speech that end an utterance."""
    max_utterance: float = 20.0
    """Seconds after which an utterance is ended at its quietest late point, pause or not."""
    speed: float = 1.0
    """Speaking rate of a live run with no backlog; it is raised from there."""
    voices: tuple[tuple[str, str], ...] = ()
    """Voice to use per target language; unnamed languages get the engine's default."""


@dataclass(frozen=True, slots=True)
class Fetch:
    """Where a recording, or its text, is to be had."""

    url: str
    auth_headers: tuple[str, ...] = ()
    """``Name: value`` each; sent to the URL's own host only."""
    what: Literal["audio", "text"] = "audio"


@dataclass(frozen=True, slots=True)
class Notification:
    """Whom to tell that a job is over, and what."""

    url: str
    contents: tuple[str, ...] | None = None
    """Names of documents, none for an empty body; None: the transcript as an attachment."""
    method: Literal["post", "put"] = "post"
    auth_headers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shortfall:
    """What a job asks for and does not get; the rest is done all the same."""

    feature: str
    """Such as ``translation``."""
    kind: str
    """Such as ``unsupported_translation_pair``."""
    message: str
    language: str | None = None
    """The target that it concerns, as the client wrote it."""


@dataclass(frozen=True, slots=True)
class JobOptions:
    """What a batch job does; stored with it, so that any process can."""

    run: RunOptions
    """Channels that are heard apart are named in their order in the recording; it may have more, which are called
    ``channel_2`` and so on by their number. Targets that cannot be translated to are left out, and are shortfalls."""
    fetch: Fetch | None = None
    """None: the recording was uploaded."""
    notifications: tuple[Notification, ...] = ()
    shortfalls: tuple[Shortfall, ...] = ()
    """Known when the job was made."""
    fetch_text: Fetch | None = None
    """None: the text to align was uploaded, or there is none."""
