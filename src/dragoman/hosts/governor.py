"""One arbiter of this machine's CPU: how many live sessions it carries, and nobody beyond that.

A session too many would make all of them slow; so it is refused, at once. Places are those of plain sessions; one that
asks for more takes more of them.
"""

import math
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from dragoman.core.errors import AtCapacity
from dragoman.core.options import RunOptions

_SHARE: Final = 0.7
"""Of the cores' time that sessions may plan with; the rest is for sockets, the database, and moments when all speak."""


_ROUNDING: Final = 1e-9

Weigh = Callable[[RunOptions], float]
"""How many places a session of these options takes."""


def by_channels(options: RunOptions) -> float:
    """Each is heard by itself."""
    return float(len(options.channels))


class Governor:
    def __init__(self, capacity: int, weigh: Weigh = by_channels) -> None:
        """``capacity``: plain live sessions at once."""
        self.capacity = capacity
        self._weigh = weigh
        self._taken: list[float] = []

    @property
    def running(self) -> float:
        """Places that are taken."""
        return math.fsum(self._taken)

    @property
    def taken(self) -> int:
        """The same in whole places, for whoever is told."""
        return math.ceil(self.running - _ROUNDING)

    def places(self, options: RunOptions) -> float:
        """What a session takes. All that there are at most, so that one which asks for much can be had by itself; but
        never less than a place for each channel."""
        return min(self._weigh(options), max(self.capacity, by_channels(options)))

    def has_room(self, options: RunOptions) -> bool:
        return self.running + self.places(options) <= self.capacity + _ROUNDING

    @contextmanager
    def admitted(self, options: RunOptions) -> Iterator[None]:
        """The places of one session, as long as it runs. Raises :class:`AtCapacity` at once when they are not there."""
        if not self.has_room(options):
            raise AtCapacity(
                f"This server carries {self.capacity} live sessions, and has no room for another like this one",
                remedy="Try again in a while",
            )
        places = self.places(options)
        self._taken.append(places)
        try:
            yield
        finally:
            self._taken.remove(places)


def capacity(cores: int, cpu_per_second: float) -> int:
    """Live sessions that so many cores carry, at least one; ``cpu_per_second`` is the CPU time, in seconds, that one
    second of speech takes."""
    return max(1, int(cores * _SHARE / max(cpu_per_second, 1e-3)))


def cpu_seconds() -> float:
    """CPU time used by this process and its descendants up to now. Only those that live are known by themselves; one
    that has ended counts with its parent."""
    ticks: dict[int, float] = {}
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            with suppress(OSError):  # it ended while we looked
                _, _, fields = (folder / "stat").read_text().rpartition(")")
                values = fields.split()
                ticks[int(folder.name)] = sum(map(int, values[11:15]))  # user and system, own and of ended children
                children.setdefault(int(values[1]), []).append(int(folder.name))
    family = [os.getpid()]
    for process in family:
        family += children.get(process, [])
    return sum(ticks.get(process, 0.0) for process in family) / os.sysconf("SC_CLK_TCK")
