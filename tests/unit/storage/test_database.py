import asyncio
import random
import sqlite3
from contextlib import AsyncExitStack

import anyio
import pytest
from sqlalchemy import Column, ForeignKey, Integer, MetaData, Table, event, select, text, update
from sqlalchemy.exc import IntegrityError

from dragoman.core.errors import DatabaseBusy, DatabaseUnavailable, InvalidSetting
from dragoman.storage import database as module
from dragoman.storage.database import open_database, parse_url, snapshot, transaction, write

pytestmark = pytest.mark.anyio

counter = Table("counter", MetaData(), Column("id", Integer, primary_key=True), Column("value", Integer))

owed = Table(
    "owed",
    counter.metadata,
    Column("id", Integer, ForeignKey("counter.id", deferrable=True, initially="DEFERRED"), primary_key=True),
)
"""Whoever owes something at the commit is refused there."""


@pytest.fixture
async def counting(database):
    async with transaction(database) as connection:
        await connection.run_sync(counter.metadata.create_all)
        await connection.execute(counter.insert().values(id=1, value=0))
    return database


async def value_of(database):
    async with snapshot(database) as connection:
        return (await connection.execute(select(counter.c.value))).scalar_one()


async def add(connection, number):
    """Reads, lets others run, then writes: what loses updates where transactions overlap."""
    row = await connection.execute(select(counter.c.value).where(counter.c.id == 1).with_for_update())
    seen = row.scalar_one()
    await anyio.lowlevel.checkpoint()
    await connection.execute(update(counter).values(value=seen + number))


async def add_and_fail(database, number, within=None):
    async with transaction(database, within) as connection:
        await add(connection, number)
        raise ZeroDivisionError


async def add_and_owe(database, number):
    async with transaction(database) as connection:
        await add(connection, number)
        await connection.execute(owed.insert().values(id=7))


async def test_what_is_written_is_kept(counting):
    async with transaction(counting) as connection:
        await add(connection, 3)
    assert await value_of(counting) == 3


async def test_an_error_takes_all_of_it_back(counting):
    with pytest.raises(ZeroDivisionError):
        await add_and_fail(counting, 3)
    assert await value_of(counting) == 0


async def test_a_part_can_be_taken_back_alone(counting):
    async with transaction(counting) as connection:
        await add(connection, 1)
        with pytest.raises(ZeroDivisionError):
            await add_and_fail(counting, 10, connection)
        async with transaction(counting, connection) as part:
            await add(part, 100)
    assert await value_of(counting) == 101


async def test_a_violated_constraint_is_a_bug_and_stays_what_it_is(counting):
    with pytest.raises(IntegrityError):
        async with transaction(counting) as connection:
            await connection.execute(counter.insert().values(id=1, value=0))


async def test_a_commit_that_fails_leaves_nothing_in_the_way(counting):
    with pytest.raises(IntegrityError):
        await add_and_owe(counting, 3)
    assert await value_of(counting) == 0
    async with transaction(counting) as connection:
        await add(connection, 1)
    assert await value_of(counting) == 1


async def add_in_one_go(database, number, within=None):
    def work(connection):
        connection.execute(update(counter).values(value=counter.c.value + number))
        if number < 0:
            raise ZeroDivisionError
        return connection.execute(select(counter.c.value)).scalar_one()

    return await write(database, work, within)


async def test_what_only_runs_statements_can_be_written_in_one_go(counting):
    assert await add_in_one_go(counting, 3) == 3
    with pytest.raises(ZeroDivisionError):
        await add_in_one_go(counting, -1)
    async with transaction(counting) as connection:
        await add(connection, 10)
        with pytest.raises(ZeroDivisionError):
            await add_in_one_go(counting, -1, connection)
        assert await add_in_one_go(counting, 100, connection) == 113
        assert await value_of(counting) == 3
    assert await value_of(counting) == 113


async def test_concurrent_writers_lose_nothing(counting):
    async def add_often():
        for _ in range(5):
            async with transaction(counting) as connection:
                await add(connection, 1)
            await add_in_one_go(counting, 100)

    async with anyio.create_task_group() as group:
        for _ in range(15):  # more than there are connections
            group.start_soon(add_often)
    assert await value_of(counting) == 75 * 101


async def test_whoever_waits_longest_is_next(counting):
    """More tasks than connections, each wanting another turn as soon as it is done: none is last every time."""
    order = []

    async def work(number):
        for _ in range(4):
            async with module._turn(counting):
                order.append(number)
                await anyio.lowlevel.checkpoint()

    async with anyio.create_task_group() as group:
        for number in range(15):
            group.start_soon(work, number)
    assert [set(order[turn : turn + 15]) for turn in range(0, 60, 15)] == [set(range(15))] * 4


async def test_who_has_all_connections_does_not_wait_for_himself_for_ever(counting, monkeypatch):
    monkeypatch.setattr(module, "_TURN_TIME", 0.01)
    async with AsyncExitStack() as stack:
        for _ in range(10):
            await stack.enter_async_context(snapshot(counting))
        with pytest.raises(DatabaseBusy):
            await stack.enter_async_context(snapshot(counting))
    assert await value_of(counting) == 0


async def test_a_snapshot_is_one_moment(counting):
    async with snapshot(counting) as connection:
        before = (await connection.execute(select(counter.c.value))).scalar_one()
        async with transaction(counting) as other:
            await add(other, 1)
        after = (await connection.execute(select(counter.c.value))).scalar_one()
    assert (before, after) == (0, 0)
    assert await value_of(counting) == 1


@pytest.mark.parametrize(
    "moment", [("before_cursor_execute", 1), ("before_cursor_execute", 3), ("after_cursor_execute", 2), ("commit", 1)]
)
async def test_a_cancelled_writer_leaves_all_or_nothing(counting, moment):
    scope = anyio.CancelScope()
    name, occurrence = moment
    seen = []

    def cancel(*_):
        seen.append(name)
        if len(seen) == occurrence:
            scope.cancel()

    event.listen(counting.engine.sync_engine, name, cancel)
    with scope:
        async with transaction(counting) as connection:
            await add(connection, 1)
            await add(connection, 1)
    event.remove(counting.engine.sync_engine, name, cancel)
    assert len(seen) >= occurrence
    assert await value_of(counting) == (2 if name == "commit" else 0)
    async with transaction(counting) as connection:  # and nothing is in the way of the next
        await add(connection, 1)


def test_cancelled_at_any_moment_everything_ends(database_url):
    """The loop of a server, too, waits for whatever still runs on it."""

    async def use(database, writes):
        async with transaction(database) if writes else snapshot(database) as connection:
            await connection.execute(text("SELECT 1"))

    async def cancelled(database, dice):
        async with anyio.create_task_group() as group:
            group.start_soon(use, database, dice.random() < 0.5)
            for _ in range(dice.randint(0, 15)):
                await anyio.lowlevel.checkpoint()
            await anyio.sleep(dice.choice([0, dice.uniform(0, 0.003)]))
            group.cancel_scope.cancel()

    async def scene(dice):
        async with open_database(database_url) as database:
            for _ in range(60):
                if dice.random() < 0.4:
                    await database.engine.dispose()  # so that the next has to connect
                await cancelled(database, dice)
            for writes in (True, False):
                await use(database, writes)
        while len(asyncio.all_tasks()) > 1:  # what SQLAlchemy left running to close connections  # noqa: ASYNC110
            await anyio.sleep(0.01)

    for seed in range(3):
        anyio.run(scene, random.Random(seed))


async def test_a_server_that_does_not_answer_is_not_waited_for_for_ever(monkeypatch):
    monkeypatch.setattr(module, "_OPENING_TIME", 0.05)
    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener:
        port = listener.extra(anyio.abc.SocketAttribute.local_port)  # where nobody accepts what is queued
        engine = module._engine(parse_url(f"postgresql://me@127.0.0.1:{port}/name"))
        silent = module.Database(engine, anyio.Semaphore(1), None)
        for use in (transaction, snapshot):
            with pytest.raises(DatabaseUnavailable, match="did not answer"):
                async with use(silent):
                    raise AssertionError("never inside")
        await engine.dispose()


async def test_sqlite_keeps_what_it_answered_through_a_power_cut(sqlite_template):
    async with open_database(f"sqlite:///{sqlite_template}") as opened, transaction(opened) as connection:
        found = [
            (await connection.execute(text(f"PRAGMA {name}"))).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert found == ["wal", 2, 1]


async def test_a_writer_of_another_process_is_waited_for(counting):
    if counting.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL has many writers")
    other = sqlite3.connect(counting.engine.url.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    async with anyio.create_task_group() as group:

        async def write():
            async with transaction(counting) as connection:
                await add(connection, 1)

        group.start_soon(write)
        await anyio.wait_all_tasks_blocked()
        assert await value_of(counting) == 0  # readers do not wait
        other.execute("COMMIT")
    other.close()
    assert await value_of(counting) == 1


async def test_a_writer_that_never_ends_is_not_waited_for_for_ever(sqlite_template, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_BUSY_TIMEOUT", 0.01)
    file = tmp_path / "dragoman.db"
    file.write_bytes(sqlite_template.read_bytes())
    other = sqlite3.connect(file, isolation_level=None)
    async with open_database(f"sqlite:///{file}") as opened:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseBusy) as error:
            async with transaction(opened):
                raise AssertionError("never inside")
        assert error.value.retryable
        other.execute("ROLLBACK")
        async with transaction(opened):
            pass
    other.close()


@pytest.mark.parametrize(
    ("url", "opened"),
    [
        ("sqlite:////var/x.db", "sqlite+aiosqlite:////var/x.db"),
        ("postgresql://me@host/name", "postgresql+asyncpg://me@host/name"),
        ("postgres://me@host/name", "postgresql+asyncpg://me@host/name"),
        ("postgresql+psycopg://me@host/name", "postgresql+asyncpg://me@host/name"),
    ],
)
def test_urls(url, opened):
    assert parse_url(url).render_as_string(hide_password=False) == opened


@pytest.mark.parametrize(
    "url", ["", "x", "mysql://me:hush@host/name", "sqlite://", "sqlite:///:memory:", "postgresql://h"]
)
def test_what_is_no_url_of_ours(url):
    with pytest.raises(InvalidSetting) as error:
        parse_url(url)
    assert "hush" not in str(error.value)


async def test_a_database_that_is_not_there(tmp_path):
    (tmp_path / "no.db").write_bytes(b"this is not a database, and long enough for SQLite to look at its header")
    for url in (
        f"sqlite:///{tmp_path}/no/x.db",
        f"sqlite:///{tmp_path}/no.db",
        "postgresql://me:hush@127.0.0.1:1/name",
    ):
        with pytest.raises(DatabaseUnavailable) as error:
            async with open_database(url):
                raise AssertionError("never inside")
        assert "hush" not in str(error.value)
