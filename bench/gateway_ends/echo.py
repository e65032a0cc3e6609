"""Our gateway with an echo where the session would be."""

import gc
import sys
from typing import Any

import anyio
import uvicorn

from dragoman.accounts.principal import Principal
from dragoman.core.audio import AudioChunk
from dragoman.core.capabilities import Capabilities
from dragoman.core.events import SynthesizedAudio
from dragoman.live.clocks import Clocks
from dragoman.live.events import Initializing, Listening
from dragoman.live.inbox import Inbox
from dragoman.protocols.rate import ConnectionRate
from dragoman.protocols.socketio.client import Client
from dragoman.protocols.socketio.endpoint import SocketEndpoint
from dragoman.protocols.socketio.namespace import Door
from dragoman.protocols.socketio.protocol import Conversation, Start
from dragoman.protocols.websocket import BoundedWebSocket


class Echo:
    """A connection that answers every chunk with itself."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._conversation = Conversation(Capabilities((), (), ()))
        self._inbox = Inbox[Start | AudioChunk](Clocks())

    def receive(self, event: str, payload: object) -> None:
        if event == "translation_start":
            self._inbox.post(self._conversation.start(payload, anyio.current_time()))
        elif (chunk := self._conversation.audio(payload, anyio.current_time())) is not None:
            self._inbox.post(chunk)

    def close(self, *, vanished: bool) -> None:
        self._inbox.close(vanished=vanished)

    async def serve(self) -> None:
        while (received := await self._inbox.receive()) is not None:
            match received.message:
                case Start():
                    for event in (Initializing(), Listening()):
                        await self._tell(event)
                case AudioChunk() as chunk:
                    await self._tell(SynthesizedAudio("es", chunk))

    async def _tell(self, event: Any) -> None:
        for wire_event in self._conversation.encode(event):
            await self._client.emit(wire_event)


async def authenticate(_: str | None) -> Principal:
    return Principal("account", "key", frozenset({"live_speech"}), None)


async def main(port: int) -> None:
    async with anyio.create_task_group() as group:

        def connect(_: Principal, client: Client) -> Any:
            echo = Echo(client)
            group.start_soon(echo.serve)
            return echo

        endpoint = SocketEndpoint(Door(authenticate, ConnectionRate(10**9, Clocks().monotonic)), connect, ())
        config = uvicorn.Config(
            endpoint, port=port, ws=BoundedWebSocket, ws_per_message_deflate=False, log_config=None, lifespan="off"
        )
        server = uvicorn.Server(config)
        group.start_soon(server.serve)
        while not server.started:  # noqa: ASYNC110  uvicorn tells nobody
            await anyio.sleep(0.01)
        gc.collect()
        gc.freeze()
        print("ready", flush=True)


anyio.run(main, int(sys.argv[1]), backend_options={"use_uvloop": True})
