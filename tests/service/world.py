"""A small world in virtual time: one server with its database, clients who do whatever clients do, and an operator.

Everything that happens is drawn from one seed. It is the real supervisor, ledger and database; only time, the
engines and the network are played.
"""

import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
from tests.service.inline_engines import Inline, InlineLoader, Mood
from tests.service.unthreaded_sqlite import PowerSupply, unthreaded

from dragoman.accounts.account import Accounts
from dragoman.accounts.authentication import Authenticator
from dragoman.accounts.keys import Keys
from dragoman.accounts.principal import Principal
from dragoman.accounts.secrecy import Secrecy
from dragoman.billing.ledger import Ledger
from dragoman.billing.rates import Rates
from dragoman.core.audio import AudioChunk
from dragoman.core.errors import InvalidMessage, ReaderStalled
from dragoman.core.options import RunOptions
from dragoman.hosts.governor import Governor
from dragoman.live.clocks import Clocks
from dragoman.live.events import Closed, Listening, Refused, SessionEvent, Trouble
from dragoman.live.inbox import Inbox, Message, Stop
from dragoman.live.limits import LiveLimits
from dragoman.live.supervisor import Bank, Supervisor, open_supervisor
from dragoman.storage.database import Database, OneWriter, _engine, parse_url

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
OPTIONS = RunOptions(source="en", targets=("es",), speak=("es",), recognition="live")
RATE = 16_000


def clocks() -> Clocks:
    return Clocks(monotonic=anyio.current_time, utc=lambda: NOON + timedelta(seconds=anyio.current_time()))


@asynccontextmanager
async def opened(file: Path) -> AsyncIterator[Database]:
    """Without looking at its tables, which takes long, and a thread."""
    engine = _engine(parse_url(f"sqlite:///{file}"))
    try:
        yield Database(engine, anyio.Semaphore(10), OneWriter())
    finally:
        with anyio.CancelScope(shield=True):
            await engine.dispose()


@dataclass
class Server:
    """What runs in one process, until it ends or is killed."""

    database: Database
    ledger: Ledger
    accounts: Accounts
    keys: Keys
    authenticator: Authenticator
    supervisor: Supervisor
    clocks: Clocks
    hosts: dict[str, Inline]
    """By kind and name of the engine."""


@asynccontextmanager
async def served(
    file: Path, mood: Mood, limits: LiveLimits, *, rate: int = 1, capacity: int = 100
) -> AsyncIterator[Server]:
    async with opened(file) as database, served_on(database, mood, limits, rate=rate, capacity=capacity) as server:
        yield server


@asynccontextmanager
async def served_on(
    database: Database, mood: Mood, limits: LiveLimits, *, rate: int = 1, capacity: int = 100
) -> AsyncIterator[Server]:
    time, secrecy = clocks(), Secrecy.of(bytes(32))
    async with AsyncExitStack() as stack:
        ledger, authenticator = Ledger(database), Authenticator(database, secrecy)
        bank = Bank(authenticator, ledger, Rates(live_speech=rate))
        loader = InlineLoader(stack, mood)
        supervisor = await stack.enter_async_context(
            open_supervisor(loader.attach, bank, Governor(capacity), limits, time)
        )
        keys = Keys(database, secrecy)
        yield Server(database, ledger, Accounts(database), keys, authenticator, supervisor, time, loader._hosts)


@asynccontextmanager
async def calm_server(
    folder: Path,
    template: Path,
    mood: Mood | None = None,
    limits: LiveLimits | None = None,
    power: PowerSupply | None = None,
    **more: int,
) -> AsyncIterator[Server]:
    """On a new database, where nothing happens by chance."""
    file = folder / "dragoman.db"
    if not file.exists():
        shutil.copy(template, file)
    with unthreaded(power or PowerSupply(lambda: 0.001)):
        async with served(file, mood or Mood(), limits or LiveLimits(), **more) as server:
            yield server


@dataclass
class Customer:
    id: str
    key_id: str
    principal: Principal
    granted: int = 0


async def new_customer(server: Server, name: str, tokens: int) -> Customer:
    now = server.clocks.utc()
    account = await server.accounts.create(name, now)
    key = await server.keys.create(account.id, now)
    if tokens:
        await server.ledger.grant(f"first:{name}", account.id, tokens, now)
    principal = await server.authenticator.authenticate(key.text, now)
    return Customer(account.id, key.id, principal, tokens)


@dataclass
class Heard:
    """One session, as its client saw it."""

    account_id: str
    events: list[SessionEvent] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    last_sent: float = 0.0
    stopped_at: float | None = None
    dropped_at: float | None = None
    stalled: bool = False
    cut_short: bool = False
    """By a power cut, or because nobody listened any more."""

    def when(self, kind: type) -> float | None:
        return next(
            (time for time, event in zip(self.times, self.events, strict=True) if isinstance(event, kind)), None
        )

    @property
    def over(self) -> bool:
        return self.cut_short or any(isinstance(event, Closed | Refused) for event in self.events)


class Client:
    """One connection; ``read`` is how many seconds it takes over each event."""

    def __init__(self, server: Server, customer: Customer, read: float = 0.0) -> None:
        self.server = server
        self.customer = customer
        self.read = read
        self.inbox = Inbox[Message](server.clocks)
        self.heard = Heard(customer.id)
        self.sessions: list[Heard] = []
        self.changed = anyio.Event()
        self.deaf = False
        """Whether it hears nothing any more, because its server lost its power."""
        self._sent = 0.0

    async def session(self, options: RunOptions = OPTIONS) -> None:
        """Starts one, after everything that was sent before; returns when it is over."""
        while self.inbox._waiting:
            await self.inbox.receive()
        self.heard, self._sent = Heard(self.customer.id), 0.0
        self.sessions.append(self.heard)
        try:
            await self.server.supervisor.hold_session(
                self.customer.principal, "live_speech", options, self.inbox, self.deliver
            )
        except ReaderStalled:
            self.heard.stalled = True
        finally:
            self.heard.cut_short = not self.heard.over
            self.changed.set()

    async def deliver(self, event: SessionEvent) -> None:
        if self.deaf:
            return
        self.heard.events.append(event)
        self.heard.times.append(anyio.current_time())
        self.changed.set()
        self.changed = anyio.Event()
        await anyio.sleep(self.read)

    async def until(self, *kinds: type) -> None:
        """Until such an event came, or the session is over."""
        while not self.heard.over and not any(isinstance(event, kinds) for event in self.heard.events):
            await self.changed.wait()

    def say(self, seconds: float) -> None:
        """The scripted engine hears its script in anything."""
        self._post(AudioChunk(bytes(2 * round(seconds * RATE)), RATE, self._sent))
        self._sent += seconds

    async def speak(self, seconds: float, chunk: float = 0.5) -> None:
        """At the pace of speech; until the session is over at the latest."""
        end = anyio.current_time() + seconds
        while (left := end - anyio.current_time()) > 1e-6 and not self.heard.over:
            self.say(chunk)
            await anyio.sleep(min(chunk, left))

    def complain(self) -> None:
        self._post(Trouble(InvalidMessage("odd")))

    def stop(self) -> None:
        if self.heard.stopped_at is None:
            self.heard.stopped_at = anyio.current_time()
        self._post(Stop())

    def drop(self, *, vanished: bool = False) -> None:
        self.heard.dropped_at = self.heard.last_sent if vanished else anyio.current_time()
        self.inbox.close(vanished=vanished)

    def _post(self, message: Message) -> None:
        self.heard.last_sent = anyio.current_time()
        self.inbox.post(message)

    async def listening(self) -> None:
        await self.until(Listening)
