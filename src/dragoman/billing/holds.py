"""Holds: the tokens set aside for each session, and how far the session had come when it was last heard of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import BindParameter, ColumnElement, Connection, Row, Select, bindparam, case, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dragoman.billing.journal import Balance, Customer
from dragoman.core.errors import HoldClosed, HoldExists, HoldNotFound
from dragoman.core.product import Product
from dragoman.storage.insert import insert_once
from dragoman.storage.tables import accounts, balances, holds

_THE_HOLD: Final = holds.c.session_id == bindparam("session")
_INSERT: Final = insert_once(holds, holds.c.session_id)
_LOCKED: Final = select(holds).where(_THE_HOLD).with_for_update(key_share=True)
_LOCKED_WITH_CUSTOMER: Final = (
    select(
        holds,
        balances.c.available,
        balances.c.held.label("reserved"),
        accounts.c.closed_at.label("account_closed_at"),
    )
    .join_from(holds, balances, holds.c.account_id == balances.c.account_id)
    .join(accounts, holds.c.account_id == accounts.c.id)
    .where(_THE_HOLD)
    .with_for_update(of=[holds, balances], key_share=True)
)
_SET_HELD: Final = update(holds).where(_THE_HOLD).values(held=bindparam("tokens"))
_CLOSE: Final = update(holds).where(_THE_HOLD).values(held=0, closed_at=bindparam("now"))
_READING: Final[BindParameter[int]] = bindparam("reading")
_BEAT: Final = (
    update(holds)
    .where(_THE_HOLD, holds.c.closed_at.is_(None))
    .values(
        metered_ms=case((holds.c.metered_ms < _READING, _READING), else_=holds.c.metered_ms),
        heartbeat_at=bindparam("now"),
    )
)


@dataclass(frozen=True, slots=True)
class Session:
    """What tokens are held for: a live session or a batch job. Its usage row repeats these."""

    id: str
    """Minted by the caller; a session is paid for once."""
    account_id: str
    product: Product
    tokens_per_second: int
    """The rate at its beginning, in force to its end."""
    source: str
    """Language tag."""
    targets: tuple[str, ...]
    """Language tags."""
    engines: tuple[str, ...]
    """Names."""
    owner: str
    """The process that meters it."""
    key_id: str | None = None
    """The API key that began it; None in open mode."""


@dataclass(frozen=True, slots=True)
class Hold:
    """The state of a session's hold."""

    session: Session
    held: int
    """Tokens."""
    metered_ms: int
    """Milliseconds metered up to the last heartbeat."""
    opened_at: datetime
    heartbeat_at: datetime
    closed_at: datetime | None

    def must_be_open(self) -> None:
        if self.closed_at is not None:
            raise HoldClosed(f"the session {self.session.id} was settled or released at {self.closed_at:%F %T} UTC")


def insert_hold(connection: Connection, session: Session, held: int, now: datetime) -> None:
    """Raises :class:`HoldExists`."""
    row = {
        "session_id": session.id,
        "account_id": session.account_id,
        "key_id": session.key_id,
        "product": session.product,
        "tokens_per_second": session.tokens_per_second,
        "source": session.source,
        "targets": session.targets,
        "engines": session.engines,
        "owner": session.owner,
        "held": held,
        "metered_ms": 0,
        "opened_at": now,
        "heartbeat_at": now,
    }
    if connection.execute(_INSERT[connection.dialect.name], row).one_or_none() is None:
        raise HoldExists(f"tokens were held for the session {session.id} before", remedy="Top the hold up")


def lock_hold(connection: Connection, session_id: str) -> Hold:
    """The hold, which nobody else changes before this transaction ends. Raises :class:`HoldNotFound`."""
    return _hold(_locked(connection, _LOCKED, session_id))


def lock_session(connection: Connection, session_id: str) -> tuple[Hold, Customer]:
    """The hold, and then its customer, as :func:`lock_hold` and ``lock_customer`` do."""
    row = _locked(connection, _LOCKED_WITH_CUSTOMER, session_id)
    closed = row.account_closed_at is not None
    return _hold(row), Customer(row.account_id, Balance(row.available, row.reserved), closed=closed)


def update_held(connection: Connection, session_id: str, held: int) -> None:
    connection.execute(_SET_HELD, {"session": session_id, "tokens": held})


def close_hold(connection: Connection, session_id: str, now: datetime) -> None:
    connection.execute(_CLOSE, {"session": session_id, "now": now})


def beat(connection: Connection, metered_ms: Mapping[str, int], now: datetime) -> frozenset[str]:
    """Notes how far each session has come. Returns those that are open no longer, whose owner must end them."""
    if not metered_ms:
        return frozenset()
    # In one order everywhere, so that two processes never wait for each other's rows crosswise.
    beats = [{"session": id_, "reading": metered_ms[id_], "now": now} for id_ in sorted(metered_ms)]
    connection.execute(_BEAT, beats)
    still = select(holds.c.session_id).where(holds.c.session_id.in_(metered_ms), holds.c.closed_at.is_(None))
    return frozenset(metered_ms) - frozenset(connection.execute(still).scalars())


async def open_holds(connection: AsyncConnection, account_id: str) -> list[Hold]:
    """Of one account, oldest first."""
    return await _open(connection, holds.c.account_id == account_id)


async def stale_holds(
    connection: AsyncConnection, now: datetime, older_than: timedelta, owner: str | None
) -> list[Hold]:
    """Of all accounts, the sessions not heard of for ``older_than`` or longer; of one ``owner`` where it is named.

    A batch job says nothing while it waits, and outlives the process that runs it: its hold is closed by its end.
    """
    silent = (holds.c.heartbeat_at <= now - older_than) & (holds.c.product != "batch")
    return await _open(connection, silent if owner is None else silent & (holds.c.owner == owner))


async def _open(connection: AsyncConnection, which: ColumnElement[bool]) -> list[Hold]:
    query = select(holds).where(holds.c.closed_at.is_(None), which).order_by(holds.c.opened_at, holds.c.session_id)
    return [_hold(row) for row in await connection.execute(query)]


def _locked(connection: Connection, lock: Select[*tuple[Any, ...]], session_id: str) -> Row[*tuple[Any, ...]]:
    row = connection.execute(lock, {"session": session_id}).one_or_none()
    if row is None:
        raise HoldNotFound(f"no tokens were ever held for the session {session_id}")
    return row


def _hold(row: Row[*tuple[Any, ...]]) -> Hold:
    session = Session(
        id=row.session_id,
        account_id=row.account_id,
        product=row.product,
        tokens_per_second=row.tokens_per_second,
        source=row.source,
        targets=tuple(row.targets),
        engines=tuple(row.engines),
        owner=row.owner,
        key_id=row.key_id,
    )
    return Hold(session, row.held, row.metered_ms, row.opened_at, row.heartbeat_at, row.closed_at)
