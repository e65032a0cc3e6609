"""Accounts and keys, on both databases."""

from datetime import UTC, datetime

import pytest
from tests.databases import database, database_url, postgres_template, sqlite_template

from dragoman.accounts.account import Accounts
from dragoman.accounts.authentication import Authenticator
from dragoman.accounts.keys import Keys
from dragoman.accounts.secrecy import Secrecy

__all__ = ["database", "database_url", "postgres_template", "sqlite_template"]


@pytest.fixture
def now():
    return datetime(2026, 11, 20, 12, 0, 0, 500_000, tzinfo=UTC)


@pytest.fixture
def secrecy():
    return Secrecy.of(bytes(range(32)))


@pytest.fixture
def accounts(database):
    return Accounts(database)


@pytest.fixture
def keys(database, secrecy):
    return Keys(database, secrecy)


@pytest.fixture
def authenticator(database, secrecy):
    return Authenticator(database, secrecy)


@pytest.fixture
async def acme(accounts, now):
    return await accounts.create("acme", now)
