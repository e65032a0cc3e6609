"""Types of columns that both databases must treat as one."""

from datetime import UTC, datetime

from sqlalchemy import BigInteger, DateTime, Dialect, Integer
from sqlalchemy.types import TypeDecorator

RowNumber = BigInteger().with_variant(Integer(), "sqlite")
"""Numbers that the database gives out; SQLite does so only for columns that are called INTEGER."""


class UtcTime(TypeDecorator[datetime]):
    """A moment, to the microsecond. Naive times are refused; SQLite keeps UTC as text that sorts by time."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  SQLAlchemy's
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError(f"a time without its zone: {value}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  SQLAlchemy's
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
