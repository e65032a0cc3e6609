"""Open mode asks for no key, so it is for programs on this machine, and not for whatever page a browser on it shows.

A page of another origin gives itself away by the header ``Origin``. A page whose own host name has been pointed at this
machine in the meantime (DNS rebinding) does not, but a browser still sends that name as ``Host``.
"""

import ipaddress
import re
from collections.abc import Collection
from typing import Any

import orjson
from starlette.types import ASGIApp, Receive, Send

from dragoman.protocols.requests import headers_of, is_welcome

_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]+))(?::[0-9]*)?", re.ASCII)


def is_loopback(host: str) -> bool:
    """A name or an address, without port."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class OwnMachine:
    """ASGI middleware around every path and every kind of connection; refuses what comes from elsewhere."""

    def __init__(self, app: ASGIApp, origins: Collection[str]) -> None:
        self._app = app
        self._origins = origins

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = headers_of(scope)
        if not _names_loopback(headers.get("host", "")):
            await _refuse(scope, send, "foreign_host", "In open mode the server answers to no name but localhost")
        elif not is_welcome(headers, self._origins):
            await _refuse(scope, send, "foreign_origin", "This page's origin is not among the server's cors_origins")
        else:
            await self._app(scope, receive, send)


def _names_loopback(host: str) -> bool:
    """Of the header ``Host``, with or without port."""
    match = _HOST.fullmatch(host.lower())
    return match is not None and is_loopback(match[1] or match[2])


async def _refuse(scope: Any, send: Send, code: str, message: str) -> None:
    remedy = "Call it as localhost or 127.0.0.1; for anything else run it with keys"
    body = {"code": code, "message": message, "remedy": remedy, "retryable": False}
    kind = "websocket.http" if scope["type"] == "websocket" else "http"
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": f"{kind}.response.start", "status": 403, "headers": headers})
    await send({"type": f"{kind}.response.body", "body": orjson.dumps(body)})
