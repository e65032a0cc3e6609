"""Writers of one process on SQLite: one commit for all who wait, and each for himself in everything else."""

import random
from contextlib import suppress

import anyio
import pytest
from sqlalchemy import Column, ForeignKey, Integer, MetaData, Table, event, insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from dragoman.core.errors import InsufficientTokens
from dragoman.storage import group_commit
from dragoman.storage.database import open_database, snapshot, write

pytestmark = pytest.mark.anyio

notes = Table("notes", MetaData(), Column("id", Integer, primary_key=True))
debts = Table(
    "debts",
    notes.metadata,
    Column("id", Integer, ForeignKey("notes.id", deferrable=True, initially="DEFERRED"), primary_key=True),
)
"""Whoever owes a note at the commit is refused there."""


@pytest.fixture
async def database(sqlite_template, tmp_path):
    file = tmp_path / "dragoman.db"
    file.write_bytes(sqlite_template.read_bytes())
    async with open_database(f"sqlite:///{file}") as opened:
        await write(opened, notes.metadata.create_all)
        yield opened


@pytest.fixture
def commits(database):
    seen = []
    event.listen(database.engine.sync_engine, "commit", seen.append)
    return seen


def noting(number, error=None):
    def work(connection):
        connection.execute(insert(notes).values(id=number))
        if error is not None:
            raise error
        return number

    return work


async def noted(database):
    async with snapshot(database) as connection:
        return sorted((await connection.execute(select(notes.c.id))).scalars())


async def outcomes(database, *works):
    """What each came to, of works that all wait when their turn comes."""
    answers = [None] * len(works)

    async def ask(place, work):
        try:
            answers[place] = await write(database, work)
        except Exception as error:  # noqa: BLE001  it is what is looked at
            answers[place] = type(error)

    async with anyio.create_task_group() as group, database.one_writer.turn:
        for place, work in enumerate(works):
            group.start_soon(ask, place, work)
        await anyio.wait_all_tasks_blocked()
    return answers


async def test_all_who_wait_share_a_commit(database, commits):
    assert await outcomes(database, *map(noting, range(20))) == list(range(20))
    assert await noted(database) == list(range(20))
    assert len(commits) == 1


async def test_no_more_than_so_many_at_once(database, commits, monkeypatch):
    monkeypatch.setattr(group_commit, "_LARGEST", 8)
    assert await outcomes(database, *map(noting, range(20))) == list(range(20))
    assert len(commits) == 3


async def test_what_fails_takes_back_itself_alone(database, commits):
    answers = await outcomes(
        database, noting(1), noting(2, InsufficientTokens("")), noting(1), noting(3, ZeroDivisionError()), noting(4)
    )
    assert answers == [1, InsufficientTokens, IntegrityError, ZeroDivisionError, 4]
    assert await noted(database) == [1, 4]
    assert len(commits) == 1


async def test_each_sees_what_those_before_it_wrote(database):
    def count(connection):
        return len(connection.execute(select(notes.c.id)).all())

    answers = await outcomes(database, count, noting(1), count, noting(2, ZeroDivisionError()), count)
    assert answers == [0, 1, 1, ZeroDivisionError, 1]


async def test_an_error_of_the_database_is_everyones(database):
    """It may have ended the transaction, and with it what the others had written."""
    answers = await outcomes(
        database, noting(1), lambda connection: connection.execute(text("SELECT * FROM nothing")), noting(2)
    )
    assert answers == [OperationalError] * 3
    assert await noted(database) == []


async def test_a_commit_that_fails_is_told_to_everyone(database):
    """A refusal, too, may rest on what another had written, and which is not there now."""
    answers = await outcomes(
        database,
        noting(1),
        lambda connection: connection.execute(insert(debts).values(id=7)),
        noting(2, InsufficientTokens("")),
    )
    assert answers == [IntegrityError] * 3
    assert await noted(database) == []
    assert await outcomes(database, noting(1)) == [1]  # and nothing is in the way of the next


async def test_who_is_cancelled_while_waiting_has_written_nothing(database):
    async with anyio.create_task_group() as group, database.one_writer.turn:
        scopes = [anyio.CancelScope() for _ in range(5)]

        async def ask(number, scope):
            with scope:
                await write(database, noting(number))

        for number, scope in enumerate(scopes):
            group.start_soon(ask, number, scope)
        await anyio.wait_all_tasks_blocked()
        scopes[0].cancel()  # the first of them, who would write for all
        scopes[3].cancel()
        await anyio.wait_all_tasks_blocked()
        scopes[2].cancel()  # at the very moment when their turn comes
    assert await noted(database) == [1, 4]


async def test_who_is_cancelled_after_that_is_answered(database):
    """As everywhere: who is cancelled knows that nothing was done."""
    answers = {}
    async with anyio.create_task_group() as group:
        scopes = [anyio.CancelScope() for _ in range(3)]

        async def ask(number, scope):
            with scope:
                answers[number] = await write(database, noting(number))

        def cancel(_):
            for scope in scopes:
                scope.cancel()

        event.listen(database.engine.sync_engine, "commit", cancel)
        async with database.one_writer.turn:
            for number, scope in enumerate(scopes):
                group.start_soon(ask, number, scope)
            await anyio.wait_all_tasks_blocked()
    assert answers == {0: 0, 1: 1, 2: 2}
    assert await noted(database) == [0, 1, 2]


@pytest.mark.parametrize("seed", range(5))
async def test_whoever_was_answered_is_in_it_and_nobody_else(database, seed):
    dice = random.Random(seed)
    answered = set()

    async def ask(number):
        with anyio.move_on_after(dice.choice([0, dice.uniform(0, 0.02), 60])):
            with suppress(ZeroDivisionError):
                answered.add(await write(database, noting(number, dice.choice([None, None, ZeroDivisionError()]))))

    async with anyio.create_task_group() as group:
        for number in range(100):
            group.start_soon(ask, number)
            if dice.random() < 0.2:
                await anyio.sleep(dice.uniform(0, 0.003))
    assert await noted(database) == sorted(answered)
    assert answered
