"""What bounds live sessions."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LiveLimits:
    """Times are seconds."""

    sessions_per_account: int = 10
    longest: float = 4 * 3600.0
    """A session's length."""
    idle: float = 60.0
    """Without a packet from the client."""
    warn_longest: tuple[float, ...] = ()
    """How long before the longest session is over its client is warned."""
    warn_idle: tuple[float, ...] = ()
    """How long before an idle session is ended its client is warned."""
    pause: float = 2.0
    """Without audio, after which what was heard becomes final."""
    start: float = 30.0
    """For engines to be attached."""
    drain: float = 10.0
    """For what was said before the end to be translated, spoken and delivered; after a stop, between two events."""
    stall: float = 10.0
    """For a client to take one event."""
    settling: float = 10.0
    """For which settling is tried, and kept from being cancelled; after that the reaper does it."""
    block: float = 60.0
    """Worth of tokens held at a time; a crash binds no more than this until the reaper comes."""
    heartbeat: float = 1.0
    """Between two notes of what has been metered; what a crash can cost us."""
    credentials: float = 2.0
    """Between two looks whether the credentials of running sessions are still good."""
    abandoned: float = 15.0
    """Without heartbeat, after which any server settles a session."""
