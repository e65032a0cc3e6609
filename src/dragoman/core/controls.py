"""What travels into a run with the audio, in one order with it: the closed union of controls.

A control concerns the audio sent before it; nothing sent after it is touched.
"""

from dataclasses import dataclass

from dragoman.core.audio import AudioChunk


@dataclass(frozen=True, slots=True)
class ForceEndOfUtterance:
    """The speaker is known to have finished: what was heard becomes final now. Answered with a forced
    :class:`~dragoman.core.events.EndOfUtterance` even when nobody spoke."""

    channel: str | None = None
    timestamp: float | None = None
    """Seconds of audio that must have been heard first; None: all that was sent."""


@dataclass(frozen=True, slots=True)
class AudioStalled:
    """No audio has come for so long that what was heard should become final; the pipeline itself has no clock."""


@dataclass(frozen=True, slots=True)
class EndOfChannel:
    """No more audio of this channel comes."""

    channel: str


@dataclass(frozen=True, slots=True)
class Reconfigure:
    """New values for what may change during a run; the fields are those of
    :class:`~dragoman.core.options.RunOptions`."""

    partials: bool
    max_delay: float | None
    end_of_utterance: float | None
    volume_threshold: float | None


Control = ForceEndOfUtterance | AudioStalled | EndOfChannel | Reconfigure

Input = AudioChunk | Control
"""What a run takes."""
