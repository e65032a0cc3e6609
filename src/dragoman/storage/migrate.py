"""Brings the tables of a database to those of this version, one process at a time."""

import fcntl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import anyio
import anyio.to_thread
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from dragoman.core.errors import DatabaseNewer

_MIGRATIONS: Final = Path(__file__).parent / "migrations"

_ADVISORY_LOCK: Final = 7_236_114_801
"""Any number, as long as nobody else takes a PostgreSQL advisory lock by it."""

WRITES: Final = "dragoman_writes"
"""Execution option of connections whose transactions begin as a writer's."""

_upgrading = anyio.Lock()
"""Alembic's ``op`` is one for the process, so two databases in one process are upgraded one after the other."""


async def migrate(engine: AsyncEngine) -> None:
    """Upgrades to the newest revision. A database that has it already is only read.

    Raises :class:`DatabaseNewer` when its revision is none that this version knows.
    """
    if engine.dialect.name != "sqlite":
        await _upgrade_if_old(engine)
        return
    assert engine.url.database is not None
    # Also to look: the first connection switches a new file to its log, and SQLite does not wait there for another.
    async with _file_locked(Path(engine.url.database)):
        await _upgrade_if_old(engine)


def is_current(connection: Connection) -> bool:
    """Whether the newest revision is in force; raises :class:`DatabaseNewer`."""
    revision = MigrationContext.configure(connection).get_current_revision()
    script = ScriptDirectory(str(_MIGRATIONS))
    if revision is not None:
        _must_be_known(script, revision)
    return revision == script.get_current_head()


def _must_be_known(script: ScriptDirectory, revision: str) -> None:
    try:
        script.get_revision(revision)
    except CommandError as error:
        raise DatabaseNewer(
            f"the database was upgraded by a newer Dragoman (revision {revision})",
            remedy="Run that version, or give another database",
        ) from error


async def _upgrade_if_old(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        if await connection.run_sync(is_current):
            return
    async with _upgrading, engine.connect() as connection:
        await connection.execution_options(**{WRITES: True})
        async with connection.begin():
            if engine.dialect.name == "postgresql":
                await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ADVISORY_LOCK})
            if not await connection.run_sync(is_current):
                await connection.run_sync(_upgrade)


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


@asynccontextmanager
async def _file_locked(database: Path) -> AsyncIterator[None]:
    """The lock lies beside the database and ends with the process that holds it."""
    with database.with_name(f"{database.name}.lock").open("wb") as lock:
        await anyio.to_thread.run_sync(fcntl.flock, lock, fcntl.LOCK_EX)
        yield
