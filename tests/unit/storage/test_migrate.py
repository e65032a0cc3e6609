import subprocess
import sys

import anyio
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from dragoman.core.errors import DatabaseNewer
from dragoman.storage.database import open_database, snapshot, transaction
from dragoman.storage.tables import metadata

pytestmark = pytest.mark.anyio

OPEN = """
import anyio, sys
from dragoman.storage.database import open_database

async def main():
    async with open_database(sys.argv[1]):
        print("open", flush=True)

anyio.run(main)
"""


def schema(connection):
    found = inspect(connection)
    return {
        table: (
            found.get_pk_constraint(table)["constrained_columns"],
            sorted((check["name"], check["sqltext"]) for check in found.get_check_constraints(table)),
            sorted((unique["name"], *unique["column_names"]) for unique in found.get_unique_constraints(table)),
            sorted((key["name"], key["referred_table"]) for key in found.get_foreign_keys(table)),
            [(column["name"], str(column["type"]), column["nullable"]) for column in found.get_columns(table)],
        )
        for table in found.get_table_names()
        if table != "alembic_version"
    }


async def test_migrations_make_the_tables_of_today(empty_url):
    async with open_database(empty_url) as database:
        async with snapshot(database) as connection:
            differences = await connection.run_sync(
                lambda sync: compare_metadata(MigrationContext.configure(sync, opts={"compare_type": True}), metadata)
            )
            migrated = await connection.run_sync(schema)
        assert differences == []
        async with transaction(database) as connection:
            for statement in [f"DROP TABLE {table.name}" for table in reversed(metadata.sorted_tables)]:
                await connection.execute(text(statement))
            await connection.run_sync(metadata.create_all)
            created = await connection.run_sync(schema)
    assert migrated == created


async def test_opening_again_changes_nothing(empty_url):
    for _ in range(2):
        async with open_database(empty_url) as database, snapshot(database) as connection:
            revisions = (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalars().all()
    assert revisions == ["0002"]


async def test_a_newer_database_is_refused(empty_url):
    async with open_database(empty_url) as database, transaction(database) as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseNewer, match="9999"):
        async with open_database(empty_url):
            raise AssertionError("never inside")


async def test_several_tasks_open_a_new_database_at_once(empty_url):
    async def opened():
        async with open_database(empty_url) as database, snapshot(database) as connection:
            await connection.execute(text("SELECT * FROM postings"))

    async with anyio.create_task_group() as group:
        for _ in range(4):
            group.start_soon(opened)


def test_several_processes_open_a_new_database_at_once(empty_url):
    processes = [
        subprocess.Popen([sys.executable, "-c", OPEN, empty_url], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    for process in processes:
        out, complaint = process.communicate()
        assert (process.returncode, out) == (0, b"open\n"), complaint.decode()


@pytest.mark.parametrize("table", ["transfers", "postings", "usage"])
@pytest.mark.parametrize("change", ["UPDATE {} SET account_id = 'b'", "DELETE FROM {}"])
async def test_what_was_written_cannot_be_changed(database, table, change):
    async with transaction(database) as connection:
        for statement in ROWS:
            await connection.execute(text(statement))
    with pytest.raises(DBAPIError, match="append-only"):
        async with transaction(database) as connection:
            await connection.execute(text(change.format(table)))


@pytest.mark.parametrize(
    "change",
    ["UPDATE balances SET available = -1", "UPDATE balances SET held = -1", "UPDATE holds SET held = -1"],
)
async def test_nobody_has_less_than_nothing(database, change):
    async with transaction(database) as connection:
        for statement in ROWS:
            await connection.execute(text(statement))
    with pytest.raises(DBAPIError, match=r"ck_\w+_not_negative"):
        async with transaction(database) as connection:
            await connection.execute(text(change))


TIME = "'2026-01-01 00:00:00'"
ABOUT = "session_id, account_id, product, tokens_per_second, source, targets, engines"
SESSION = "'s', 'a', 'batch', 1, 'en', '[]', '[]'"
HOLD = f"{ABOUT}, owner, held, metered_ms"
TRANSFER = "id, idempotency_key, kind, account_id, session_id, amount, request, available_after, held_after, created_at"
USAGE = f"{ABOUT}, transfer_id, seconds, tokens"
ROWS = (
    f"INSERT INTO accounts (id, name, created_at) VALUES ('a', 'a', {TIME})",
    "INSERT INTO balances VALUES ('a', 0, 0)",
    f"INSERT INTO holds ({HOLD}, opened_at, heartbeat_at) VALUES ({SESSION}, 'me', 0, 0, {TIME}, {TIME})",
    f"INSERT INTO transfers ({TRANSFER}) VALUES (1, 'k', 'settle', 'a', 's', 0, '', 0, 0, {TIME})",
    "INSERT INTO postings VALUES (1, 'available', 'a', 1)",
    f"INSERT INTO usage ({USAGE}, started_at, ended_at) VALUES ({SESSION}, 1, 0, 0, {TIME}, {TIME})",
)
"""One row in every table that matters here."""
