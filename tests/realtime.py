"""The realtime face in this process, on a wire in memory: everything real but network and sound.

A :class:`RtWire` is one WebSocket as ASGI sees it. What it got is kept message by message; waiting is for the next
message, never for time.
"""

import json
from collections.abc import AsyncIterator
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
from dragoman.live.capacity import Weights
from dragoman.live.clocks import Clocks
from dragoman.live.limits import LiveLimits
from dragoman.live.supervisor import Bank, Supervisor, open_supervisor
from dragoman.media.stream import open_stream_decoder
from dragoman.protocols.rate import ConnectionRate
from dragoman.protocols.speechmatics.ears import OpenDecoder
from dragoman.protocols.speechmatics.rt_connection import Stage
from dragoman.protocols.speechmatics.rt_endpoint import RtEndpoint
from dragoman.storage.database import Database, open_database

RATE = 8000
RAW = {"type": "raw", "encoding": "pcm_s16le", "sample_rate": RATE}
SECOND = bytes(2 * RATE)
"""Silence; the scripted engines do not listen anyway."""


class RtWire:
    """One WebSocket, from the client's side. What is sent while ``reads`` is unset waits, as it would for a client that
    reads nothing."""

    def __init__(self, endpoint: RtEndpoint, path: str, query: str, headers: dict[str, str]) -> None:
        self._endpoint = endpoint
        self._scope = {
            "type": "websocket",
            "path": path,
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "client": ("127.0.0.1", 50_000),
            "extensions": {"dragoman.abort": {"abort": self._abort}},
        }
        self._to_server, self._from_client = anyio.create_memory_object_stream[dict](float("inf"))
        self._to_client, self._messages = anyio.create_memory_object_stream[dict](float("inf"))
        self.reads = anyio.Event()
        self.reads.set()
        self.refused: tuple[int, dict] | None = None
        """Status and body."""
        self.closed: int | None = None
        self.aborted = False
        self.log: list[dict[str, Any]] = []

        self._to_server.send_nowait({"type": "websocket.connect"})

    async def run(self) -> None:
        await self._endpoint(self._scope, self._from_client.receive, self._send)
        self._to_client.close()

    def send(self, frame: dict[str, Any] | str | bytes) -> None:
        if isinstance(frame, bytes):
            self._to_server.send_nowait({"type": "websocket.receive", "bytes": frame})
        else:
            text = frame if isinstance(frame, str) else json.dumps(frame)
            self._to_server.send_nowait({"type": "websocket.receive", "text": text})

    def start(self, **fields: Any) -> None:
        wanted = {"audio_format": RAW, "transcription_config": {"language": "en"}} | fields
        self.send({"message": "StartRecognition"} | wanted)

    async def started(self, **fields: Any) -> dict[str, Any]:
        self.start(**fields)
        return await self.until("RecognitionStarted")

    def speak(self, seconds: int) -> None:
        for _ in range(seconds):
            self.send(SECOND)

    def stop(self) -> None:
        self.send({"message": "EndOfStream", "last_seq_no": 0})

    def hang_up(self, code: int = 1005) -> None:
        self._to_server.send_nowait({"type": "websocket.disconnect", "code": code})

    async def message(self) -> dict[str, Any]:
        self.log.append(await self._messages.receive())
        return self.log[-1]

    async def until(self, *names: str) -> dict[str, Any]:
        while (message := await self.message())["message"] not in names:
            pass
        return message

    async def drained(self) -> None:
        """Until the server has ended the connection."""
        async for message in self._messages:
            self.log.append(message)

    def all(self, name: str) -> list[dict[str, Any]]:
        return [message for message in self.log if message["message"] == name]

    @property
    def names(self) -> list[str]:
        """Of all messages but acknowledgements, which come whenever audio does."""
        return [message["message"] for message in self.log if "Added" not in message["message"]]

    @property
    def text(self) -> str:
        """The transcripts, joined as a client joins them."""
        return "".join(message["metadata"]["transcript"] for message in self.all("AddTranscript"))

    def translated(self, code: str) -> list[str]:
        said = [message for message in self.all("AddTranslation") if message["language"] == code]
        return [result["content"] for message in said for result in message["results"]]

    async def _send(self, message: dict[str, Any]) -> None:
        await self.reads.wait()
        if self.closed is not None or self.aborted:
            raise OSError("gone")
        match message["type"]:
            case "websocket.send":
                self._to_client.send_nowait(json.loads(message["text"]))
            case "websocket.close":
                self.closed = message["code"]
                self.hang_up(message["code"])
            case "websocket.http.response.start":
                self.refused = (message["status"], {})
            case "websocket.http.response.body":
                assert self.refused is not None
                self.refused = (self.refused[0], json.loads(message["body"]))

    def _abort(self) -> None:
        self.aborted = True
        self.hang_up(1006)

    def dispose(self) -> None:
        for stream in (self._to_server, self._from_client, self._to_client, self._messages):
            stream.close()


@dataclass
class Realtime:
    database: Database
    secrecy: Secrecy
    account: Account
    key: str
    supervisor: Supervisor
    ledger: Ledger
    endpoint: RtEndpoint
    group: TaskGroup
    stack: ExitStack
    wires: list[RtWire] = field(default_factory=list)

    def open(self, path: str = "/v2", query: str = "", **headers: str) -> RtWire:
        """With the key in the header, unless something else is said."""
        if not query and not headers:
            headers = {"authorization": f"Bearer {self.key}"}
        wire = RtWire(self.endpoint, path, query, headers)
        self.group.start_soon(wire.run)
        self.wires.append(wire)
        self.stack.callback(wire.dispose)
        return wire

    async def at_rest(self) -> None:
        """Until no session holds tokens."""
        while await self.ledger.open_holds(self.account.id):  # noqa: ASYNC110  the ledger tells nobody
            await anyio.sleep(0.01)

    async def balance(self) -> int:
        return (await self.ledger.balance(self.account.id)).balance


@asynccontextmanager
async def open_realtime(
    folder: Path,
    *,
    tokens: int = 1000,
    rate: int = 1,
    script: str = "scripted",
    limits: LiveLimits | None = None,
    capacity: int = 10,
    connections_per_minute: int = 600,
    origins: tuple[str, ...] = (),
    open_mode: bool = False,
    open_decoder: OpenDecoder = open_stream_decoder,
) -> AsyncIterator[Realtime]:
    clocks, secrecy, now = Clocks(), Secrecy.of(b"s" * 32), datetime.now(UTC)
    names = EngineNames(script, script, script, script)
    async with open_database(f"sqlite:///{folder / 'dragoman.db'}") as database, open_dragoman(names) as engines:
        ledger, authenticator = Ledger(database), Authenticator(database, secrecy)
        account = await Accounts(database).create("demo", now)
        if tokens:
            await ledger.grant("first", account.id, tokens, now)
        key = await Keys(database, secrecy).create(account.id, now)
        bank = Bank(authenticator, ledger, Rates(realtime=0 if open_mode else rate))
        bounds = limits or LiveLimits()
        async with open_supervisor(
            engines.loader.attach, bank, Governor(capacity, Weights().places), bounds, clocks
        ) as supervisor:
            way = authenticator.authenticate_open if open_mode else authenticator.authenticate

            async def authenticate(credential: str | None) -> Any:
                return await way(credential, clocks.utc())

            endpoint = RtEndpoint(
                authenticate,
                ConnectionRate(connections_per_minute, clocks.monotonic),
                engines.capabilities,
                Stage(supervisor, bounds, open_decoder),
                origins=origins,
                path_prefix="",
            )
            with ExitStack() as wires:
                async with anyio.create_task_group() as group:
                    realtime = Realtime(
                        database, secrecy, account, key.text, supervisor, ledger, endpoint, group, wires
                    )
                    await supervisor.reap()  # its own first round is over, too, and is not cut off in the middle
                    yield realtime
                    for wire in realtime.wires:
                        wire.reads.set()
                        wire.hang_up()
