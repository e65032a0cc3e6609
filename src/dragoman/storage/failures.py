"""What a database driver raises, as errors of ours."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from dragoman.core.errors import DatabaseBusy, DatabaseUnavailable, DiskFull, DragomanError

_SQLITE_BUSY: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_SQLITE_UNUSABLE: Final = frozenset(
    {
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_READONLY,
    }
)
_POSTGRES_BUSY: Final = ("40001", "40P01", "55P03")
"""serialization failure, deadlock, lock not available"""
_POSTGRES_FULL: Final = ("53100",)
_POSTGRES_UNUSABLE: Final = ("08", "28", "3D", "53", "57P")
"""Beginnings of SQLSTATE: connection, authorization, no such database, out of resources, shutdown."""


@contextmanager
def statement_errors() -> Iterator[None]:
    """Turns what is wrong with the database itself into ours; a violated constraint is a bug and stays as it is."""
    try:
        yield
    except (DBAPIError, PoolTimeout) as error:
        ours = translated(error)
        if ours is None:
            raise
        raise ours from error


@contextmanager
def connection_errors() -> Iterator[None]:
    """The same while connecting, when drivers raise errors of the operating system as well."""
    try:
        with statement_errors():
            yield
    except OSError as error:
        raise _full() if error.errno == errno.ENOSPC else _unavailable(str(error)) from error


def is_busy(error: BaseException) -> bool:
    return isinstance(translated(error), DatabaseBusy)


def translated(error: BaseException) -> DragomanError | None:
    """None when it says nothing of the database's state."""
    match error:
        case DBAPIError():
            return _of_driver(error)
        case PoolTimeout():
            return busy()
        case _:
            return None


def _of_driver(error: DBAPIError) -> DragomanError | None:
    cause = error.orig
    primary = getattr(cause, "sqlite_errorcode", 0) & 0xFF
    state = getattr(cause, "sqlstate", None) or ""
    if primary in _SQLITE_BUSY or state in _POSTGRES_BUSY:
        return busy()
    if primary == sqlite3.SQLITE_FULL or state in _POSTGRES_FULL:
        return _full()
    if primary in _SQLITE_UNUSABLE or state.startswith(_POSTGRES_UNUSABLE) or error.connection_invalidated:
        return _unavailable(str(cause))
    return None


def busy() -> DatabaseBusy:
    return DatabaseBusy("the database is busy with other writers", remedy="Try again")


def unanswered() -> DatabaseUnavailable:
    return DatabaseUnavailable("the database did not answer in time", remedy="Check that it runs and has room")


def unconfirmed() -> DatabaseUnavailable:
    return DatabaseUnavailable(
        "the database did not confirm a transaction in time",
        remedy="Ask again with the same idempotency key: it is done once, whether or not it was done now",
    )


def _full() -> DiskFull:
    return DiskFull("no space is left for the database", remedy="Free some space")


def _unavailable(reason: str) -> DatabaseUnavailable:
    line = " ".join(reason.split())
    return DatabaseUnavailable(
        f"the database cannot be used: {line}", remedy="Check database_url, that the server runs, or the file's rights"
    )
