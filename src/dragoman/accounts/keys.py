"""API keys: made, listed, revoked. Only digests are kept."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, insert, select, tuple_, update

from dragoman.accounts.keytext import KeyText, new_key
from dragoman.accounts.scopes import DEFAULT_SCOPES, Scope, scopes_from
from dragoman.accounts.secrecy import Secrecy
from dragoman.core.errors import AccountClosed, AccountNotFound, InvalidOption, KeyNotFound
from dragoman.storage.database import Database, snapshot, transaction
from dragoman.storage.tables import accounts, api_keys

_BY_AGE: Final = (api_keys.c.created_at, api_keys.c.id)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is known of a key; not the key."""

    id: str
    account_id: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime | None
    """None: never."""
    revoked_at: datetime | None
    last_used_at: datetime | None
    """To the hour."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one database."""

    database: Database
    secrecy: Secrecy

    async def create(
        self,
        account_id: str,
        now: datetime,
        *,
        expires_at: datetime | None = None,
        scopes: Iterable[str] = DEFAULT_SCOPES,
    ) -> KeyText:
        """The only time that the key can be seen.

        Raises :class:`AccountNotFound`, :class:`AccountClosed`, :class:`InvalidOption` for an unknown scope or an
        expiry that has passed.
        """
        if expires_at is not None and expires_at <= now:
            raise InvalidOption("the key would have expired already", remedy="Give a time in the future")
        allowed = sorted(scopes_from(scopes))
        key = new_key()
        async with transaction(self.database) as connection:
            account = (await connection.execute(select(accounts).where(accounts.c.id == account_id))).one_or_none()
            if account is None:
                raise AccountNotFound(f"there is no account {account_id}", remedy="dragoman accounts list")
            if account.closed_at is not None:
                raise AccountClosed(f"the account {account.name} is closed")
            await connection.execute(
                insert(api_keys).values(
                    id=key.id,
                    account_id=account_id,
                    digest=self.secrecy.digest(key.text),
                    scopes=allowed,
                    created_at=now,
                    expires_at=expires_at,
                )
            )
        return key

    async def all(
        self, account_id: str | None = None, *, after: str | None = None, limit: int | None = None
    ) -> list[ApiKey]:
        """Of one account or of all, oldest first, revoked and expired ones too; of those after a key's id so many.

        Raises :class:`KeyNotFound` when there is no key ``after`` which to go on.
        """
        query = select(api_keys).order_by(*_BY_AGE).limit(limit)
        if account_id is not None:
            query = query.where(api_keys.c.account_id == account_id)
        async with snapshot(self.database) as connection:
            if after is not None:
                place = (await connection.execute(select(*_BY_AGE).where(api_keys.c.id == after))).one_or_none()
                if place is None:
                    raise _not_found()
                query = query.where(tuple_(*_BY_AGE) > tuple(place))
            return [_api_key(row) for row in await connection.execute(query)]

    async def revoke(self, key_id: str, now: datetime) -> None:
        """From now on it opens nothing, nor do tokens made from it. Revoking again changes nothing.

        Raises :class:`KeyNotFound`.
        """
        query = select(api_keys.c.revoked_at).where(api_keys.c.id == key_id)
        statement = update(api_keys).where(api_keys.c.id == key_id, api_keys.c.revoked_at.is_(None))
        async with transaction(self.database) as connection:
            if (await connection.execute(query)).one_or_none() is None:
                raise _not_found()
            await connection.execute(statement.values(revoked_at=now))


def _not_found() -> KeyNotFound:
    return KeyNotFound("there is no key of that id", remedy="dragoman keys list")  # it may be a whole key


def _api_key(row: Row[*tuple[Any, ...]]) -> ApiKey:
    return ApiKey(
        id=row.id,
        account_id=row.account_id,
        scopes=scopes_from(row.scopes),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
    )
