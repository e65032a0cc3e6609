"""What a face asks of the pipeline."""

from dataclasses import dataclass
from typing import Literal

Recognition = Literal["live", "whole"]
"""``live`` decodes as the audio arrives and shows partials; ``whole`` hears each utterance to its end first, which is
more accurate, and recognises several at once."""


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
    partials: bool = False
    """Whether :class:`~dragoman.core.events.PartialTranscript` is wanted (live recognition only)."""
    endpoint_silence: float = 0.4
    """Seconds without speech that end an utterance."""
    max_utterance: float = 20.0
    """Seconds after which an utterance is ended at its quietest late point, pause or not."""
    speed: float = 1.0
    """Speaking rate of a live run with no backlog; it is raised from there."""
    voices: tuple[tuple[str, str], ...] = ()
    """Voice to use per target language; unnamed languages get the engine's default."""
