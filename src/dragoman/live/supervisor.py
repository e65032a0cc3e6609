"""Owner of every live session of this process.

Faces post to it and return; sessions run in its task group, which is entered and left in the server's lifespan. It
notes what all of them have metered, looks whether their credentials are still good, settles those that other
processes abandoned, and winds all of them up when the server stops.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import anyio
import structlog
from anyio.abc import TaskGroup
from anyio.streams.memory import MemoryObjectReceiveStream

from dragoman.accounts.authentication import Authenticator
from dragoman.accounts.principal import Principal
from dragoman.billing.holds import Session
from dragoman.billing.ledger import Ledger
from dragoman.billing.rates import Rates
from dragoman.core.errors import AuthError, DragomanError, HoldClosed, ShuttingDown, StorageError, TooManySessions
from dragoman.core.options import RunOptions
from dragoman.core.product import Product
from dragoman.engines.attached import RunEngines
from dragoman.hosts.governor import Governor
from dragoman.live.clocks import Clocks
from dragoman.live.limits import LiveLimits
from dragoman.live.meter import Meter
from dragoman.live.session import Deliver, LiveSession, Message, Offer

_log = structlog.get_logger()

Attach = Callable[[RunOptions], Awaitable[RunEngines]]
"""Chooses and loads the engines of a run."""


@dataclass(frozen=True, slots=True)
class Bank:
    """Who may, and what it costs."""

    authenticator: Authenticator
    ledger: Ledger
    rates: Rates


@dataclass(frozen=True, slots=True)
class _Running:
    session: LiveSession
    principal: Principal


class Supervisor:
    """Made by :func:`open_supervisor`."""

    def __init__(
        self, attach: Attach, bank: Bank, governor: Governor, limits: LiveLimits, clocks: Clocks, group: TaskGroup
    ) -> None:
        self.owner = uuid4().hex
        """Name of this process in the holds that it made."""
        self.governor = governor
        self.limits = limits
        self._attach = attach
        self._bank = bank
        self._clocks = clocks
        self._group = group
        self._running: dict[str, _Running] = {}
        self._none_running = anyio.Event()
        self.stopping = False
        """Whether it takes no new sessions any more."""

    def adopt(self, serve: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Has a face's connection run here until it returns."""
        self._group.start_soon(serve)

    async def hold_session(
        self,
        principal: Principal,
        product: Product,
        options: RunOptions,
        inbox: MemoryObjectReceiveStream[Message],
        deliver: Deliver,
    ) -> None:
        """Runs one session to its end; returns when it is settled."""
        session_id = uuid4().hex
        bank = self._bank
        terms = Session(
            id=session_id,
            account_id=principal.account_id,
            product=product,
            tokens_per_second=bank.rates.of(product),
            source=options.source,
            targets=options.targets,
            engines=(),
            owner=self.owner,
            key_id=principal.key_id,
        )
        meter = Meter(bank.ledger, terms, self._clocks, block=self.limits.block)
        offer = Offer(options, meter, self._place(principal), self._attach)
        session = LiveSession(offer, inbox, deliver, self.limits, self._clocks)
        self._running[session_id] = _Running(session, principal)
        try:
            await session.run()
        finally:
            del self._running[session_id]
            if not self._running:
                self._none_running.set()

    @contextmanager
    def _place(self, principal: Principal) -> Iterator[None]:
        if self.stopping:
            raise ShuttingDown("The server is about to stop", remedy="Try again in a minute")
        mine = sum(running.principal.account_id == principal.account_id for running in self._running.values())
        if mine > self.limits.sessions_per_account:
            raise TooManySessions(
                f"The account runs {self.limits.sessions_per_account} sessions, as many as it may",
                remedy="End one of them first",
            )
        with self.governor.admitted():
            yield

    async def beat(self) -> None:
        """Notes what every session has metered; ends those that are settled already, by whoever it was."""
        while True:
            await anyio.sleep(self.limits.heartbeat)
            metered = {key: running.session.meter.metered_ms for key, running in self._running.items()}
            if not metered:
                continue
            try:
                closed = await self._bank.ledger.heartbeat(metered, self._clocks.utc())
            except StorageError as error:
                _log.warning("heartbeat_failed", code=error.code)
                continue
            for key in closed & self._running.keys():
                self._running[key].session.end("failed", HoldClosed("The session has been settled elsewhere"))

    async def check_credentials(self) -> None:
        """Ends sessions whose key was revoked, whose token expired or whose account was closed."""
        while True:
            await anyio.sleep(self.limits.credentials)
            for running in list(self._running.values()):
                try:
                    await self._bank.authenticator.check(running.principal, self._clocks.utc())
                except AuthError as error:
                    running.session.end("revoked", error)
                except StorageError as error:
                    _log.warning("credentials_not_checked", code=error.code)

    async def reap(self) -> None:
        """Settles what crashed servers left behind, this one's predecessor first of all."""
        while True:
            try:
                for transfer in await self._bank.ledger.reap(
                    self._clocks.utc(), timedelta(seconds=self.limits.abandoned)
                ):
                    _log.warning("session_reaped", session=transfer.session_id, tokens=transfer.amount)
            except DragomanError as error:
                _log.warning("reaper_failed", code=error.code)
            await anyio.sleep(self.limits.abandoned / 3)

    async def wind_up(self) -> None:
        """Takes no new sessions, gives the running ones their tail, and waits until they are settled."""
        self.stopping = True
        self._none_running = anyio.Event()
        for running in self._running.values():
            running.session.end("shutdown")
        if self._running:
            with anyio.move_on_after(self.limits.drain + self.limits.stall):
                await self._none_running.wait()


@asynccontextmanager
async def open_supervisor(
    attach: Attach, bank: Bank, governor: Governor, limits: LiveLimits, clocks: Clocks | None = None
) -> AsyncIterator[Supervisor]:
    """To be entered and left by one task, the server's lifespan; leaving winds up."""
    async with anyio.create_task_group() as group:
        supervisor = Supervisor(attach, bank, governor, limits, clocks or Clocks(), group)
        group.start_soon(supervisor.beat)
        group.start_soon(supervisor.check_credentials)
        group.start_soon(supervisor.reap)
        try:
            yield supervisor
        finally:
            with anyio.CancelScope(shield=True):
                await supervisor.wind_up()
            group.cancel_scope.cancel()
