"""Who is silent for too long is taken for dead, and what it has begun goes to others: pure.

Processes may be on machines whose clocks differ, so their heartbeats are never compared with a clock of ours: what
counts is for how long a heartbeat has not changed, on the clock of whoever watches.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds. With these a job is gone on with well within half a minute."""

    beat: float = 3.0
    """Between two heartbeats of a process."""
    silence: float = 15.0
    """Without a heartbeat, after which a process is taken for dead: five that were missed. One that was only slow goes
    on, to no effect: whoever ends a job first has ended it."""
    look: float = 4.0
    """Between two looks at who is dead, and at what the queue was not told."""


class Watch:
    """What one process has seen of all of them."""

    def __init__(self, silence: float) -> None:
        self._silence = silence
        self._seen: dict[str, tuple[datetime, float]] = {}
        """The last heartbeat, and since when it is the last."""

    def dead(self, busy: Collection[str], beats: Mapping[str, datetime], monotonic: float) -> frozenset[str]:
        """Those of ``busy`` that are silent or have left. ``beats``: the last heartbeat of each."""
        for executor, beat in beats.items():
            if executor not in self._seen or self._seen[executor][0] != beat:
                self._seen[executor] = (beat, monotonic)
        for executor in self._seen.keys() - beats.keys():
            del self._seen[executor]
        return frozenset(executor for executor in busy if self._is_dead(executor, monotonic))

    def _is_dead(self, executor: str, monotonic: float) -> bool:
        # Every process is in the table before it begins anything, so who is not there has left.
        return executor not in self._seen or monotonic - self._seen[executor][1] > self._silence
