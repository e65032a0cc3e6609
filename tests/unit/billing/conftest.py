"""A ledger, on both databases, and customers to use it."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import insert
from tests.databases import database, database_url, postgres_template, sqlite_template

from dragoman.billing.holds import Session
from dragoman.billing.ledger import Ledger
from dragoman.storage.database import transaction
from dragoman.storage.tables import accounts

__all__ = ["database", "database_url", "postgres_template", "sqlite_template"]

NOW = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)


@pytest.fixture
def now():
    return NOW


async def add_accounts(database, *names):
    async with transaction(database) as connection:
        await connection.execute(insert(accounts), [{"id": name, "name": name, "created_at": NOW} for name in names])


@pytest.fixture
async def ledger(database):
    """Account ``acme`` has 100 tokens, ``poor`` none."""
    await add_accounts(database, "acme", "poor")
    ledger = Ledger(database)
    await ledger.grant("first", "acme", 100, NOW)
    return ledger


@pytest.fixture
def session():
    def make(id_="s1", account="acme", rate=2, **more):
        about = {"source": "en", "targets": ("es", "fr"), "engines": ("ears", "mt"), "owner": "gateway-1"}
        return Session(id_, account, "live_speech", rate, **(about | more))

    return make
