from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import StatementError

from dragoman.storage.database import transaction
from dragoman.storage.tables import accounts

pytestmark = pytest.mark.anyio


async def stored(database, moment):
    async with transaction(database) as connection:
        await connection.execute(insert(accounts).values(id="a", name="a", created_at=moment))
        return (await connection.execute(select(accounts.c.created_at, accounts.c.closed_at))).one()


async def test_a_moment_comes_back_in_utc_to_the_microsecond(database):
    there = timezone(timedelta(hours=5, minutes=30))
    moment = datetime(2026, 3, 29, 2, 30, 0, 123456, tzinfo=there)
    found, missing = await stored(database, moment)
    assert found == moment
    assert found.tzinfo is UTC or found.utcoffset() == timedelta(0)
    assert missing is None


async def test_a_time_without_zone_is_refused(database):
    with pytest.raises(StatementError, match="without its zone"):
        await stored(database, datetime(2026, 1, 1))  # noqa: DTZ001  that is the point
