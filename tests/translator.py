"""The Realtime Translator in this process, on a wire in memory: everything real but network and sound.

A :class:`Wire` is one WebSocket as ASGI sees it. What it got is kept frame by frame, so that a test can compare the
whole log of a scenario; waiting is for the next frame, never for time.
"""

import base64
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio
from anyio.abc import TaskGroup

from dragoman.accounts.account import Account, Accounts
from dragoman.accounts.authentication import Authenticator
from dragoman.accounts.keys import Keys
from dragoman.accounts.secrecy import Secrecy
from dragoman.app import open_dragoman
from dragoman.billing.ledger import Ledger
from dragoman.billing.rates import Rates
from dragoman.engines.routing import EngineNames
from dragoman.hosts.governor import Governor
from dragoman.live.clocks import Clocks
from dragoman.live.limits import LiveLimits
from dragoman.live.supervisor import Bank, Supervisor, open_supervisor
from dragoman.protocols.rate import ConnectionRate
from dragoman.protocols.socketio.client import Client
from dragoman.protocols.socketio.connection import Connection
from dragoman.protocols.socketio.endpoint import SocketEndpoint
from dragoman.protocols.socketio.namespace import Door
from dragoman.storage.database import Database, open_database

NAMESPACE = "/api/realtime-translator"
CHUNK = bytes(4800)
"""100 ms of silence; the scripted engines do not listen anyway."""


class Wire:
    """One WebSocket, from the client's side. Frames that are sent while ``reads`` is unset wait, as they would for a
    client that reads nothing."""

    def __init__(self, endpoint: SocketEndpoint, query: str, headers: Mapping[str, str]) -> None:
        self._endpoint = endpoint
        self._scope = {
            "type": "websocket",
            "path": "/socket.io/",
            "query_string": f"EIO=4&transport=websocket&{query}".encode(),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "client": ("127.0.0.1", 50_000),
            "extensions": {"dragoman.abort": {"abort": self._abort}},
        }
        self._to_server, self._from_client = anyio.create_memory_object_stream[dict](float("inf"))
        self._to_client, self._frames = anyio.create_memory_object_stream[str](float("inf"))
        self.reads = anyio.Event()
        self.reads.set()
        self.closed: int | None = None
        self.aborted = False
        self.log: list[tuple[Any, ...]] = []

    async def run(self) -> None:
        self._to_server.send_nowait({"type": "websocket.connect"})
        await self._endpoint(self._scope, self._from_client.receive, self._send)
        self._to_client.close()

    def send(self, frame: str | bytes) -> None:
        kind = "text" if isinstance(frame, str) else "bytes"
        self._to_server.send_nowait({"type": "websocket.receive", kind: frame})

    def emit(self, name: str, *payload: Any) -> None:
        self.send(f"42{NAMESPACE},{json.dumps([name, *payload])}")

    def speak(self, seconds: float, chunk: bytes = CHUNK) -> None:
        """Sound, as fast as it can be posted."""
        for _ in range(round(seconds * 48_000 / len(chunk))):
            self.emit("audio_chunk", {"audioData": base64.b64encode(chunk).decode()})

    def hang_up(self, code: int = 1005) -> None:
        self._to_server.send_nowait({"type": "websocket.disconnect", "code": code})

    async def frame(self) -> str:
        return await self._frames.receive()

    async def connect(self, auth: Mapping[str, Any] | None = None) -> Any:
        """The answer of the namespace: ``{"sid"}``, or the error."""
        assert (await self.frame()).startswith('0{"sid":')
        self.send(f"40{NAMESPACE},{'' if auth is None else json.dumps(auth)}")
        return json.loads((await self.frame()).partition(",")[2])

    async def event(self) -> tuple[Any, ...]:
        """The next event: its name, and its payload when it has one."""
        frame = await self.frame()
        assert frame.startswith(f"42{NAMESPACE},"), frame
        self.log.append(tuple(json.loads(frame.partition(",")[2])))
        return self.log[-1]

    async def until(self, *names: str) -> tuple[Any, ...]:
        while (event := await self.event())[0] not in names:
            pass
        return event

    async def drained(self) -> None:
        """Until the server has ended the connection."""
        async for _ in self._frames:
            pass

    async def start(self, target: str = "es", **more: Any) -> None:
        self.emit("translation_start", {"targetLanguage": target, **more})
        await self.until("ready_for_audio")

    def said(self, name: str) -> str:
        """The deltas of an event, joined as a client joins them."""
        return "".join(payload["delta"] for event, *rest in self.log if event == name for payload in rest)

    def audio(self) -> bytes:
        deltas = [payload["delta"] for event, *rest in self.log if event == "output_audio" for payload in rest]
        return b"".join(base64.b64decode(delta) for delta in deltas)

    async def _send(self, message: dict[str, Any]) -> None:
        await self.reads.wait()
        if self.closed is not None or self.aborted:
            raise OSError("gone")
        match message["type"]:
            case "websocket.send":
                self._to_client.send_nowait(message["text"])
            case "websocket.close":
                self.closed = message["code"]
                self.hang_up(message["code"])

    def dispose(self) -> None:
        for stream in (self._to_server, self._from_client, self._to_client, self._frames):
            stream.close()

    def _abort(self) -> None:
        self.aborted = True
        self.hang_up(1006)


@dataclass
class Translator:
    database: Database
    secrecy: Secrecy
    account: Account
    key: str
    supervisor: Supervisor
    ledger: Ledger
    endpoint: SocketEndpoint
    group: TaskGroup
    stack: ExitStack
    wires: list[Wire] = field(default_factory=list)

    def open(self, query: str | None = None, **headers: str) -> Wire:
        """A WebSocket that nobody has spoken on yet; by default with the key in the query."""
        wire = Wire(self.endpoint, f"apiKey={self.key}" if query is None else query, headers)
        self.group.start_soon(wire.run)
        self.wires.append(wire)
        self.stack.callback(wire.dispose)
        return wire

    async def connected(self) -> Wire:
        wire = self.open()
        assert "sid" in await wire.connect()
        return wire

    async def at_rest(self) -> None:
        """Until no session holds tokens."""
        while await self.ledger.open_holds(self.account.id):  # noqa: ASYNC110  the ledger tells nobody
            await anyio.sleep(0.01)

    async def balance(self) -> int:
        return (await self.ledger.balance(self.account.id)).balance


@asynccontextmanager
async def open_translator(
    folder: Path,
    *,
    tokens: int = 1000,
    rate: int = 1,
    script: str = "scripted",
    synthesizer: str | None = None,
    limits: LiveLimits | None = None,
    capacity: int = 10,
    connections_per_minute: int = 600,
    origins: tuple[str, ...] = (),
) -> AsyncIterator[Translator]:
    clocks, secrecy, now = Clocks(), Secrecy.of(b"s" * 32), datetime.now(UTC)
    names = EngineNames(script, script, script, synthesizer or script)
    async with open_database(f"sqlite:///{folder / 'dragoman.db'}") as database, open_dragoman(names) as engines:
        ledger, authenticator = Ledger(database), Authenticator(database, secrecy)
        account = await Accounts(database).create("demo", now)
        await ledger.grant("first", account.id, tokens, now)
        key = await Keys(database, secrecy).create(account.id, now)
        bank = Bank(authenticator, ledger, Rates(live_speech=rate))
        attach = engines.loader.attach
        async with open_supervisor(attach, bank, Governor(capacity), limits or LiveLimits(), clocks) as supervisor:

            async def authenticate(credential: str | None) -> Any:
                return await authenticator.authenticate(credential, clocks.utc())

            def connect(principal: Any, client: Client) -> Connection:
                emit, abort = client.emit, client.abort
                connection = Connection(principal, supervisor, engines.capabilities, emit, abort, default_source="en")
                supervisor.adopt(connection.serve)
                return connection

            door = Door(authenticate, ConnectionRate(connections_per_minute, clocks.monotonic))
            endpoint = SocketEndpoint(door, connect, origins)
            with ExitStack() as wires:
                async with anyio.create_task_group() as group:
                    translator = Translator(
                        database, secrecy, account, key.text, supervisor, ledger, endpoint, group, wires
                    )
                    await supervisor.reap()  # its own first round is over, too, and is not cut off in the middle
                    yield translator
                    for wire in translator.wires:
                        wire.reads.set()
                        wire.hang_up()
