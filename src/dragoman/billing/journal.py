"""The journal: transfers, each with postings that sum to zero.

Every customer has four ledgers, and every posting is on one of them:

| ledger | holds |
|---|---|
| ``issuance`` | minus what was ever granted |
| ``available`` | what can be held or spent |
| ``held`` | what is set aside for open sessions |
| ``revenue:PRODUCT`` | what was charged |

So the postings of one customer sum to zero as well as those of all. A transfer is written by one transaction that
holds the lock on the customer's balance, and answers with the balance after it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import Row, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dragoman.billing.amounts import MAX_TOKENS, checked_key
from dragoman.core.errors import AccountClosed, AccountNotFound, IdempotencyConflict, InvalidAmount
from dragoman.core.product import Product
from dragoman.storage.insert import insert_once
from dragoman.storage.tables import accounts, balances, postings, transfers

Kind = Literal["grant", "hold", "top_up", "settle", "release"]

ISSUANCE: Final = "issuance"
AVAILABLE: Final = "available"
HELD: Final = "held"


# Statements are made once: SQLAlchemy takes several times longer to make one than to run it.
_BALANCE_LOCKED: Final = (
    select(balances.c.available, balances.c.held, accounts.c.closed_at)
    .join_from(balances, accounts)
    .where(balances.c.account_id == bindparam("account"))
    .with_for_update(of=balances, key_share=True)
)
_OPEN_BALANCE: Final = insert_once(balances, balances.c.account_id)
_SET_BALANCE: Final = (
    update(balances)
    .where(balances.c.account_id == bindparam("account"))
    .values(available=bindparam("available_after"), held=bindparam("held_after"))
)
_BY_KEY: Final = select(transfers).where(transfers.c.idempotency_key == bindparam("key"))
_INSERT_TRANSFER: Final = insert_once(transfers, transfers.c.id)
_INSERT_POSTINGS: Final = insert(postings)


def revenue(product: Product) -> str:
    return f"revenue:{product}"


@dataclass(frozen=True, slots=True)
class Balance:
    """What a customer has, in tokens."""

    available: int = 0
    """Can be held or spent."""
    reserved: int = 0
    """Set aside for open sessions."""

    @property
    def balance(self) -> int:
        """Both."""
        return self.available + self.reserved


@dataclass(frozen=True, slots=True)
class Transfer:
    """The answer to every write; a repeated request gets the one it got first."""

    id: int
    kind: Kind
    account_id: str
    session_id: str | None
    amount: int
    """Tokens granted, held, charged (settle) or given back (release)."""
    balance: Balance
    """After it."""
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Request:
    """What a caller asks, under the key by which it may ask again."""

    key: str
    kind: Kind
    account_id: str
    session_id: str | None = None
    content: Mapping[str, int | str | Sequence[str] | None] = field(default_factory=dict)
    """All that tells it from another request; never the time."""

    def __post_init__(self) -> None:
        checked_key(self.key)

    def text(self) -> str:
        about = {"kind": self.kind, "account": self.account_id, "session": self.session_id}
        return json.dumps({**about, **self.content}, sort_keys=True, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Customer:
    """An account whose balance is locked by this transaction."""

    account_id: str
    balance: Balance
    closed: bool

    def must_be_open(self) -> None:
        if self.closed:
            raise AccountClosed(f"the account {self.account_id} is closed")


async def lock_customer(connection: AsyncConnection, account_id: str) -> Customer:
    """Waits for other transactions on the account; from here to the end of this one its balance stands still.

    Only the columns of the locked table are sure to be the newest in PostgreSQL; a joined table is read as it was
    before the wait. So this is one statement for the balance, and whatever else must be new is read after it.
    """
    found = await _locked(connection, account_id)
    if found is None:
        await _open_balance(connection, account_id)
        found = await _locked(connection, account_id)
    assert found is not None
    return Customer(account_id, Balance(found.available, found.held), closed=found.closed_at is not None)


async def earlier(connection: AsyncConnection, request: Request) -> Transfer | None:
    """The answer that the same request got before; raises :class:`IdempotencyConflict` when it was another one."""
    row = (await connection.execute(_BY_KEY, {"key": request.key})).one_or_none()
    if row is None:
        return None
    if row.request != request.text():
        raise _conflict(request.key)
    return _transfer(row)


async def record(
    connection: AsyncConnection,
    request: Request,
    customer: Customer,
    movement: Mapping[str, int],
    *,
    amount: int,
    now: datetime,
) -> Transfer:
    """Writes one transfer: ``movement`` is the signed tokens per ledger, ``amount`` what the answer says."""
    assert sum(movement.values()) == 0, movement
    after = Balance(
        customer.balance.available + movement.get(AVAILABLE, 0), customer.balance.reserved + movement.get(HELD, 0)
    )
    if after.balance > MAX_TOKENS:
        raise InvalidAmount("the account would have more tokens than it can", remedy=f"At most {MAX_TOKENS}")
    transfer_id = await _insert_transfer(connection, request, amount, after, now)
    legs = [
        {"transfer_id": transfer_id, "ledger": ledger, "account_id": request.account_id, "amount": tokens}
        for ledger, tokens in movement.items()
        if tokens
    ]
    if legs:
        await connection.execute(_INSERT_POSTINGS, legs)
        balance = {"account": request.account_id, "available_after": after.available, "held_after": after.reserved}
        await connection.execute(_SET_BALANCE, balance)
    return Transfer(transfer_id, request.kind, request.account_id, request.session_id, amount, after, now)


async def read_balance(connection: AsyncConnection, account_id: str) -> Balance:
    """Raises :class:`AccountNotFound`."""
    both = accounts.outerjoin(balances)
    query = select(balances.c.available, balances.c.held).select_from(both).where(accounts.c.id == account_id)
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        raise _no_account(account_id)
    return Balance() if row.available is None else Balance(row.available, row.held)


async def _locked(connection: AsyncConnection, account_id: str) -> Row[*tuple[Any, ...]] | None:
    return (await connection.execute(_BALANCE_LOCKED, {"account": account_id})).one_or_none()


async def _open_balance(connection: AsyncConnection, account_id: str) -> None:
    known = await connection.execute(select(accounts.c.id).where(accounts.c.id == account_id))
    if known.one_or_none() is None:
        raise _no_account(account_id)
    nothing = {"account_id": account_id, "available": 0, "held": 0}
    await connection.execute(_OPEN_BALANCE[connection.dialect.name], nothing)


async def _insert_transfer(
    connection: AsyncConnection, request: Request, amount: int, after: Balance, now: datetime
) -> int:
    row = {
        "idempotency_key": request.key,
        "kind": request.kind,
        "account_id": request.account_id,
        "session_id": request.session_id,
        "amount": amount,
        "request": request.text(),
        "available_after": after.available,
        "held_after": after.reserved,
        "created_at": now,
    }
    inserted = await connection.execute(_INSERT_TRANSFER[connection.dialect.name], row)
    transfer_id: int | None = inserted.scalar_one_or_none()
    if transfer_id is None:  # taken by another account, or between our look and our write
        raise _conflict(request.key)
    return transfer_id


def _transfer(row: Row[*tuple[Any, ...]]) -> Transfer:
    after = Balance(row.available_after, row.held_after)
    return Transfer(row.id, row.kind, row.account_id, row.session_id, row.amount, after, row.created_at)


def _conflict(key: str) -> IdempotencyConflict:
    return IdempotencyConflict(
        f"the idempotency key {key!r} was used for a different request", remedy="Use a new key for a new request"
    )


def _no_account(account_id: str) -> AccountNotFound:
    return AccountNotFound(f"there is no account {account_id}", remedy="dragoman accounts list")
