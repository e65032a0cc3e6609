"""The ledger: grant, hold, top up, settle, release.

Every write takes an idempotency key chosen by the caller. The same request under the same key is answered with what it
was answered first, and nothing moves again; another request under that key is refused. So whoever does not know
whether a write was done, after a crash or a lost connection, asks again.

Every write is one transaction, or a savepoint in the caller's own when ``within`` hands one in. An error means that
nothing has moved. The time is handed in.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncConnection

from dragoman.billing.amounts import checked_amount
from dragoman.billing.audit import Audit, audit
from dragoman.billing.holds import (
    Hold,
    Session,
    beat,
    close_hold,
    insert_hold,
    lock_session,
    open_holds,
    stale_holds,
    update_held,
)
from dragoman.billing.journal import (
    AVAILABLE,
    HELD,
    ISSUANCE,
    Balance,
    Customer,
    Request,
    Transfer,
    earlier,
    lock_customer,
    read_balance,
    record,
    revenue,
)
from dragoman.billing.rates import Charge, charge_after_crash
from dragoman.billing.usage import Usage, insert_usage, read_usage
from dragoman.core.errors import AccountError, AuthError, HoldExceeded, InsufficientTokens, InvalidAmount, MoneyError
from dragoman.storage.database import Database, snapshot, write

_REFUSALS: Final = (MoneyError, AccountError, AuthError)
"""Of what was asked. That the database cannot be asked is none."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """The books of all accounts, in one database."""

    database: Database

    async def grant(
        self, key: str, account_id: str, amount: int, now: datetime, *, within: AsyncConnection | None = None
    ) -> Transfer:
        """Gives tokens. Raises :class:`AccountNotFound`, :class:`AccountClosed`, :class:`InvalidAmount`."""
        checked_amount(amount, least=1)
        request = Request(key, "grant", account_id, content={"amount": amount})

        def move(connection: Connection) -> Transfer:
            customer = lock_customer(connection, account_id)
            customer.must_be_open()
            return record(connection, request, customer, {ISSUANCE: -amount, AVAILABLE: amount}, amount=amount, now=now)

        return await self._once(request, move, within)

    async def hold(
        self,
        key: str,
        session: Session,
        amount: int,
        now: datetime,
        *,
        at_least: int | None = None,
        within: AsyncConnection | None = None,
    ) -> Transfer:
        """Sets tokens aside for a session that is about to begin: ``amount``, or what there is if that is ``at_least``.

        Raises :class:`InsufficientTokens`, :class:`AccountNotFound`, :class:`AccountClosed`, :class:`HoldExists`.
        """
        least = _least(amount, at_least)
        checked_amount(session.tokens_per_second)
        request = Request(key, "hold", session.account_id, session.id, _content(session, amount, least))

        def move(connection: Connection) -> Transfer:
            customer = lock_customer(connection, session.account_id)
            customer.must_be_open()
            held = _within_means(customer, amount, least)
            insert_hold(connection, session, held, now)
            return record(connection, request, customer, {AVAILABLE: -held, HELD: held}, amount=held, now=now)

        return await self._once(request, move, within)

    async def top_up(
        self,
        key: str,
        session_id: str,
        amount: int,
        now: datetime,
        *,
        at_least: int | None = None,
        within: AsyncConnection | None = None,
    ) -> Transfer:
        """Sets more tokens aside for a session that runs; the answer's ``amount`` is what was added.

        Raises :class:`InsufficientTokens`, :class:`AccountClosed`, :class:`HoldNotFound`, :class:`HoldClosed`.
        """
        least = _least(amount, at_least)
        content = {"amount": amount, "at_least": least}
        request = Request(key, "top_up", session_id=session_id, content=content)

        def move(connection: Connection) -> Transfer:
            hold, customer = lock_session(connection, session_id)
            hold.must_be_open()
            customer.must_be_open()
            added = _within_means(customer, amount, least)
            update_held(connection, session_id, hold.held + added)
            return record(connection, request, customer, {AVAILABLE: -added, HELD: added}, amount=added, now=now)

        return await self._once(request, move, within)

    async def settle(
        self, key: str, session_id: str, charge: Charge, now: datetime, *, within: AsyncConnection | None = None
    ) -> Transfer:
        """Ends a session: charges, gives the rest back, and writes its usage row. ``charge`` comes from ``rates``.

        Raises :class:`HoldExceeded` for more than is held, :class:`InvalidAmount` for more than the seconds cost,
        :class:`HoldNotFound`, :class:`HoldClosed`.
        """
        request = _settlement(key, session_id, charge)

        def move(connection: Connection) -> Transfer:
            hold, customer = lock_session(connection, session_id)
            return _settle(connection, request, hold, customer, charge, now, ended_at=now)

        return await self._once(request, move, within)

    async def release(
        self, key: str, session_id: str, now: datetime, *, within: AsyncConnection | None = None
    ) -> Transfer:
        """Gives all back that was held for a session that never began.

        Raises :class:`HoldNotFound`, :class:`HoldClosed`.
        """
        request = Request(key, "release", session_id=session_id)

        def move(connection: Connection) -> Transfer:
            hold, customer = lock_session(connection, session_id)
            hold.must_be_open()
            close_hold(connection, session_id, now)
            movement = {HELD: -hold.held, AVAILABLE: hold.held}
            return record(connection, request, customer, movement, amount=hold.held, now=now)

        return await self._once(request, move, within)

    async def heartbeat(self, metered_ms: Mapping[str, int], now: datetime) -> frozenset[str]:
        """Notes how many milliseconds of each session have been metered; a smaller number than before changes none.

        Returns the sessions that are open no longer, settled or reaped by another process: their owner must end them.
        One call for all sessions of a process costs little more than for one.
        """
        return await write(self.database, lambda connection: beat(connection, metered_ms, now))

    async def stale(self, now: datetime, older_than: timedelta, *, owner: str | None = None) -> list[Hold]:
        """Open holds whose last heartbeat is ``older_than`` or more ago; ``owner`` picks those of one process.

        A server that knows that its predecessor is dead asks for that owner's, with ``older_than`` zero.
        """
        async with snapshot(self.database) as connection:
            return await stale_holds(connection, now, older_than, owner)

    async def reap(self, now: datetime, older_than: timedelta, *, owner: str | None = None) -> list[Transfer]:
        """Settles every stale hold at its last heartbeat. Any number of processes may do so at once."""
        reaped = [
            await self._reap_one(hold.session.id, now, older_than)
            for hold in await self.stale(now, older_than, owner=owner)
        ]
        return [transfer for transfer in reaped if transfer is not None]

    async def balance(self, account_id: str) -> Balance:
        """Raises :class:`AccountNotFound`."""
        async with snapshot(self.database) as connection:
            return await read_balance(connection, account_id)

    async def open_holds(self, account_id: str) -> list[Hold]:
        """The account's sessions that run now, oldest first."""
        async with snapshot(self.database) as connection:
            return await open_holds(connection, account_id)

    async def usage(self, account_id: str, *, limit: int = 100) -> list[Usage]:
        """The account's sessions that were settled, newest first."""
        async with snapshot(self.database) as connection:
            return await read_usage(connection, account_id, limit)

    async def reconcile(self) -> Audit:
        """Replays all postings and compares them with every balance, hold and usage row."""
        async with snapshot(self.database) as connection:
            return await audit(connection)

    async def _once(
        self, request: Request, move: Callable[[Connection], Transfer], within: AsyncConnection | None
    ) -> Transfer:
        """Moves, or answers as the same request was answered before.

        What was done before is always refused now, by its key if by nothing else; so only then it is looked for.
        """
        try:
            return await write(self.database, move, within)
        except _REFUSALS:
            if answer := await write(self.database, lambda connection: earlier(connection, request), within):
                return answer
            raise

    async def _reap_one(self, session_id: str, now: datetime, older_than: timedelta) -> Transfer | None:
        """None when it was heard of or closed since we looked."""

        def work(connection: Connection) -> Transfer | None:
            hold, customer = lock_session(connection, session_id)
            if hold.closed_at is not None or hold.heartbeat_at > now - older_than:
                return None
            charge = charge_after_crash(hold.metered_ms, hold.session.tokens_per_second, hold.held)
            request = _settlement(f"reap:{session_id}", session_id, charge)
            return _settle(connection, request, hold, customer, charge, now, ended_at=hold.heartbeat_at)

        return await write(self.database, work)


def _settlement(key: str, session_id: str, charge: Charge) -> Request:
    content = {"seconds": charge.seconds, "tokens": charge.tokens}
    return Request(key, "settle", session_id=session_id, content=content)


def _settle(
    connection: Connection,
    request: Request,
    hold: Hold,
    customer: Customer,
    charge: Charge,
    now: datetime,
    *,
    ended_at: datetime,
) -> Transfer:
    hold.must_be_open()
    _check_charge(hold, charge)
    rest = hold.held - charge.tokens
    movement = {HELD: -hold.held, revenue(hold.session.product): charge.tokens, AVAILABLE: rest}
    transfer = record(connection, request, customer, movement, amount=charge.tokens, now=now)
    close_hold(connection, hold.session.id, now)
    insert_usage(connection, hold, charge, transfer.id, ended_at)
    return transfer


def _check_charge(hold: Hold, charge: Charge) -> None:
    checked_amount(charge.seconds)
    checked_amount(charge.tokens)
    if charge.tokens > hold.held:
        raise HoldExceeded(f"{charge.tokens} tokens cannot be charged: {hold.held} are held for {hold.session.id}")
    price = charge.seconds * hold.session.tokens_per_second
    if charge.tokens > price:
        raise InvalidAmount(f"{charge.seconds} seconds cost {price} tokens, not {charge.tokens}")


def _least(amount: int, at_least: int | None) -> int:
    checked_amount(amount)
    if at_least is None:
        return amount
    checked_amount(at_least)
    if at_least > amount:
        raise InvalidAmount(f"at least {at_least} tokens are more than {amount}")
    return at_least


def _within_means(customer: Customer, amount: int, least: int) -> int:
    """As much of ``amount`` as the customer has."""
    available = customer.balance.available
    if available < least:
        raise InsufficientTokens(f"{least} tokens are needed and {available} are available", remedy="Add tokens")
    return min(amount, available)


def _content(session: Session, amount: int, least: int) -> Mapping[str, int | str | tuple[str, ...] | None]:
    return {
        "amount": amount,
        "at_least": least,
        "product": session.product,
        "tokens_per_second": session.tokens_per_second,
        "source": session.source,
        "targets": session.targets,
        "engines": session.engines,
        "owner": session.owner,
        "key_id": session.key_id,
    }
