"""Connections to PostgreSQL that have died while nobody used them."""

import anyio
import pytest
from sqlalchemy import text
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_connection
from tests.databases import execute, postgres_database

from dragoman.storage import liveness
from dragoman.storage.database import open_database, snapshot, transaction

pytestmark = pytest.mark.anyio


@pytest.fixture
def url(postgres_template):
    with postgres_database(postgres_template) as made:
        yield made


async def use(database):
    for opened in (transaction, snapshot):
        async with opened(database) as connection:
            assert (await connection.execute(text("SELECT 1"))).scalar_one() == 1


async def kill_connections(url):
    name = url.rpartition("/")[2]
    await execute(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'")


async def test_what_the_server_has_closed_is_replaced(url):
    async with open_database(url) as database:
        await use(database)
        await kill_connections(url)
        await anyio.wait_all_tasks_blocked()
        await use(database)


async def test_one_that_was_idle_is_asked(url, monkeypatch):
    async with open_database(url) as database:
        await use(database)
        sent = []
        ping = AsyncAdapt_asyncpg_connection.ping

        def counted(connection):
            sent.append(connection)
            ping(connection)

        monkeypatch.setattr(AsyncAdapt_asyncpg_connection, "ping", counted)
        await use(database)
        assert not sent
        monkeypatch.setattr(liveness, "_TRUSTED", 0.0)
        await use(database)
        assert len(sent) == 2
        await kill_connections(url)
        await use(database)
