"""Accounts: who owns tokens and keys."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dragoman.core.errors import AccountExists, AccountNotFound, InvalidOption
from dragoman.storage.database import Database, snapshot, transaction
from dragoman.storage.insert import insert_once
from dragoman.storage.tables import accounts

_INSERT: Final = insert_once(accounts, accounts.c.id)

_LONGEST_NAME: Final = 100


@dataclass(frozen=True, slots=True)
class Account:
    id: str
    """``acc_`` and 16 random hexadecimal digits."""
    name: str
    created_at: datetime
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Accounts:
    """The accounts of one database."""

    database: Database

    async def create(self, name: str, now: datetime, *, within: AsyncConnection | None = None) -> Account:
        """Raises :class:`AccountExists`; closed accounts keep their names. :class:`InvalidOption` for an odd name."""
        account = Account(f"acc_{secrets.token_hex(8)}", _checked_name(name), now)
        async with transaction(self.database, within) as connection:
            row = {"id": account.id, "name": account.name, "created_at": now}
            if (await connection.execute(_INSERT[connection.dialect.name], row)).one_or_none() is None:
                raise AccountExists(f"there is an account named {name!r}", remedy="Choose another name")
        return account

    async def named(self, name: str) -> Account:
        """By its name. Raises :class:`AccountNotFound`."""
        return await self._find(accounts.c.name == name, name)

    async def get(self, account_id: str) -> Account:
        """By its id. Raises :class:`AccountNotFound`."""
        return await self._find(accounts.c.id == account_id, account_id)

    async def all(self, *, after: str | None = None, limit: int | None = None) -> list[Account]:
        """By name in the database's order, closed ones too; of those after a name so many."""
        query = select(accounts).order_by(accounts.c.name).limit(limit)
        if after is not None:
            query = query.where(accounts.c.name > after)
        async with snapshot(self.database) as connection:
            return [_account(row) for row in await connection.execute(query)]

    async def close(self, account_id: str, now: datetime) -> None:
        """From now on its credentials open nothing and nothing is held for it; what runs is ended and settled by its
        owner. Closing again changes nothing. Raises :class:`AccountNotFound`."""
        await self.get(account_id)
        statement = update(accounts).where(accounts.c.id == account_id, accounts.c.closed_at.is_(None))
        async with transaction(self.database) as connection:
            await connection.execute(statement.values(closed_at=now))

    async def _find(self, which: ColumnElement[bool], called: str) -> Account:
        async with snapshot(self.database) as connection:
            row = (await connection.execute(select(accounts).where(which))).one_or_none()
        if row is None:
            raise AccountNotFound(f"there is no account {called!r}", remedy="dragoman accounts list")
        return _account(row)


def _account(row: Row[*tuple[Any, ...]]) -> Account:
    return Account(row.id, row.name, row.created_at, row.closed_at)


def _checked_name(name: str) -> str:
    if not 1 <= len(name) <= _LONGEST_NAME or not name.isprintable() or name != name.strip():
        raise InvalidOption(
            f"{name!r} cannot be the name of an account",
            remedy=f"Allowed: 1 to {_LONGEST_NAME} printable characters, no space at the ends",
        )
    return name
