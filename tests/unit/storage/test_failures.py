import errno
import sqlite3

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from dragoman.core.errors import DatabaseBusy, DatabaseUnavailable, DiskFull
from dragoman.storage.failures import connection_errors, is_busy, statement_errors, translated


class PostgresComplaint(Exception):
    def __init__(self, sqlstate):
        self.sqlstate = sqlstate


def of_sqlite(code):
    cause = sqlite3.OperationalError("x")
    cause.sqlite_errorcode = code
    return OperationalError("SELECT 1", {}, cause)


@pytest.mark.parametrize(
    ("code", "ours"),
    [
        (sqlite3.SQLITE_BUSY, DatabaseBusy),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, DatabaseBusy),
        (sqlite3.SQLITE_FULL, DiskFull),
        (sqlite3.SQLITE_CORRUPT, DatabaseUnavailable),
        (sqlite3.SQLITE_READONLY, DatabaseUnavailable),
        (sqlite3.SQLITE_CONSTRAINT, type(None)),
    ],
)
def test_sqlite(code, ours):
    assert type(translated(of_sqlite(code))) is ours


@pytest.mark.parametrize(
    ("state", "ours"),
    [
        ("40P01", DatabaseBusy),
        ("40001", DatabaseBusy),
        ("53100", DiskFull),
        ("53300", DatabaseUnavailable),
        ("57P01", DatabaseUnavailable),
        ("08006", DatabaseUnavailable),
        ("3D000", DatabaseUnavailable),
        ("23505", type(None)),
    ],
)
def test_postgresql(state, ours):
    assert type(translated(OperationalError("SELECT 1", {}, PostgresComplaint(state)))) is ours


def test_only_connecting_makes_a_database_of_the_systems_errors():
    with pytest.raises(DatabaseUnavailable), connection_errors():
        raise ConnectionRefusedError
    with pytest.raises(DiskFull), connection_errors():
        raise OSError(errno.ENOSPC, "full")
    with pytest.raises(FileNotFoundError), statement_errors():
        raise FileNotFoundError


def test_no_free_connection_is_a_busy_database():
    assert is_busy(PoolTimeout())
    assert not is_busy(ValueError())
