"""Which HTTP requests become Socket.IO connections, and what the others are told."""

from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson

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


def objection(scope: Scope, origins: Collection[str]) -> tuple[int, bytes] | None:
    """Why a request cannot become a connection: HTTP status and Engine.IO's own JSON; None when it can."""
    query = parse_qs(query_of(scope))
    if query.get("EIO") != ["4"]:
        return 400, _error(5, "Unsupported protocol version; use a Socket.IO client of version 3 or 4")
    if scope["type"] != "websocket" or query.get("transport") != ["websocket"]:
        return 400, _error(0, "Transport unknown; use transports: ['websocket']")
    if not _is_welcome(headers_of(scope), origins):
        return 403, _error(4, "Forbidden: this origin is not among the server's cors_origins")
    return None


def _is_welcome(headers: Mapping[str, str], origins: Collection[str]) -> bool:
    """Programs send no origin. A page may call the server that it came from, and those that name its origin."""
    origin = headers.get("origin")
    if origin is None or "*" in origins or origin in origins:
        return True
    return urlsplit(origin).netloc == headers.get("host")


def _error(code: int, message: str) -> bytes:
    return orjson.dumps({"code": code, "message": message})
