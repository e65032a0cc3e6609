"""uvicorn's WebSocket, with a way out and a bound: what ASGI does not offer and a client that reads nothing needs."""

import asyncio
import socket

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidState

_UNSENT = 128 * 1024
"""Bytes that the kernel keeps for a client; without it, it keeps megabytes, which is minutes of speech, before anybody
notices that the client reads nothing."""

_UNREAD = 128 * 1024
"""Bytes that the kernel takes from a client while we read nothing. Its pings and pongs wait behind them, so they should
be heard within seconds even of the slowest audio."""


class BoundedWebSocket(WebSocketsSansIOProtocol):
    """Offers the ASGI extension ``dragoman.abort``: ``{"abort": callable}``, which drops the connection at once."""

    _heard_at = 0.0
    """When bytes last came, in the event loop's time."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        connection: socket.socket | None = transport.get_extra_info("socket")
        if connection is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _UNSENT)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _UNREAD)

    def data_received(self, data: bytes) -> None:
        self._heard_at = self.loop.time()
        super().data_received(data)

    def keepalive_timeout(self) -> None:
        # A client that uploads faster than we read has its pong behind its data, and is there.
        assert self.ping_timeout is not None
        if self.read_paused or self.loop.time() - self._heard_at < self.ping_timeout:
            self.pong_timer = self.loop.call_later(self.ping_timeout, self.keepalive_timeout)
        else:
            super().keepalive_timeout()

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
