"""One arbiter of this machine's CPU: how many live sessions it carries, and nobody beyond that.

A session too many would make all of them slow; so it is refused, at once. Recordings are worked on by children that
the kernel runs only when no live session wants the core (:mod:`dragoman.hosts.process`, ``niceness``).
"""

from collections.abc import Iterator
from contextlib import contextmanager

from dragoman.core.errors import AtCapacity


class Governor:
    def __init__(self, capacity: int) -> None:
        """``capacity``: live sessions at once."""
        self.capacity = capacity
        self.running = 0

    @contextmanager
    def admitted(self) -> Iterator[None]:
        """A place for one live session. Raises :class:`AtCapacity` at once when there is none."""
        if self.running >= self.capacity:
            raise AtCapacity(
                f"This server carries {self.capacity} live sessions, and they are taken", remedy="Try again in a while"
            )
        self.running += 1
        try:
            yield
        finally:
            self.running -= 1
