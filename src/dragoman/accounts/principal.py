"""Whoever showed a credential that opens the door."""

from dataclasses import dataclass
from datetime import datetime

from dragoman.accounts.scopes import Scope
from dragoman.core.errors import ScopeMissing


@dataclass(frozen=True, slots=True)
class Principal:
    account_id: str
    key_id: str | None
    """The key that was shown, or that the token was made from; None in open mode."""
    scopes: frozenset[Scope]
    expires_at: datetime | None
    """When the credential, or the key behind it, ends; None: never."""
    token_id: str | None = None
    """Of a token; None when the key itself was shown."""
    client_ref: str | None = None
    """Of a token that was made for one user of the account, who sees only what is that user's."""

    def require(self, scope: Scope) -> None:
        """Raises :class:`ScopeMissing`."""
        if scope not in self.scopes:
            raise ScopeMissing(f"the credential does not allow {scope}", remedy=f"Use a key that has the scope {scope}")
