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

from sqlalchemy import Connection, Row, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dragoman.billing.amounts import MAX_TOKENS, checked_key
from dragoman.billing.booking import book
from dragoman.core.errors import AccountClosed, AccountNotFound, IdempotencyConflict, InvalidAmount
from dragoman.core.product import Product
from dragoman.storage.insert import insert_once
from dragoman.storage.tables import accounts, balances, transfers

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
_BY_KEY: Final = select(transfers).where(transfers.c.idempotency_key == bindparam("key"))


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
    account_id: str | None = None
    """None: that of the session."""
    session_id: str | None = None
    content: Mapping[str, int | str | Sequence[str] | None] = field(default_factory=dict)
    """All that tells it from another request; never the time."""

    def __post_init__(self) -> None:
        checked_key(self.key)

    def text(self, account_id: str) -> str:
        about = {"kind": self.kind, "account": self.account_id or account_id, "session": self.session_id}
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


def lock_customer(connection: Connection, account_id: str) -> Customer:
    """Waits for other transactions on the account; from here to the end of this one its balance stands still.

    Only the columns of the locked table are sure to be the newest in PostgreSQL; a joined table is read as it was
    before the wait. So this is one statement for the balance, and whatever else must be new is read after it.
    """
    found = _locked(connection, account_id)
    if found is None:
        _open_balance(connection, account_id)
        found = _locked(connection, account_id)
    assert found is not None
    return Customer(account_id, Balance(found.available, found.held), closed=found.closed_at is not None)


def earlier(connection: Connection, request: Request) -> Transfer | None:
    """The answer that the same request got before; raises :class:`IdempotencyConflict` when it was another one."""
    row = connection.execute(_BY_KEY, {"key": request.key}).one_or_none()
    if row is None:
        return None
    if row.request != request.text(row.account_id):
        raise _conflict(request.key)
    return _transfer(row)


def record(
    connection: Connection,
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
    row = {
        "idempotency_key": request.key,
        "kind": request.kind,
        "session_id": request.session_id,
        "amount": amount,
        "request": request.text(customer.account_id),
        "available_after": after.available,
        "held_after": after.reserved,
        "created_at": now,
    }
    transfer_id = book(
        connection, customer.account_id, row, {ledger: tokens for ledger, tokens in movement.items() if tokens}
    )
    if transfer_id is None:
        raise _conflict(request.key)
    return Transfer(transfer_id, request.kind, customer.account_id, request.session_id, amount, after, now)


async def read_balance(connection: AsyncConnection, account_id: str) -> Balance:
    """Raises :class:`AccountNotFound`."""
    both = accounts.outerjoin(balances)
    query = select(balances.c.available, balances.c.held).select_from(both).where(accounts.c.id == account_id)
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        raise _no_account(account_id)
    return Balance() if row.available is None else Balance(row.available, row.held)


def _locked(connection: Connection, account_id: str) -> Row[*tuple[Any, ...]] | None:
    return connection.execute(_BALANCE_LOCKED, {"account": account_id}).one_or_none()


def _open_balance(connection: Connection, account_id: str) -> None:
    known = connection.execute(select(accounts.c.id).where(accounts.c.id == account_id))
    if known.one_or_none() is None:
        raise _no_account(account_id)
    nothing = {"account_id": account_id, "available": 0, "held": 0}
    connection.execute(_OPEN_BALANCE[connection.dialect.name], nothing)


def _transfer(row: Row[*tuple[Any, ...]]) -> Transfer:
    after = Balance(row.available_after, row.held_after)
    return Transfer(row.id, row.kind, row.account_id, row.session_id, row.amount, after, row.created_at)


def _conflict(key: str) -> IdempotencyConflict:
    return IdempotencyConflict(
        f"the idempotency key {key!r} was used for a different request", remedy="Use a new key for a new request"
    )


def _no_account(account_id: str) -> AccountNotFound:
    return AccountNotFound(f"there is no account {account_id}", remedy="dragoman accounts list")
