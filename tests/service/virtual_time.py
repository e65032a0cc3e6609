"""An event loop whose time jumps: whenever every task waits, it is at once as late as the first of them waits for.

An hour of sessions passes in a second, and nothing depends on how busy the machine is. It only works for code that
waits for nothing but the loop: no threads, no sockets, no files that are not ready.
"""

import asyncio
import selectors
from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio

T = TypeVar("T")


class Deadlock(Exception):
    """Every task waits, and none of them for a time."""


class _Selector(selectors.SelectSelector):
    loop: "VirtualLoop"

    def select(self, timeout=None):
        if timeout is None:
            raise Deadlock
        if timeout > 0:
            self.loop.now = max(self.loop.now, self.loop._scheduled[0].when())
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        selector = _Selector()
        selector.loop = self
        self.now = 0.0
        super().__init__(selector)

    def time(self) -> float:
        return self.now


def stall(seconds: float) -> None:
    """As if something had kept the loop for so long."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    loop.now += seconds


def play(scene: Callable[..., Awaitable[T]], *args: object) -> T:
    """Runs it on a loop of its own, to its end."""
    return anyio.run(scene, *args, backend_options={"loop_factory": VirtualLoop})
