"""What the routes work with, and who calls them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from dragoman.accounts.account import Account, Accounts
from dragoman.accounts.keys import Keys
from dragoman.accounts.principal import Principal
from dragoman.accounts.secrecy import Secrecy
from dragoman.billing.ledger import Ledger
from dragoman.billing.rates import Rates
from dragoman.core.capabilities import Capabilities
from dragoman.core.errors import AccountNotFound, InvalidOption
from dragoman.live.supervisor import Supervisor
from dragoman.storage.database import Database


@dataclass(frozen=True, slots=True)
class KeyDefaults:
    """What a new key is like when a request does not say."""

    lifetime: timedelta | None
    """None: it never expires."""
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Office:
    """Of one server; its lifespan puts it into the state of every request, under ``office``."""

    database: Database
    secrecy: Secrecy
    supervisor: Supervisor
    capabilities: Capabilities
    rates: Rates
    key_defaults: KeyDefaults
    authenticate: Callable[[str | None], Awaitable[Principal]]
    """Whom a key or token speaks for. Raises :class:`~dragoman.core.errors.AuthError`."""

    @property
    def accounts(self) -> Accounts:
        return Accounts(self.database)

    @property
    def keys(self) -> Keys:
        return Keys(self.database, self.secrecy)

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.database)

    async def find(self, called: str) -> Account:
        """The account of that name, else of that id. Raises :class:`AccountNotFound`."""
        try:
            return await self.accounts.named(called)
        except AccountNotFound:
            if not called.startswith("acc_"):
                raise
            return await self.accounts.get(called)


def office_of(request: Request) -> Office:
    office: Office = request.state.office
    return office


TheOffice = Annotated[Office, Depends(office_of)]

_bearer = HTTPBearer(auto_error=False, description="An API key, or a token made from one")


async def _caller(
    office: TheOffice, shown: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Principal:
    # Some clients that have no key say so in words.
    return await office.authenticate(shown.credentials if shown and shown.credentials != "None" else None)


Caller = Annotated[Principal, Depends(_caller)]
"""Whoever has a credential."""


async def _administrator(caller: Caller) -> Principal:
    caller.require("admin")
    return caller


Administrator = Annotated[Principal, Depends(_administrator)]
"""Whoever has a credential with the scope ``admin``."""


def printable(name: str) -> str:
    """It. Raises :class:`InvalidOption` for what no account can be called, and databases choke on."""
    if not name.isprintable():
        raise InvalidOption("that cannot be the name of an account")
    return name


async def _account(name: str, office: TheOffice, _: Administrator) -> Account:
    return await office.find(printable(name))


TheAccount = Annotated[Account, Depends(_account)]
"""The one in the path, by its name or id; administrators only."""

PageSize = Annotated[int, Query(ge=1, le=1000)]
"""Entries of a list that are answered at once; without a bound one answer could take the memory of many."""
