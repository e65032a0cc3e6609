"""The connection behaves as SQLAlchemy expects of any."""

import gc
import sqlite3
import threading

import anyio
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from dragoman.storage.database import open_database, transaction
from dragoman.storage.sqlite import connect, in_one_visit

pytestmark = pytest.mark.anyio


def counted_visits(connection):
    visits = []
    execute = connection._execute

    async def counted(*arguments, **options):
        visits.append(arguments)
        return await execute(*arguments, **options)

    connection._execute = counted
    return visits


async def test_a_statement_needs_one_visit_to_its_thread(tmp_path):
    async with connect(str(tmp_path / "x.db"), isolation_level=None) as connection:
        visits = counted_visits(connection)
        cursor = await connection.cursor().__aenter__()
        await cursor.execute("SELECT 1 AS one, 2 AS two UNION SELECT 3, 4")
        assert [column[0] for column in cursor.description] == ["one", "two"]
        assert await cursor.fetchall() == [(1, 2), (3, 4)]
        assert await cursor.fetchall() == []
        await cursor.close()
        assert len(visits) == 1


async def test_a_function_of_many_statements_needs_one_visit(tmp_path):
    def work(connection):
        threads.add(threading.get_ident())
        with connection.begin_nested():
            connection.execute(text("CREATE TABLE t (id INTEGER PRIMARY KEY)"))
            connection.execute(text("INSERT INTO t VALUES (:id)"), [{"id": 1}, {"id": 2}])
        return connection.execute(text("SELECT id FROM t")).scalars().all()

    def fail(connection):
        connection.execute(text("INSERT INTO t VALUES (1)"))

    threads = set()
    async with open_database(f"sqlite:///{tmp_path}/x.db") as database, transaction(database) as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        visits = counted_visits(driver)
        assert await in_one_visit(connection, work) == [1, 2]
        assert len(visits) == 1
        assert threads == {driver._thread.ident}
        with pytest.raises(IntegrityError):
            await in_one_visit(connection, fail)
        assert (await connection.execute(text("SELECT count(*) FROM t"))).scalar_one() == 2
        assert len(visits) == 3


async def test_a_visit_that_does_not_come_about_leaves_nothing_behind(tmp_path):
    async def lost(*_, **__):
        raise OperationalError("", {}, sqlite3.OperationalError("the power is gone"))

    async with open_database(f"sqlite:///{tmp_path}/x.db") as database, database.engine.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        execute, driver._execute = driver._execute, lost
        with pytest.raises(OperationalError):
            await in_one_visit(connection, lambda _: None)
        driver._execute = execute
    gc.collect()  # a coroutine that was made and never driven would complain here


async def test_a_connection_ends_once_however_often_it_is_ended(tmp_path):
    for endings in ("stop close", "close stop close", "close close", "stop stop"):
        connection = await connect(str(tmp_path / "x.db"))
        async with anyio.create_task_group() as group:
            for ending in endings.split():
                if ending == "close":
                    group.start_soon(connection.close)
                elif (answer := connection.stop()) is not None:
                    await answer
        connection._thread.join()


async def test_what_statements_report(sqlite_template, tmp_path):
    async with open_database(f"sqlite:///{tmp_path}/x.db") as database, transaction(database) as connection:
        await connection.execute(text("CREATE TABLE t (id INTEGER PRIMARY KEY, value)"))
        many = await connection.execute(text("INSERT INTO t (value) VALUES (:v)"), [{"v": 1}, {"v": 2}, {"v": 2}])
        assert many.rowcount == 3
        assert (await connection.execute(text("UPDATE t SET value = 5 WHERE value = 2"))).rowcount == 2
        returned = await connection.execute(text("DELETE FROM t RETURNING id"))
        assert sorted(returned.scalars()) == [1, 2, 3]


async def test_errors_are_those_of_sqlite(tmp_path):
    async with open_database(f"sqlite:///{tmp_path}/x.db") as database:
        for statement, kind, cause in (
            ("SELECT * FROM nothing", OperationalError, sqlite3.OperationalError),
            ("INSERT INTO balances VALUES ('nobody', 0, 0)", IntegrityError, sqlite3.IntegrityError),
        ):
            with pytest.raises(kind) as error:
                async with transaction(database) as connection:
                    await connection.execute(text(statement))
            assert isinstance(error.value.orig, cause)
