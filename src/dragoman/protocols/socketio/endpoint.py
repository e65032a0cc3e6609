"""The Socket.IO server as an ASGI application: one path, the WebSocket transport, one namespace."""

from collections.abc import Collection
from typing import Any

from dragoman.protocols.requests import Scope
from dragoman.protocols.socketio.client import Client, Connect, Receive, Send
from dragoman.protocols.socketio.handshake import objection
from dragoman.protocols.socketio.namespace import Door

PATH = "/socket.io"
"""Where Socket.IO's clients look, below the server's path prefix."""


class SocketEndpoint:
    def __init__(self, door: Door, connect: Connect, origins: Collection[str]) -> None:
        self._door = door
        self._connect = connect
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (refused := objection(scope, self._origins)) is not None:
            await _refuse(scope, send, *refused)
            return
        await receive()  # websocket.connect
        await send({"type": "websocket.accept"})
        await Client(scope, receive, send, self._door, self._connect).serve()


async def _refuse(scope: Scope, send: Send, status: int, body: bytes) -> None:
    kind = "websocket.http" if scope["type"] == "websocket" else "http"
    headers: list[Any] = [(b"content-type", b"application/json")]
    await send({"type": f"{kind}.response.start", "status": status, "headers": headers})
    await send({"type": f"{kind}.response.body", "body": body})
