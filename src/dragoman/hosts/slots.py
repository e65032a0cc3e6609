"""Who computes when: live calls at once or first, batch calls on what those leave."""

from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final, Literal

import anyio

Priority = Literal["live", "batch"]
"""``live``: somebody waits for the answer. ``batch``: the work of a job, which takes what is left."""

PRIORITIES: Final[tuple[Priority, ...]] = ("live", "batch")

NICENESS: Final = 10
"""How much processes that do batch work give way to all others on the machine."""

_PATIENCE: Final = 50
"""Live calls that may overtake a waiting batch call, where live calls wait too."""


class Slots:
    """Calls that may compute at once, shared by one engine or by all engines of a machine's cores.

    Batch calls leave a slot to each live call that runs, and one to live streams that are open, but one batch call may
    always run. So live work never finds all slots held by batch calls, which take seconds, and batch work goes on.
    """

    def __init__(self, total: int, *, live_waits: bool = True) -> None:
        """``live_waits``: whether ``total`` binds live calls as well. For cores it must not: the kernel shares them
        among threads, and a live call that waited here for a call of another engine would only lose time."""
        self.total = total
        self._live_waits = live_waits
        self._running = dict.fromkeys(PRIORITIES, 0)
        self._waiting: dict[Priority, deque[anyio.Event]] = {priority: deque() for priority in PRIORITIES}
        self._streams = 0
        self._overtaken = 0

    @asynccontextmanager
    async def taken(self, priority: Priority) -> AsyncIterator[None]:
        """Hold a slot; wait for it in line with calls of the same priority."""
        await self._take(priority)
        try:
            yield
        finally:
            self._give_back(priority)

    @contextmanager
    def live_stream(self) -> Iterator[None]:
        """Keep one slot free of batch calls while a live stream is open, though nothing of it may run just now."""
        self._streams += 1
        try:
            yield
        finally:
            self._streams -= 1
            self._admit()

    async def _take(self, priority: Priority) -> None:
        waiting = self._waiting[priority]
        place = anyio.Event()
        waiting.append(place)
        self._admit()
        if place.is_set():
            return
        try:
            await place.wait()
        except BaseException:
            if place.is_set():  # admitted in the moment of its cancellation
                self._give_back(priority)
            else:
                waiting.remove(place)
                self._admit()
            raise

    def _give_back(self, priority: Priority) -> None:
        self._running[priority] -= 1
        self._admit()

    def _admit(self) -> None:
        """Let in whoever may run now, live calls first."""
        live, batch = self._waiting["live"], self._waiting["batch"]
        while (live and self._live_may_run()) or (batch and self._batch_may_run()):
            priority: Priority = "live" if live and self._live_may_run() else "batch"
            self._overtaken = self._overtaken + 1 if priority == "live" and batch else 0
            self._running[priority] += 1
            self._waiting[priority].popleft().set()

    def _live_may_run(self) -> bool:
        return not self._live_waits or (self._free() and not self._batch_comes_first())

    def _batch_may_run(self) -> bool:
        if self._live_waits and (not self._free() or (self._waiting["live"] and not self._batch_comes_first())):
            return False
        live = max(self._running["live"], 1 if self._streams else 0)
        return self._running["batch"] < max(1, self.total - live)

    def _free(self) -> bool:
        return sum(self._running.values()) < self.total

    def _batch_comes_first(self) -> bool:
        """Whether a batch call has been overtaken so often that it goes next."""
        return bool(self._waiting["batch"]) and not self._running["batch"] and self._overtaken >= _PATIENCE
