"""Access tokens: short-lived JWTs made from a key, for browsers and whoever must never hold a key.

A token is signed, not stored. It ends with its time, with its key, or with its account.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import jwt

from dragoman.accounts.principal import Principal
from dragoman.accounts.scopes import Scope, scopes_from
from dragoman.accounts.secrecy import Secrecy
from dragoman.core.errors import AuthError, CredentialExpired, CredentialUnknown, InvalidOption, ScopeMissing

MIN_TTL: Final = 60
MAX_TTL: Final = 86_400
"""Seconds"""

_ALGORITHM: Final = "HS256"
_ISSUER: Final = "dragoman"
_CLAIMS: Final = ("iss", "sub", "key", "scopes", "iat", "exp", "jti")


@dataclass(frozen=True, slots=True)
class AccessToken:
    text: str = field(repr=False)
    """The JWT."""
    id: str
    expires_at: datetime


def looks_like_token(text: str) -> bool:
    """Whether it has the form of a JWT."""
    parts = text.split(".")
    return len(parts) == 3 and all(part and part.isascii() for part in parts)


def mint(
    secrecy: Secrecy,
    principal: Principal,
    ttl: int,
    now: datetime,
    *,
    scopes: Iterable[str] | None = None,
    client_ref: str | None = None,
) -> AccessToken:
    """The one place where tokens are made, for every face. ``scopes`` may narrow those of the key; ``client_ref``
    names one user among those of the account.

    Raises :class:`InvalidOption` for a ttl outside 60 to 86400 s, :class:`ScopeMissing` for a scope that the key has
    not, :class:`AuthError` when the credential is a token itself, which could live for ever, or none, in open mode.
    """
    if principal.token_id is not None:
        raise AuthError("a token cannot be made from a token", remedy="Use the API key")
    if principal.key_id is None:
        raise AuthError("a token is made from an API key", remedy="Show one; in open mode none is needed for sessions")
    if type(ttl) is not int or not MIN_TTL <= ttl <= MAX_TTL:
        raise InvalidOption(f"a token cannot live for {ttl} seconds", remedy=f"Allowed: {MIN_TTL} to {MAX_TTL}")
    allowed = principal.scopes if scopes is None else _narrowed(principal.scopes, scopes_from(scopes))
    issued, token_id = int(now.timestamp()), secrets.token_hex(8)
    claims = {
        "iss": _ISSUER,
        "sub": principal.account_id,
        "key": principal.key_id,
        "scopes": sorted(allowed),
        "iat": issued,
        "exp": issued + ttl,
        "jti": token_id,
    } | ({} if client_ref is None else {"ref": client_ref})
    text = jwt.encode(claims, secrecy.signing_key, algorithm=_ALGORITHM)
    return AccessToken(text, token_id, datetime.fromtimestamp(issued + ttl, UTC))


def read_token(secrecy: Secrecy, text: str, now: datetime) -> Principal:
    """Whom a token speaks for, as far as the token itself can say.

    Raises :class:`CredentialUnknown` when it was not made here, :class:`CredentialExpired`.
    """
    try:
        claims = _decoded(secrecy, text)
        principal = Principal(
            account_id=claims["sub"],
            key_id=claims["key"],
            scopes=scopes_from(claims["scopes"]),
            expires_at=datetime.fromtimestamp(claims["exp"], UTC),
            token_id=claims["jti"],
            client_ref=claims.get("ref"),
        )
    except jwt.InvalidTokenError as error:
        raise CredentialUnknown("the token was not made by this server", remedy="Make a new one") from error
    assert principal.expires_at is not None
    if principal.expires_at <= now:
        raise CredentialExpired("the token has expired", remedy="Make a new one")
    return principal


def _decoded(secrecy: Secrecy, text: str) -> dict[str, Any]:
    """Times are ours to compare, with the time that was handed in."""
    options: Any = {"require": list(_CLAIMS), "verify_exp": False, "verify_iat": False, "verify_nbf": False}
    return jwt.decode(text, secrecy.signing_key, algorithms=[_ALGORITHM], issuer=_ISSUER, options=options)


def _narrowed(allowed: frozenset[Scope], wanted: frozenset[Scope]) -> frozenset[Scope]:
    if extra := sorted(wanted - allowed):
        raise ScopeMissing(f"the key does not allow {extra[0]}", remedy="Use a key that has the scope")
    return wanted
