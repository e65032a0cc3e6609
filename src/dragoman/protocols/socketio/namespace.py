"""The Socket.IO face: python-socketio's events to connections, and connections' events to python-socketio.

python-socketio reads a client's PONG in the same loop that calls the handlers, so a handler that waits causes ping
timeouts, and with ``async_handlers`` on, chunks of audio overtake each other. Hence ``async_handlers=False`` and
handlers that post and return.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import engineio
import orjson
import socketio
import structlog

from dragoman.accounts.authentication import Authenticator
from dragoman.accounts.principal import Principal
from dragoman.core.errors import DragomanError
from dragoman.live.clocks import Clocks
from dragoman.protocols.auth import credential_of
from dragoman.protocols.socketio.connection import Connection, Emit
from dragoman.protocols.socketio.protocol import MAX_CHUNK, NAMESPACE, WireEvent

_log = structlog.get_logger()

_OUTBOX = 128
"""Events waiting for a client to read them: 8 seconds of speech. Then the session waits, and at last gives up on it."""

_LARGEST_PACKET = 2 * MAX_CHUNK
"""Bytes: the largest chunk as base64, and its frame."""

_HANDLERS = frozenset({"translation_start", "audio_chunk", "translation_stop"})

Connect = Callable[[Principal, Emit], Connection]


class _Json:
    """orjson with the interface of the standard library's module; an eighth of its time per chunk."""

    loads = staticmethod(orjson.loads)

    @staticmethod
    def dumps(value: object, **_: object) -> str:
        return orjson.dumps(value).decode()


class _EngineServer(engineio.AsyncServer):  # type: ignore[misc]  # engineio is untyped
    """With a bound on what waits for a client; the default queue grows without end."""

    def create_queue(self, *_: object, **__: object) -> object:
        return super().create_queue(maxsize=_OUTBOX)


class _Server(socketio.AsyncServer):  # type: ignore[misc]  # socketio is untyped
    def _engineio_server_class(self) -> type:
        return _EngineServer


class TranslatorNamespace(socketio.AsyncNamespace):  # type: ignore[misc]  # as above
    def __init__(
        self, authenticate: Callable[[str | None], Awaitable[Principal]], connect: Connect, adopt: Any
    ) -> None:
        super().__init__(NAMESPACE)
        self._authenticate = authenticate
        self._connect = connect
        self._adopt = adopt
        self._connections: dict[str, Connection] = {}

    async def trigger_event(self, event: str, *args: Any) -> Any:
        """python-socketio's one way in. A handler that raises would leave the client waiting without a word."""
        try:
            match event, args:
                case "connect", (sid, environ, *auth):
                    await self._on_connect(sid, environ, auth[0] if auth else None)
                case "disconnect", (sid, *_):
                    if (connection := self._connections.pop(sid, None)) is not None:
                        connection.close()
                case name, (sid, *payload) if name in _HANDLERS and sid in self._connections:
                    self._connections[sid].receive(name, payload[0] if payload else None)
                case _:
                    pass
        except socketio.exceptions.ConnectionRefusedError:
            raise
        except Exception as error:  # fences one client from the others
            _log.exception("socketio_handler_failed", event_name=event)
            if event == "connect":
                raise socketio.exceptions.ConnectionRefusedError("internal error") from error

    async def _on_connect(self, sid: str, environ: dict[str, Any], auth: object) -> None:
        headers = {"authorization": environ.get("HTTP_AUTHORIZATION", "")}
        try:
            principal = await self._authenticate(credential_of(environ.get("QUERY_STRING", ""), headers, auth))
            principal.require("live_speech")
        except DragomanError as error:
            data = {"code": error.code, "remedy": error.remedy}
            raise socketio.exceptions.ConnectionRefusedError(error.message, data) from error

        async def emit(event: WireEvent) -> None:
            if sid in self._connections:
                payload = () if event.payload is None else event.payload
                await self.emit(event.name, payload, to=sid)

        connection = self._connect(principal, emit)
        self._connections[sid] = connection
        self._adopt(connection.serve)


def socketio_server(cors_origins: list[str] | str) -> socketio.AsyncServer:
    return _Server(
        async_mode="asgi",
        async_handlers=False,
        json=_Json,
        cors_allowed_origins=cors_origins,
        max_http_buffer_size=_LARGEST_PACKET,
        logger=False,  # its log lines hold payloads
        engineio_logger=False,
    )


def authenticate_with(authenticator: Authenticator, clocks: Clocks) -> Callable[[str | None], Awaitable[Principal]]:
    async def authenticate(credential: str | None) -> Principal:
        return await authenticator.authenticate(credential, clocks.utc())

    return authenticate
