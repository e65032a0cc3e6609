"""What bounds batch jobs."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class BatchLimits:
    at_once: int = 2
    """Jobs that one process works on at the same time; 0: it only accepts them."""
    per_account: int = 100
    """Jobs of one account that are not over."""
    keep: timedelta | None = timedelta(days=7)
    """How long a job that is over is kept; None: until it is deleted."""
    part: float = 300.0
    """Seconds of a recording that are recognised in one step, at most: what a crash loses."""
    longest: float = 24 * 3600.0
    """Seconds of the longest recording."""
    tries: int = 3
    """Times that an engine may fail a step before the job is rejected."""
