"""Jobs on both databases, with two accounts to own them."""

import shutil
from datetime import UTC, datetime

import pytest
from sqlalchemy import insert
from tests.databases import database, database_url, postgres_template, sqlite_template
from tests.unit.jobs.yard import open_yard

from dragoman.core.options import JobOptions, RunOptions
from dragoman.jobs.model import Submission
from dragoman.jobs.store import Jobs
from dragoman.storage.database import open_database, transaction
from dragoman.storage.tables import accounts

__all__ = ["database", "database_url", "postgres_template", "sqlite_template"]

NOW = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)


@pytest.fixture
def now():
    return NOW


@pytest.fixture
async def jobs(database):
    async with transaction(database) as connection:
        rows = [{"id": name, "name": name, "created_at": NOW} for name in ("acme", "other")]
        await connection.execute(insert(accounts), rows)
    return Jobs(database)


@pytest.fixture
def submission():
    def make(account="acme", **more):
        about = {"options": JobOptions(RunOptions("en", ("es",))), "data_name": "a.wav"}
        return Submission(account, '{"type": "transcription"}', **(about | more))

    return make


@pytest.fixture
async def yard(sqlite_template, tmp_path):
    """Where the database does not matter."""
    shutil.copy(sqlite_template, tmp_path / "dragoman.db")
    async with open_database(f"sqlite:///{tmp_path}/dragoman.db") as opened, open_yard(opened, tmp_path) as yard:
        yield yard


@pytest.fixture
async def either_yard(database, tmp_path):
    """On both databases."""
    async with open_yard(database, tmp_path) as yard:
        yield yard
