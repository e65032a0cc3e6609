"""Usage: one row per session that was settled, for reports and invoices. No speech, no text."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dragoman.billing.holds import Hold
from dragoman.billing.rates import Charge
from dragoman.core.product import Product
from dragoman.storage.tables import usage

_INSERT: Final = insert(usage)


@dataclass(frozen=True, slots=True)
class Usage:
    """What a session used and was charged for it."""

    session_id: str
    account_id: str
    key_id: str | None
    product: Product
    source: str
    targets: tuple[str, ...]
    engines: tuple[str, ...]
    seconds: int
    """Billed."""
    tokens: int
    """Charged."""
    tokens_per_second: int
    started_at: datetime
    """When tokens were first held."""
    ended_at: datetime
    """When it was settled; of a session that crashed, its last heartbeat."""


def insert_usage(connection: Connection, hold: Hold, charge: Charge, transfer_id: int, ended_at: datetime) -> None:
    session = hold.session
    row = {
        "session_id": session.id,
        "transfer_id": transfer_id,
        "account_id": session.account_id,
        "key_id": session.key_id,
        "product": session.product,
        "source": session.source,
        "targets": session.targets,
        "engines": session.engines,
        "seconds": charge.seconds,
        "tokens": charge.tokens,
        "tokens_per_second": session.tokens_per_second,
        "started_at": hold.opened_at,
        "ended_at": ended_at,
    }
    connection.execute(_INSERT, row)


async def read_usage(connection: AsyncConnection, account_id: str, limit: int) -> list[Usage]:
    """The account's newest rows, newest first."""
    query = (
        select(usage)
        .where(usage.c.account_id == account_id)
        .order_by(usage.c.ended_at.desc(), usage.c.transfer_id.desc())
    )
    return [
        Usage(
            session_id=row.session_id,
            account_id=row.account_id,
            key_id=row.key_id,
            product=row.product,
            source=row.source,
            targets=tuple(row.targets),
            engines=tuple(row.engines),
            seconds=row.seconds,
            tokens=row.tokens,
            tokens_per_second=row.tokens_per_second,
            started_at=row.started_at,
            ended_at=row.ended_at,
        )
        for row in await connection.execute(query.limit(limit))
    ]
