"""Credentials on any wire: where a client may put its key or token, and in which order they are looked at."""

from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import parse_qs

from dragoman.accounts.principal import Principal

Authenticate = Callable[[str | None], Awaitable[Principal]]
"""Whom a key or token speaks for. Raises :class:`~dragoman.core.errors.AuthError`."""


def credential_of(query: str, headers: Mapping[str, str], auth: object = None) -> str | None:
    """The first of: the query's ``apiKey`` or ``jwt``, a Socket.IO auth packet's ``apiKey`` or ``token``, and the
    ``Authorization`` header's bearer. ``headers`` has lower-case names."""
    fields = parse_qs(query)
    for name in ("apiKey", "jwt"):
        if fields.get(name, [""])[0]:
            return fields[name][0]
    if isinstance(auth, Mapping):
        for name in ("apiKey", "token"):
            if isinstance(auth.get(name), str) and auth[name]:
                return str(auth[name])
    scheme, _, bearer = headers.get("authorization", "").partition(" ")
    return bearer.strip() if scheme.lower() == "bearer" and bearer.strip() else None
