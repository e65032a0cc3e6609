"""Credentials to principals, for every face."""

import hmac
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, bindparam, select, update

from dragoman.accounts.account import Account, Accounts
from dragoman.accounts.keytext import KeyText, parse_key
from dragoman.accounts.principal import Principal
from dragoman.accounts.scopes import DEFAULT_SCOPES, scopes_from
from dragoman.accounts.secrecy import Secrecy
from dragoman.accounts.tokens import looks_like_token, read_token
from dragoman.core.errors import (
    AccountClosed,
    AccountExists,
    AccountNotFound,
    CredentialExpired,
    CredentialMalformed,
    CredentialMissing,
    CredentialRevoked,
    CredentialUnknown,
)
from dragoman.storage.database import Database, snapshot, transaction
from dragoman.storage.tables import accounts, api_keys

_KEY_AND_ACCOUNT: Final = (
    select(api_keys, accounts.c.closed_at).join_from(api_keys, accounts).where(api_keys.c.id == bindparam("key"))
)

_USE_NOTED: Final = timedelta(hours=1)
"""The use of a key is written down this often, so that a connection costs no write."""

_OPEN: Final = "open"
"""Name of the account of everybody in open mode."""

_LONGEST: Final = 4096
"""Characters of a credential that are looked at."""


@dataclass(frozen=True, slots=True)
class Authenticator:
    """Knows every credential that was issued here."""

    database: Database
    secrecy: Secrecy

    async def authenticate(self, credential: str | None, now: datetime) -> Principal:
        """Who shows this key or token.

        Raises :class:`CredentialMissing`, :class:`CredentialMalformed`, :class:`CredentialUnknown`,
        :class:`CredentialRevoked`, :class:`CredentialExpired`, :class:`AccountClosed`. The last three are told only to
        whoever has shown a genuine credential. No message repeats the credential.
        """
        if credential is None or not credential.strip():
            raise CredentialMissing("no API key was given", remedy="Give an API key, or a token made from one")
        text = credential.strip()
        if (key := parse_key(text)) is not None:
            return await self._by_key(key, now)
        if len(text) <= _LONGEST and looks_like_token(text):
            token = read_token(self.secrecy, text, now)
            row = await self._row(token.key_id)
            if row is None or row.account_id != token.account_id:
                raise _unknown()
            return _still_valid(token, row, now)
        raise CredentialMalformed(
            "the API key is malformed", remedy="A key is dgm_, 12 characters, _, 43 characters; look for a cut-off end"
        )

    async def check(self, principal: Principal, now: datetime) -> None:
        """Whether the principal of a running session may go on.

        Raises :class:`CredentialRevoked`, :class:`CredentialExpired`, :class:`AccountClosed`.
        """
        if principal.key_id is None:
            await self._check_account(principal.account_id)
            return
        row = await self._row(principal.key_id)
        if row is None:
            raise _unknown()
        _still_valid(principal, row, now)

    async def authenticate_open(self, credential: str | None, now: datetime) -> Principal:
        """In open mode: whoever shows no credential that was issued here is the account ``open``, which is made for the
        first of them, and may do all but administer. Many clients cannot show nothing; what they make up is as good.

        Raises :class:`CredentialRevoked`, :class:`CredentialExpired`, :class:`AccountClosed` for one that was issued
        here: its owner would otherwise go on under another account, without a word.
        """
        with suppress(CredentialMissing, CredentialMalformed, CredentialUnknown):
            return await self.authenticate(credential, now)
        books = Accounts(self.database)
        try:
            account = await books.named(_OPEN)
        except AccountNotFound:
            account = await _first_of(books, now)
        await self._check_account(account.id)
        return Principal(account.id, None, DEFAULT_SCOPES, None)

    async def _check_account(self, account_id: str) -> None:
        if (await Accounts(self.database).get(account_id)).closed_at is not None:
            raise _closed()

    async def _by_key(self, key: KeyText, now: datetime) -> Principal:
        row = await self._row(key.id)
        # An unknown id takes the same time as a wrong secret.
        kept = row.digest if row is not None else bytes(32)
        if not hmac.compare_digest(self.secrecy.digest(key.text), kept) or row is None:
            raise _unknown()
        principal = _still_valid(Principal(row.account_id, key.id, scopes_from(row.scopes), None), row, now)
        if row.last_used_at is None or row.last_used_at <= now - _USE_NOTED:
            await self._note_use(key.id, now)
        return principal

    async def _row(self, key_id: str | None) -> Row[*tuple[Any, ...]] | None:
        async with snapshot(self.database) as connection:
            return (await connection.execute(_KEY_AND_ACCOUNT, {"key": key_id})).one_or_none()

    async def _note_use(self, key_id: str, now: datetime) -> None:
        async with transaction(self.database) as connection:
            await connection.execute(update(api_keys).where(api_keys.c.id == key_id).values(last_used_at=now))


def _still_valid(principal: Principal, row: Row[*tuple[Any, ...]], now: datetime) -> Principal:
    """With the end of its key where that comes first."""
    if row.revoked_at is not None:
        raise CredentialRevoked("the API key was revoked", remedy="Use another key")
    ends = [moment for moment in (principal.expires_at, row.expires_at) if moment is not None]
    if ends and min(ends) <= now:
        raise CredentialExpired("the API key or token has expired", remedy="Make a new one")
    if row.closed_at is not None:
        raise _closed()
    return replace(principal, expires_at=min(ends, default=None))


def _closed() -> AccountClosed:
    return AccountClosed("the account is closed")


def _unknown() -> CredentialUnknown:
    return CredentialUnknown("the API key is not known here", remedy="Check that it belongs to this server")


async def _first_of(books: Accounts, now: datetime) -> Account:
    """Makes the account ``open``, unless somebody else is doing so at this moment."""
    try:
        return await books.create(_OPEN, now)
    except AccountExists:
        return await books.named(_OPEN)
