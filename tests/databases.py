"""Databases for tests: the same test runs on SQLite and on PostgreSQL.

PostgreSQL is looked for at DRAGOMAN_TEST_POSTGRES, else on this machine as user postgres; a test that needs it skips
where it is not. Each test gets a database of its own, thrown away afterwards.
"""

import os
import secrets
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
import asyncpg
import pytest

from dragoman.storage.database import Database, open_database

POSTGRES = os.environ.get("DRAGOMAN_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432")

NewUrl = Callable[[], str]


async def execute(*statements: str) -> None:
    """As the administrator of PostgreSQL."""
    connection = await asyncpg.connect(f"{POSTGRES}/postgres", timeout=5)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


def postgres(*statements: str) -> None:
    anyio.run(execute, *statements)


async def migrated(url: str) -> None:
    async with open_database(url):
        pass


@pytest.fixture(scope="session")
def postgres_template() -> Iterator[str]:
    """Name of a database with all tables, to copy."""
    name = f"dragoman_test_{secrets.token_hex(6)}"
    try:
        postgres(f"CREATE DATABASE {name}")
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        pytest.skip(f"no PostgreSQL at {POSTGRES} (set DRAGOMAN_TEST_POSTGRES): {error}")
    anyio.run(migrated, f"{POSTGRES}/{name}")
    yield name
    postgres(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "dragoman.db"
    anyio.run(migrated, f"sqlite:///{file}")
    return file


@contextmanager
def postgres_database(template: str = "template1") -> Iterator[str]:
    """URL of a new database, which is dropped in the end."""
    name = f"dragoman_test_{secrets.token_hex(6)}"
    postgres(f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield f"{POSTGRES}/{name}"
    finally:
        postgres(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/dragoman.db"
        return
    request.getfixturevalue("postgres_template")
    with postgres_database() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with all tables and nothing in them."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "dragoman.db")
        yield f"sqlite:///{tmp_path}/dragoman.db"
        return
    with postgres_database(request.getfixturevalue("postgres_template")) as url:
        yield url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with open_database(database_url) as opened:
        yield opened
