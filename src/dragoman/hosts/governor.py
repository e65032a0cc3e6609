"""One arbiter of this machine's CPU: how many live sessions it carries, and nobody beyond that.

A session too many would make all of them slow; so it is refused, at once.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from dragoman.core.errors import AtCapacity

_SHARE: Final = 0.7
"""Of the cores' time that sessions may plan with; the rest is for sockets, the database, and moments when all speak."""


class Governor:
    def __init__(self, capacity: int) -> None:
        """``capacity``: live sessions at once."""
        self.capacity = capacity
        self.running = 0

    def has_room(self, places: int = 1) -> bool:
        return self.running + places <= self.capacity

    @contextmanager
    def admitted(self, places: int = 1) -> Iterator[None]:
        """So many places of live sessions, one for each channel that is heard. Raises :class:`AtCapacity` at once when
        they are not there."""
        if not self.has_room(places):
            raise AtCapacity(
                f"This server carries {self.capacity} live sessions, and they are taken", remedy="Try again in a while"
            )
        self.running += places
        try:
            yield
        finally:
            self.running -= places


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
