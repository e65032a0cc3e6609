"""What recognising hands to composing."""

from dataclasses import dataclass

from dragoman.core.controls import AudioStalled, Reconfigure
from dragoman.core.transcript import Word
from dragoman.pipeline.segment import Quiet


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What is being said, as far as one can tell; replaces the one before, and is replaced by the next utterance."""

    words: tuple[Word, ...]
    stable: int
    """So many of the first words are committed."""
    end_time: float
    """How far the audio was heard."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """What was said between two silences, or the next part of it; no words when it was no speech."""

    words: tuple[Word, ...]
    end_time: float
    """Everything before is recognised."""
    ended: bool = True
    """False when speech goes on, and only the delay allowed made this part final."""
    forced: bool = False
    """Whether it was ended by a :class:`~dragoman.core.controls.ForceEndOfUtterance`."""
    following: Word | None = None
    """Behind a part, the tentative word that comes next; without content when there is only silence yet."""


Heard = Hypothesis | Utterance | Quiet | AudioStalled | Reconfigure
