"""What faces read from an ASGI scope before they answer."""

from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

Scope = Mapping[str, Any]


def headers_of(scope: Scope) -> dict[str, str]:
    """With lower-case names; of repeated ones the last."""
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


def query_of(scope: Scope) -> str:
    return bytes(scope["query_string"]).decode("latin-1")


def address_of(scope: Scope) -> str:
    """Of the client, as far as the network tells."""
    client = scope.get("client")
    return str(client[0]) if client else "unknown"


def is_welcome(headers: Mapping[str, str], origins: Collection[str]) -> bool:
    """Programs send no origin. A page may call the server that it came from, and those that name its origin."""
    origin = headers.get("origin")
    if origin is None or "*" in origins or origin in origins:
        return True
    return urlsplit(origin).netloc == headers.get("host")
