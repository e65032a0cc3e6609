"""Owner of every live session of this process.

Faces post to it and return; sessions run in its task group, which is entered and left in the server's lifespan. It
notes what all of them have metered, looks whether their credentials are still good, settles those that other
processes abandoned, and winds all of them up when the server stops.
"""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import anyio
import structlog
from anyio.abc import TaskGroup

from dragoman.accounts.authentication import Authenticator
from dragoman.accounts.principal import Principal
from dragoman.billing.holds import Session
from dragoman.billing.ledger import Ledger
from dragoman.billing.rates import Rates
from dragoman.core.errors import (
    AuthError,
    DragomanError,
    HoldClosed,
    LimitError,
    ShuttingDown,
    TooManySessions,
    first_error,
)
from dragoman.core.options import RunOptions
from dragoman.core.product import Product
from dragoman.engines.attached import RunEngines
from dragoman.hosts.fence import report_bug
from dragoman.hosts.governor import Governor
from dragoman.live import metrics
from dragoman.live.clocks import Clocks
from dragoman.live.inbox import Inbox, Message
from dragoman.live.limits import LiveLimits
from dragoman.live.meter import Meter
from dragoman.live.session import Deliver, LiveSession, Offer

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
        self.clocks = clocks
        self.stopping = False
        """Whether it takes no new sessions any more."""
        self._attach = attach
        self._bank = bank
        self._group = group
        self._running: dict[str, _Running] = {}
        self._none_running = anyio.Event()
        self._places: Counter[str] = Counter()
        """Sessions that have a place, per account."""
        self._left = anyio.Event()
        """The next session to be over."""

    def adopt(self, serve: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Has a face's connection run here until it returns. What it raises ends nothing but itself."""
        self._group.start_soon(self._fenced, serve)

    async def hold_session(
        self,
        principal: Principal,
        product: Product,
        options: RunOptions,
        inbox: Inbox[Message],
        deliver: Deliver,
        limits: LiveLimits | None = None,
    ) -> None:
        """Runs one session; returns when it is settled and closed. Without ``limits``, those of the supervisor hold.

        Raises :class:`ReaderStalled` when the client has to be cut off.
        """
        await self._let_the_deserted_leave(principal.account_id, options)
        session = self._session(principal, product, options, inbox, deliver, limits or self.limits)
        id_ = session.meter.session.id
        if not self._running:
            self._none_running = anyio.Event()
        self._running[id_] = _Running(session, principal)
        metrics.running.inc()
        try:
            await session.run()
        finally:
            _count(session)
            del self._running[id_]
            self._left.set()
            self._left = anyio.Event()
            if not self._running:
                self._none_running.set()

    async def beat(self) -> None:
        """Notes what every session has metered; ends those that are settled already, by whoever it was."""
        meters = {id_: running.session.meter for id_, running in self._running.items()}
        metered = {id_: meter.metered_ms for id_, meter in meters.items() if meter.holding}
        if not metered:
            return
        for id_ in await self._bank.ledger.heartbeat(metered, self.clocks.utc()):
            if meters[id_].holding and id_ in self._running:
                self._running[id_].session.end("failed", HoldClosed("The session has been settled elsewhere"))

    async def check_credentials(self) -> None:
        """Ends sessions whose key was revoked, whose token expired or whose account was closed."""
        for running in list(self._running.values()):
            try:
                await self._bank.authenticator.check(running.principal, self.clocks.utc())
            except AuthError as error:
                running.session.end("revoked", error)

    async def reap(self) -> None:
        """Settles what crashed servers left behind, this one's predecessor first of all."""
        abandoned = timedelta(seconds=self.limits.abandoned)
        for transfer in await self._bank.ledger.reap(self.clocks.utc(), abandoned):
            _log.warning("session_reaped", session=transfer.session_id, tokens=transfer.amount)

    async def wind_up(self) -> None:
        """Takes no new sessions, gives the running ones their tail, and waits until they are settled."""
        self.stopping = True
        for running in self._running.values():
            running.session.end("shutdown")
        if self._running:
            with anyio.move_on_after(self.limits.drain + self.limits.settling + self.limits.stall):
                await self._none_running.wait()

    async def every(self, seconds: float, work: Callable[[], Awaitable[None]], failure: str) -> None:
        """One of its rounds, for ever. One that fails is made again; it ends no session."""
        while True:
            try:
                await work()
            except DragomanError as error:
                metrics.ledger_errors.labels(error.code).inc()
                _log.warning(failure, code=error.code)
            except Exception as error:  # noqa: BLE001  fences the sessions from the rounds
                report_bug(failure, error)
            await anyio.sleep(seconds)

    async def _fenced(self, serve: Callable[[], Coroutine[Any, Any, None]]) -> None:
        try:
            await serve()
        except Exception as error:  # noqa: BLE001  fences one connection from the others
            report_bug("connection_failed", error)

    def _session(
        self,
        principal: Principal,
        product: Product,
        options: RunOptions,
        inbox: Inbox[Message],
        deliver: Deliver,
        limits: LiveLimits,
    ) -> LiveSession:
        terms = Session(
            id=uuid4().hex,
            account_id=principal.account_id,
            product=product,
            tokens_per_second=self._bank.rates.of(product),
            source=options.source,
            targets=options.targets,
            engines=(),
            owner=self.owner,
            key_id=principal.key_id,
        )
        meter = Meter(self._bank.ledger, terms, self.clocks, block=limits.block)
        offer = Offer(options, meter, self._place(principal.account_id, options), self._attach)
        return LiveSession(offer, inbox, deliver, limits, self.clocks)

    @contextmanager
    def _place(self, account_id: str, options: RunOptions) -> Iterator[None]:
        if self.stopping:
            raise ShuttingDown("The server is about to stop", remedy="Try again in a minute")
        if self._places[account_id] >= self.limits.sessions_per_account:
            raise TooManySessions(
                f"The account runs {self.limits.sessions_per_account} sessions, as many as it may",
                remedy="End one of them first",
            )
        with self.governor.admitted(options):
            self._places[account_id] += 1
            try:
                yield
            finally:
                self._places[account_id] -= 1
                self._places += Counter()  # forgets accounts that have none

    async def _let_the_deserted_leave(self, account_id: str, options: RunOptions) -> None:
        """A client whose connection broke comes back at once, before its old session is settled. That one's place is
        as good as free, so it is waited for instead of refusing."""
        with anyio.move_on_after(self.limits.settling):
            while not self.stopping and self._would_be_free(account_id, options):
                await self._left.wait()

    def _would_be_free(self, account_id: str, options: RunOptions) -> bool:
        """Whether there is no place now, and is one when the deserted sessions have left."""
        deserted = [running.principal.account_id for running in self._running.values() if running.session.is_deserted]
        taken = self._places[account_id] >= self.limits.sessions_per_account
        return (taken and account_id in deserted) or (bool(deserted) and not self.governor.has_room(options))


def _count(session: LiveSession) -> None:
    metrics.running.dec()
    if isinstance(session.error, LimitError):
        metrics.limits.labels(session.error.code).inc()
    if session.meter.started:
        metrics.ended.labels(session.reason or "failed").inc()
        metrics.billed.inc(session.meter.due.seconds)
        metrics.charged.inc(session.meter.due.tokens)
    else:
        metrics.refused.labels(session.error.code if session.error else session.reason or "failed").inc()


@asynccontextmanager
async def open_supervisor(
    attach: Attach, bank: Bank, governor: Governor, limits: LiveLimits, clocks: Clocks | None = None
) -> AsyncIterator[Supervisor]:
    """To be entered and left by one task, the server's lifespan; leaving winds up."""
    try:
        async with anyio.create_task_group() as group:
            supervisor = Supervisor(attach, bank, governor, limits, clocks or Clocks(), group)
            group.start_soon(supervisor.every, limits.heartbeat, supervisor.beat, "heartbeat_failed")
            group.start_soon(
                supervisor.every, limits.credentials, supervisor.check_credentials, "credentials_not_checked"
            )
            group.start_soon(supervisor.every, limits.abandoned / 3, supervisor.reap, "reaper_failed")
            try:
                yield supervisor
            finally:
                with anyio.CancelScope(shield=True):
                    await supervisor.wind_up()
                group.cancel_scope.cancel()
    except BaseExceptionGroup as errors:
        raise first_error(errors) from None
