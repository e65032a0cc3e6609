"""uvicorn's WebSocket, with a way out and a bound: what ASGI does not offer and a client that reads nothing needs."""

import asyncio
import socket

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidState

_UNSENT = 128 * 1024
"""Bytes that the kernel keeps for a client; without it, it keeps megabytes, which is minutes of speech, before anybody
notices that the client reads nothing."""


class BoundedWebSocket(WebSocketsSansIOProtocol):
    """Offers the ASGI extension ``dragoman.abort``: ``{"abort": callable}``, which drops the connection at once."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        connection: socket.socket | None = transport.get_extra_info("socket")
        if connection is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _UNSENT)

    def shutdown(self) -> None:
        # uvicorn would end the whole server's shutdown over a client that is just saying goodbye itself.
        try:
            super().shutdown()
        except InvalidState:
            self.transport.close()

    async def run_asgi(self) -> None:
        assert self.scope["extensions"] is not None
        self.scope["extensions"]["dragoman.abort"] = {"abort": self.transport.abort}
        await super().run_asgi()
