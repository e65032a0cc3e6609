"""SQLite off the event loop, one visit to its thread per statement, or for many.

aiosqlite runs each connection in a thread of its own, and visits it to make a cursor, to execute, to fetch and to
close: four times per statement, each a switch of threads. SQLAlchemy always does all four and always fetches
everything, so here one visit does them together. And a function of many statements can be taken there as a whole.
"""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Final, Self, TypeVar

import aiosqlite
import anyio
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncConnection

from dragoman.storage.failures import unanswered

T = TypeVar("T")

_FETCHED_AT_ONCE: Final = 64
"""aiosqlite's own default; for iterating over cursors, which SQLAlchemy does not do."""

_VISIT_TIME: Final = 10.0
"""Seconds for a visit of many statements, which cannot be cancelled."""

_Rows = list[tuple[Any, ...]]


class _Cursor:
    """What SQLAlchemy's adapter asks of an asynchronous cursor."""

    def __init__(self, connection: "_Connection") -> None:
        self._connection = connection
        self._rows: _Rows = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        await self._connection.visit(self._run, sql, parameters, many=False)

    async def executemany(self, sql: str, parameters: Sequence[Sequence[Any]]) -> None:
        await self._connection.visit(self._run, sql, parameters, many=True)

    async def fetchall(self) -> _Rows:
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """The real one was closed where it was used."""

    def _run(self, database: sqlite3.Connection, sql: str, parameters: Sequence[Any], *, many: bool) -> None:
        cursor = database.executemany(sql, parameters) if many else database.execute(sql, parameters)
        try:
            self.description, self.rowcount, self.lastrowid = cursor.description, cursor.rowcount, cursor.lastrowid
            self._rows = cursor.fetchall() if cursor.description else []
        finally:
            cursor.close()


class _Connection(aiosqlite.Connection):
    """Ends once. After a cancelled statement SQLAlchemy closes a connection twice, gently and by force, and of two
    endings aiosqlite's thread answers only the first: whoever waited for the other would wait for ever, and with him
    the end of the event loop."""

    def __init__(self, connector: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connector, _FETCHED_AT_ONCE)
        self._visited_in: int | None = None
        """The thread in which a coroutine is being driven."""
        # A daemon, as SQLAlchemy has it: it must not keep a dying process alive.
        self._thread = type(self._thread)(target=_work, args=(self._tx,), daemon=True)

    def stop(self) -> asyncio.Future[Any] | None:
        return super().stop() if self._running else None

    async def close(self) -> None:
        if self._running:
            await super().close()

    async def visit(self, function: Callable[..., T], *arguments: Any, **options: Any) -> T:
        """Calls it in the connection's thread, with the connection first."""
        if self._visited_in == threading.get_ident():
            return function(self._conn, *arguments, **options)
        answer: T = await self._execute(function, self._conn, *arguments, **options)  # type: ignore[no-untyped-call]  # aiosqlite's
        return answer

    def drive(self, _: sqlite3.Connection, begin: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """For :meth:`visit`: a coroutine to its end, for all its statements are visits from here to here, and nothing
        waits. It is made here: one that nobody comes to drive would be complained of."""
        self._visited_in = threading.get_ident()
        try:
            begin().send(None)
        except StopIteration as end:
            answer: T = end.value
            return answer
        finally:
            self._visited_in = None
        raise AssertionError("only statements can be waited for in a visit")

    def cursor(self) -> _Cursor:  # type: ignore[override]  # SQLAlchemy asks for less than aiosqlite offers
        return _Cursor(self)


def connect(database: str, **options: Any) -> aiosqlite.Connection:
    """For SQLAlchemy's ``async_creator_fn``."""
    return _Connection(lambda: sqlite3.connect(database, **options))


async def in_one_visit(connection: AsyncConnection, work: Callable[[Connection], T]) -> T:
    """As ``connection.run_sync``, but all of ``work`` runs in the connection's thread, where statements need no switch.

    Raises :class:`DatabaseUnavailable` when that takes too long.
    """
    visited = (await connection.get_raw_connection()).driver_connection
    assert isinstance(visited, _Connection)
    with anyio.move_on_after(_VISIT_TIME, shield=True):
        return await visited.visit(visited.drive, partial(connection.run_sync, work))
    raise unanswered()


def _work(calls: Any) -> None:
    """A thread of aiosqlite, which reports to the event loop. That the loop is closed is not worth a traceback."""
    with suppress(RuntimeError):
        aiosqlite.core._connection_worker_thread(calls)  # noqa: SLF001  it offers no other way in
