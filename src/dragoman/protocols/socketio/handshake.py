"""Which HTTP requests become Socket.IO connections, and what the others are told."""

from collections.abc import Collection
from urllib.parse import parse_qs

import orjson

from dragoman.protocols.requests import Scope, headers_of, is_welcome, query_of


def objection(scope: Scope, origins: Collection[str]) -> tuple[int, bytes] | None:
    """Why a request cannot become a connection: HTTP status and Engine.IO's own JSON; None when it can."""
    query = parse_qs(query_of(scope))
    if query.get("EIO") != ["4"]:
        return 400, _error(5, "Unsupported protocol version; use a Socket.IO client of version 3 or 4")
    if scope["type"] != "websocket" or query.get("transport") != ["websocket"]:
        return 400, _error(0, "Transport unknown; use transports: ['websocket']")
    if not is_welcome(headers_of(scope), origins):
        return 403, _error(4, "Forbidden: this origin is not among the server's cors_origins")
    return None


def _error(code: int, message: str) -> bytes:
    return orjson.dumps({"code": code, "message": message})
