"""Toy engines that a child process can load by name."""

import os
import signal
from collections.abc import Iterator

from dragoman.core.errors import EngineFailed, EngineUnavailable


class ToyStream:
    def __init__(self, start: int) -> None:
        self.total = start

    def add(self, number: int) -> int:
        self.total += number
        return self.total

    def die(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def close(self) -> None:
        if self.total < 0:
            raise ValueError("in the red")
        Toy.closed += 1


class Toy:
    """Does what a test needs an engine to do."""

    closed = 0
    """Streams that were."""

    def __init__(self) -> None:
        self.hoard: list[bytes] = []

    def echo(self, value: object) -> object:
        return value

    def pid(self) -> int:
        return os.getpid()

    def niceness(self) -> int:
        return os.nice(0)

    def environment(self, name: str) -> str | None:
        return os.environ.get(name)

    def count(self, to: int) -> Iterator[int]:
        for number in range(to):
            if number == 13:
                raise EngineFailed("13 is not counted")
            yield number

    def closed_streams(self) -> int:
        return Toy.closed

    def open_stream(self, start: int) -> ToyStream:
        return ToyStream(start)

    def fail(self) -> None:
        raise KeyError("toy")

    def die(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def chatter(self) -> str:
        os.write(1, b"a library prints to standard output\n")
        return "quiet"

    def grow(self, size: int) -> int:
        self.hoard.append(os.urandom(size))
        return os.getpid()


def load(model: str | None = None) -> Toy:
    if model == "missing":
        raise EngineUnavailable("No such model", remedy="Pull it")
    return Toy()
