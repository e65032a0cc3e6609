"""SQLite without aiosqlite's threads: the same driver and the same database, statement after statement on the loop,
each taking as long as the test wants. A power cut can be played: open transactions are lost, and after it nothing
works.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import aiosqlite.core
import pytest

_LETTING_GO = ("close", "rollback", "close_and_stop")


def _name(function: Callable[[], object]) -> str:
    return getattr(function, "func", function).__name__


class PowerSupply:
    """Of the database: ``latency`` says how many seconds the next statement takes, ``hesitation`` how many more a
    commit does."""

    def __init__(self, latency: Callable[[], float], hesitation: Callable[[], float] = lambda: 0.0) -> None:
        self.latency = latency
        self.hesitation = hesitation
        self._connections: list[sqlite3.Connection] = []
        self._on = True

    def cut(self) -> None:
        """What was not committed is rolled back, and no statement does anything any more."""
        self._on = False
        for connection in self._connections:
            connection.close()

    def delay(self, function: Callable[[], object]) -> float:
        return self.latency() + (self.hesitation() if _name(function) == "commit" else 0.0)

    def execute(self, function: Callable[[], object]) -> object:
        if not self._on:
            if _name(function) in _LETTING_GO:
                return aiosqlite.core._STOP_RUNNING_SENTINEL
            error = sqlite3.OperationalError("the power is off")
            error.sqlite_errorcode = sqlite3.SQLITE_IOERR
            raise error
        result = function()
        if isinstance(result, sqlite3.Connection):
            result.execute("PRAGMA busy_timeout = 0")  # waiting here would stop the loop, and with it the time
            self._connections.append(result)
        return result


class _Line:
    """Stands where aiosqlite has its queue, and works off each statement when it is due, in order."""

    power: PowerSupply

    def __init__(self) -> None:
        self._free_at = 0.0

    def put_nowait(self, item: tuple[asyncio.Future | None, Callable[[], object]]) -> None:
        loop = asyncio.get_running_loop()
        self._free_at = max(loop.time(), self._free_at) + self.power.delay(item[1])
        loop.call_at(self._free_at, self._work, *item)

    def _work(self, future: asyncio.Future | None, function: Callable[[], object]) -> None:
        try:
            result = self.power.execute(function)
        except Exception as error:  # noqa: BLE001  whoever waits for the answer gets it
            if future and not future.done():
                future.set_exception(error)
        else:
            if future and not future.done():
                future.set_result(result)


class _NoThread:
    def __init__(self, **_: object) -> None:
        self.daemon = True

    def start(self) -> None:
        pass


@contextmanager
def unthreaded(power: PowerSupply) -> Iterator[None]:
    line = type("Line", (_Line,), {"power": power})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aiosqlite.core, "SimpleQueue", line)
        patch.setattr(aiosqlite.core, "Thread", _NoThread)
        yield
