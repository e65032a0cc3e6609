"""One client's WebSocket: heartbeat, packets in, frames out, and one namespace.

Frames are sent by whoever has something to say, and each waits until the network takes it; nothing queues up here. The
loop that reads waits for nothing but the door, so that a client's pong is never behind its own audio.
"""

import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import anyio
import structlog

from dragoman.accounts.principal import Principal
from dragoman.core.errors import InvalidMessage
from dragoman.protocols.requests import Scope
from dragoman.protocols.socketio import packets
from dragoman.protocols.socketio.connection import Connection
from dragoman.protocols.socketio.namespace import Door, Refusal
from dragoman.protocols.socketio.packets import Kind, Packet
from dragoman.protocols.socketio.protocol import MAX_CHUNK, NAMESPACE, WireEvent

_log = structlog.get_logger()

PING_INTERVAL = 25.0
PING_TIMEOUT = 20.0
"""Seconds, the defaults of Socket.IO's own server: a client that is gone without a word is noticed within 45."""

LARGEST_FRAME = 2 * MAX_CHUNK
"""Bytes: the largest chunk as base64, and what is around it."""

_UNREADABLE = 1003
_GOING = 1000
_FAREWELLS = (1000, 1001)
"""WebSocket close codes; the last are those of a client that says goodbye."""

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Connect = Callable[[Principal, "Client"], Connection]


class Client:
    def __init__(self, scope: Scope, receive: Receive, send: Send, door: Door, connect: Connect) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._door = door
        self._connect = connect
        self._connection: Connection | None = None
        self._incomplete: Packet | None = None
        self._attachments: list[bytes] = []
        self._pong = anyio.Event()
        self._life = anyio.CancelScope()
        self._aborted = False

    async def serve(self) -> None:
        """Until either side ends it."""
        try:
            with self._life:
                await self._frame(self._greeting())
                async with anyio.create_task_group() as group:
                    group.start_soon(self._keep_alive)
                    await self._read()
                    group.cancel_scope.cancel()
        finally:
            self._leave(vanished=True)
        if not self._aborted:
            await self._close(_GOING)

    async def emit(self, event: WireEvent) -> None:
        """Waits until the network has taken the event. What nobody is there for any more is dropped."""
        await self._frame(packets.event(NAMESPACE, event.name, event.payload))

    def abort(self) -> None:
        """Ends the connection at once, without the closing words that a client that reads nothing would not read."""
        self._aborted = True
        self._life.cancel()
        extension = self._scope.get("extensions", {}).get("dragoman.abort")
        if extension is not None:
            extension["abort"]()

    async def _read(self) -> None:
        while (message := await self._receive())["type"] == "websocket.receive":
            try:
                await self._message(message.get("text"), message.get("bytes") or b"")
            except InvalidMessage as error:
                _log.info("socketio_malformed_packet", problem=error.message)
                await self._close(_UNREADABLE)
                return
        if message.get("code") in _FAREWELLS:
            self._leave(vanished=False)

    async def _message(self, text: str | None, data: bytes) -> None:
        if text is None:
            await self._attach(data)
        elif text.startswith(packets.MESSAGE):
            await self._packet(packets.decode(text))
        elif text == packets.PONG:
            self._pong.set()
        elif text == packets.CLOSE:
            self._leave(vanished=False)
            await self._close(_GOING)
        else:
            raise InvalidMessage("This is no Engine.IO packet")

    async def _packet(self, packet: Packet) -> None:
        if self._incomplete is not None:
            raise InvalidMessage("An attachment was announced, and a packet came")
        match packet.kind:
            case Kind.CONNECT:
                await self._enter(packet)
            case Kind.DISCONNECT:
                self._leave(vanished=False)
            case Kind.BINARY_EVENT:
                self._incomplete = packet
            case _:
                await self._event(packet)

    async def _attach(self, data: bytes) -> None:
        if self._incomplete is None:
            raise InvalidMessage("An attachment came that nothing announced")
        self._attachments.append(data)
        if len(self._attachments) == self._incomplete.attachments:
            packet = packets.filled(self._incomplete, self._attachments)
            self._incomplete, self._attachments = None, []
            await self._event(packet)

    async def _enter(self, packet: Packet) -> None:
        if packet.namespace != NAMESPACE:
            await self._frame(packets.refused(packet.namespace, "Invalid namespace"))
            return
        if self._connection is not None:
            raise InvalidMessage("The client is connected already")
        try:
            principal = await self._door.admit(self._scope, packet.data)
        except Refusal as refusal:
            await self._frame(packets.refused(NAMESPACE, refusal.message, refusal.data))
            return
        self._connection = self._connect(principal, self)
        await self._frame(packets.connected(NAMESPACE, secrets.token_urlsafe(15)))

    async def _event(self, packet: Packet) -> None:
        if self._connection is None or packet.namespace != NAMESPACE:
            return
        self._connection.receive(packet.event, packet.payload)
        if packet.id is not None:
            await self._frame(packets.acknowledged(NAMESPACE, packet.id))

    def _leave(self, *, vanished: bool) -> None:
        if self._connection is not None:
            self._connection.close(vanished=vanished)
            self._connection = None

    async def _keep_alive(self) -> None:
        """Also turns away a client that shows nothing but that it is there."""
        while True:
            await anyio.sleep(PING_INTERVAL)
            if self._connection is None:
                await self._close(_GOING)
                return
            self._pong = anyio.Event()
            with anyio.move_on_after(PING_TIMEOUT) as deadline:
                await self._frame(packets.PING)
                await self._pong.wait()
            if deadline.cancelled_caught:
                self.abort()
                return

    def _greeting(self) -> str:
        return packets.opened(
            secrets.token_urlsafe(15),
            ping_interval=PING_INTERVAL,
            ping_timeout=PING_TIMEOUT,
            max_payload=LARGEST_FRAME,
        )

    async def _frame(self, text: str) -> None:
        await self._say({"type": "websocket.send", "text": text})

    async def _close(self, code: int) -> None:
        await self._say({"type": "websocket.close", "code": code})

    async def _say(self, message: dict[str, Any]) -> None:
        # A client that is gone; the loop that reads hears of it, too.
        with suppress(OSError, RuntimeError):
            await self._send(message)
