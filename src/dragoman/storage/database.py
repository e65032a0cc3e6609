"""The database: SQLite in a file, or PostgreSQL. :func:`transaction` and :func:`write` write, :func:`snapshot` reads.

SQLite has one writer at a time. Writers of this process queue in order, so none starves, and share a turn where they
can; those of other processes are waited for by SQLite's busy timeout, and then asked again. Every write transaction
begins with ``BEGIN IMMEDIATE``: one that read first and then wrote could fail in the middle with "database is locked".
So a writer that has begun is alone, and waiting for the beginning is the only thing that is ever repeated.

PostgreSQL runs READ COMMITTED with row locks (``SELECT … FOR UPDATE``), where a statement sees what was committed
before it began and a lock, once granted, shows the newest row.
"""

import random
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Final, TypeVar

import anyio
from sqlalchemy import URL, Connection, event
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from dragoman.core.errors import InvalidSetting
from dragoman.storage.failures import busy, connection_errors, is_busy, statement_errors, unanswered, unconfirmed
from dragoman.storage.group_commit import GroupCommit
from dragoman.storage.liveness import check_connections
from dragoman.storage.migrate import WRITES, migrate
from dragoman.storage.sqlite import connect, in_one_visit

T = TypeVar("T")

_DRIVERS: Final = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}

_BUSY_TIMEOUT: Final = 5.0
"""Seconds that SQLite waits for a writer of another process."""
_BEGINNINGS: Final = 4
"""Times that a transaction is begun before the database is called busy."""
_PAUSE: Final = 0.2
"""Longest pause in seconds between two of them; drawn at random, so that two processes do not keep step."""
_CONNECTIONS: Final = 10
"""Per process. PostgreSQL serves 100 by default, so ten gateways; on SQLite each is a thread."""
_TURN_TIME: Final = 30.0
"""Seconds to wait for a connection before the database is called busy."""
_OPENING_TIME: Final = 10.0
"""Seconds for a connection and a transaction to begin, for which they are kept from being cancelled: a driver that is
stopped in the middle of connecting leaves a thread, or an error that nobody fetches, behind."""
_CLOSING_TIME: Final = 10.0
"""Seconds for which the end of a transaction is kept from being cancelled."""


@dataclass(frozen=True, slots=True)
class OneWriter:
    """How the writers of this process come one after the other."""

    turn: anyio.Lock = field(default_factory=anyio.Lock)
    """Held by whoever writes."""
    group: GroupCommit = field(default_factory=GroupCommit)
    """Those who can write together, and have one turn."""


@dataclass(frozen=True, slots=True)
class Database:
    """An open database whose tables are those of this version."""

    engine: AsyncEngine
    connections: anyio.Semaphore
    """The queue for a connection. The engine's pool gives a free one to whoever asks next and not to whoever waits
    longest, which starves some; so nobody asks the pool before there is one."""
    one_writer: OneWriter | None
    """Where the database takes only one at a time."""


@asynccontextmanager
async def open_database(url: str) -> AsyncIterator[Database]:
    """Opens ``sqlite:///FILE`` or ``postgresql://…``, creating or upgrading its tables.

    Raises :class:`DatabaseUnavailable`, :class:`DatabaseBusy`, :class:`DatabaseNewer` when a newer version has upgraded
    it already, and :class:`InvalidSetting` for a URL of another kind.
    """
    engine = _engine(parse_url(url))
    try:
        with connection_errors():
            await migrate(engine)
        yield Database(engine, anyio.Semaphore(_CONNECTIONS), OneWriter() if engine.dialect.name == "sqlite" else None)
    finally:
        with anyio.CancelScope(shield=True):
            await engine.dispose()


@asynccontextmanager
async def transaction(database: Database, within: AsyncConnection | None = None) -> AsyncIterator[AsyncConnection]:
    """All or nothing of what is written inside; ``within`` makes it a part of a transaction that is already open."""
    if within is not None:
        async with within.begin_nested():
            yield within
        return
    async with AsyncExitStack() as stack:
        if database.one_writer is not None:
            await stack.enter_async_context(database.one_writer.turn)
        await stack.enter_async_context(_turn(database))
        with connection_errors():
            begun = await _begin(database)
        with statement_errors():
            async with _ended(begun) as connection:
                yield connection


async def write(database: Database, work: Callable[[Connection], T], within: AsyncConnection | None = None) -> T:
    """A transaction, or a part of one, that only runs statements: what ``work`` returns, once it is kept.

    On SQLite it costs a fraction of :func:`transaction`: it is taken to the connection's thread as a whole, and with it
    all that wait to write. So it touches nothing but the connection and what it was made with.
    """
    if within is None and database.one_writer is not None:
        return await database.one_writer.group.write(work, partial(transaction, database))
    async with transaction(database, within) as connection:
        if database.one_writer is not None:
            return await in_one_visit(connection, work)
        return await connection.run_sync(work)


@asynccontextmanager
async def snapshot(database: Database) -> AsyncIterator[AsyncConnection]:
    """For reading: all statements see the database at one moment. Never waits for a writer."""
    async with _turn(database):
        with connection_errors(), _opening():
            connection = await database.engine.connect()
        with statement_errors():
            try:
                if connection.dialect.name == "postgresql":
                    await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
                yield connection
            finally:
                with anyio.move_on_after(_CLOSING_TIME, shield=True):
                    await connection.close()


@asynccontextmanager
async def _turn(database: Database) -> AsyncIterator[None]:
    """One of the connections. Whoever has one and asks for another can wait for himself; hence the limit."""
    with anyio.move_on_after(_TURN_TIME) as scope:
        await database.connections.acquire()
    if scope.cancelled_caught:
        raise busy()
    try:
        yield
    finally:
        database.connections.release()


def parse_url(url: str) -> URL:
    """With the driver that we use; raises :class:`InvalidSetting`."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = None
    driver = _DRIVERS.get(parsed.drivername.partition("+")[0]) if parsed else None
    if parsed is None or driver is None or parsed.database in (None, "", ":memory:"):
        raise InvalidSetting(
            "database_url is not the address of a database",  # it may hold a password, so it is not shown
            remedy="Allowed: sqlite:///FILE or postgresql://USER@HOST/NAME",
        )
    return parsed.set(drivername=driver)


def _engine(url: URL) -> AsyncEngine:
    if url.get_backend_name() == "postgresql":
        engine = create_async_engine(url, pool_size=_CONNECTIONS, max_overflow=0)
        check_connections(engine.sync_engine)
        return engine
    engine = create_async_engine(
        url,
        pool_size=_CONNECTIONS,
        max_overflow=0,
        pool_reset_on_return=None,  # we end every transaction ourselves; another ROLLBACK is another visit
        # Python's sqlite3 would begin transactions by itself, and too late.
        connect_args={"async_creator_fn": connect, "isolation_level": None, "timeout": _BUSY_TIMEOUT},
    )
    event.listen(engine.sync_engine, "connect", _set_up)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _set_up(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")  # readers and the writer do not wait for each other; kept in the file
    cursor.execute("PRAGMA synchronous=FULL")  # with less, a power cut loses commits that were answered
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get(WRITES) else "BEGIN")


async def _begin(database: Database) -> AsyncConnection:
    """A connection inside a transaction that may write."""
    for last in (*[False] * (_BEGINNINGS - 1), True):
        try:
            with _opening():
                return await _begun(database.engine)
        except DBAPIError as error:
            if last or not is_busy(error):
                raise
        await anyio.sleep(random.uniform(0, _PAUSE))  # noqa: S311  chance, not secrecy
    raise AssertionError("the last beginning returns or raises")


async def _begun(engine: AsyncEngine) -> AsyncConnection:
    connection = await engine.connect()
    try:
        await connection.execution_options(**{WRITES: True})
        await connection.begin()
    except BaseException:
        with anyio.move_on_after(_CLOSING_TIME, shield=True):
            await connection.close()
        raise
    return connection


@contextmanager
def _opening() -> Iterator[None]:
    with anyio.move_on_after(_OPENING_TIME, shield=True) as scope:
        yield
    if scope.cancelled_caught:
        raise unanswered()


@asynccontextmanager
async def _ended(connection: AsyncConnection) -> AsyncIterator[AsyncConnection]:
    """Commits, or rolls back after an error; neither can be cancelled halfway."""
    try:
        yield connection
        with anyio.move_on_after(_CLOSING_TIME, shield=True) as scope:
            await _commit(connection)
        if scope.cancelled_caught:
            raise unconfirmed()
    finally:
        with anyio.move_on_after(_CLOSING_TIME, shield=True):
            await connection.close()


async def _commit(connection: AsyncConnection) -> None:
    try:
        await connection.commit()
    except DBAPIError:
        # SQLite's transaction is open as before, SQLAlchemy takes it for ended, and the pool would hand it on.
        await connection.invalidate()
        raise
