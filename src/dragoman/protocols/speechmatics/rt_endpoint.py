"""The realtime protocol as an ASGI application: which WebSockets it takes, and who may open one."""

import re
from collections.abc import Collection
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

from prometheus_client import Counter

from dragoman import __version__
from dragoman.accounts.principal import Principal
from dragoman.core.capabilities import Capabilities
from dragoman.core.errors import AtCapacity, DragomanError
from dragoman.hosts.fence import report_bug
from dragoman.protocols.auth import Authenticate, credential_of
from dragoman.protocols.rate import ConnectionRate
from dragoman.protocols.requests import Scope, address_of, headers_of, is_welcome, query_of
from dragoman.protocols.speechmatics.faults import fault, fault_of, headers
from dragoman.protocols.speechmatics.rt_connection import Receive, RtConnection, Send, Stage
from dragoman.protocols.speechmatics.rt_protocol import Conversation

_refusals = Counter("dragoman_realtime_refused", "WebSockets of the realtime protocol that were refused", ["code"])

_PATH = "/?|/v2/?|/v2/([^/]+)/?"
"""Below the server's path prefix; the older client puts the language at its end."""


class RtEndpoint:
    def __init__(
        self,
        authenticate: Authenticate,
        rate: ConnectionRate,
        capabilities: Capabilities,
        stage: Stage,
        *,
        origins: Collection[str],
        path_prefix: str,
    ) -> None:
        self._authenticate = authenticate
        self._rate = rate
        self._capabilities = capabilities
        self._stage = stage
        self._origins = origins
        self._path = re.compile(f"{re.escape(path_prefix)}(?:{_PATH})")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()  # websocket.connect
        path = self._path.fullmatch(scope["path"])
        if path is None:
            await _refuse(send, 404, fault(404, "There is nothing at this path. Realtime sessions are at /v2"))
        elif not is_welcome(headers_of(scope), self._origins):
            await _refuse(send, 403, fault(403, "This page's origin is not among the server's cors_origins"))
        elif (principal := await self._admitted(scope, send)) is not None:
            await send({"type": "websocket.accept"})
            language = unquote(path[1]) if path[1] else None
            conversation = Conversation(self._capabilities, str(uuid4()), __version__, language)
            await RtConnection(principal, conversation, self._stage, receive, send, _abort_of(scope)).serve()

    async def _admitted(self, scope: Scope, send: Send) -> Principal | None:
        """Who connects; None when they were turned away."""
        try:
            return await self._principal(scope)
        except DragomanError as error:
            _refusals.labels(error.code).inc()
            await _refuse(send, *fault_of(error))
        except Exception as error:  # noqa: BLE001  a client that is told nothing waits for ever
            await _refuse(send, *fault_of(report_bug("realtime_connect_failed", error)))
        return None

    async def _principal(self, scope: Scope) -> Principal:
        if not self._rate.take(address_of(scope)):
            raise AtCapacity("Too many connections from this address", remedy="Try again in a minute")
        principal = await self._authenticate(_credential(scope))
        principal.require("realtime")
        return principal


def _credential(scope: Scope) -> str | None:
    """Some clients that have no key say so in words."""
    credential = credential_of(query_of(scope), headers_of(scope))
    return None if credential == "None" else credential


def _abort_of(scope: Scope) -> Any:
    extension = scope.get("extensions", {}).get("dragoman.abort")
    return extension["abort"] if extension else lambda: None


async def _refuse(send: Send, status: int, body: bytes) -> None:
    await send({"type": "websocket.http.response.start", "status": status, "headers": headers(status)})
    await send({"type": "websocket.http.response.body", "body": body})
