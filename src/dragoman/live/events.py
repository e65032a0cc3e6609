"""What a live session says to its face: the closed union of its own events and those of its run.

Order: :class:`Initializing`, :class:`Attached`, :class:`Listening`, then events of the run, at most one
:class:`Exhausted`, and :class:`Closed` exactly once and last. A session that ends before :class:`Listening` says
:class:`Refused` instead of what would have come, and nothing more; it costs nothing.
"""

from dataclasses import dataclass
from typing import Literal

from dragoman.core.errors import DragomanError
from dragoman.core.events import Event

CloseReason = Literal[
    "stopped", "exhausted", "disconnected", "idle", "too_long", "revoked", "failed", "shutdown", "stalled"
]


@dataclass(frozen=True, slots=True)
class Initializing:
    """The start was received."""


@dataclass(frozen=True, slots=True)
class Attached:
    """Tokens are held and the engines are there."""

    source: str
    targets: tuple[str, ...]
    engines: tuple[str, ...]
    spoken: tuple[str, ...]
    """Those of the targets that are spoken; the others are written only."""


@dataclass(frozen=True, slots=True)
class Listening:
    """Audio may flow, and the meter runs."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The session did not start."""

    error: DragomanError


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something went wrong; the session goes on unless :class:`Closed` follows."""

    error: DragomanError


@dataclass(frozen=True, slots=True)
class TimeShort:
    """A limit comes near."""

    limit: Literal["idle", "session"]
    left: float
    """Seconds"""


@dataclass(frozen=True, slots=True)
class Exhausted:
    """The balance is used up; everything said before has been delivered."""


@dataclass(frozen=True, slots=True)
class Closed:
    """Over, and settled."""

    reason: CloseReason
    seconds: int
    """Billed."""
    tokens: int
    """Charged."""


SessionEvent = Initializing | Attached | Listening | Refused | Trouble | TimeShort | Exhausted | Closed | Event
