"""The one statement that the two databases spell alike and SQLAlchemy does not."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert


def insert_once(table: Table, returning: Column[Any]) -> Mapping[str, ReturningInsert[Any]]:
    """By dialect, an INSERT that does nothing and returns no row where a unique value is taken, also by a transaction
    that ends while it waits."""
    return {
        "postgresql": postgresql.insert(table).on_conflict_do_nothing().returning(returning),
        "sqlite": sqlite.insert(table).on_conflict_do_nothing().returning(returning),
    }
