"""One live session: a run, fed by a client, billed by its time and bounded by limits.

The session is one coroutine, owned by the supervisor. It takes the client's messages from an inbox and hands its
events to ``deliver``, which waits while the client is slow; a client that is too slow for too long ends the session.
docs/design/concurrency.md draws its tasks and how they end.
"""

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final, Literal

import anyio
import structlog
from anyio.abc import TaskGroup
from anyio.streams.memory import MemoryObjectSendStream

from dragoman.billing.rates import Charge
from dragoman.core.audio import AudioChunk
from dragoman.core.controls import AudioStalled, Input
from dragoman.core.errors import (
    DatabaseBusy,
    DragomanError,
    EngineFailed,
    InternalError,
    ReaderStalled,
    SessionIdle,
    SessionTooLong,
    ShuttingDown,
    first_error,
)
from dragoman.core.events import RunEnded, RunStarted
from dragoman.core.options import RunOptions
from dragoman.engines.attached import RunEngines
from dragoman.hosts.fence import report_bug
from dragoman.live import metrics
from dragoman.live.clocks import Clocks
from dragoman.live.events import (
    Attached,
    Closed,
    CloseReason,
    Exhausted,
    Initializing,
    Listening,
    Refused,
    SessionEvent,
    TimeShort,
    Trouble,
)
from dragoman.live.inbox import Inbox, Message, Received, Stop
from dragoman.live.limits import LiveLimits
from dragoman.live.meter import Meter
from dragoman.live.warnings import Warnings
from dragoman.pipeline.run import Run, open_run

_log = structlog.get_logger()

_UNHEARD: Final[tuple[CloseReason, ...]] = ("disconnected", "stalled")
"""Ends after which nobody hears the tail."""

Deliver = Callable[[SessionEvent], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Offer:
    """What a session is made of, prepared by the supervisor: nothing is held or loaded yet."""

    options: RunOptions
    meter: Meter
    place: AbstractContextManager[None]
    """Admission; raises when there is no place."""
    attach: Callable[[RunOptions], Awaitable[RunEngines]]
    """Chooses and loads the engines; raises what cannot be done."""


class LiveSession:
    """Run by :meth:`run`, ended by the client, by itself, or from outside by :meth:`end`."""

    def __init__(
        self, offer: Offer, inbox: Inbox[Message], deliver: Deliver, limits: LiveLimits, clocks: Clocks
    ) -> None:
        self.meter = offer.meter
        self.reason: CloseReason | None = None
        """Why it ended, once it has."""
        self.error: DragomanError | None = None
        """What was wrong, when something was."""
        self._offer = offer
        self._inbox = inbox
        self._deliver = deliver
        self._limits = limits
        self._clocks = clocks
        self._stalled: ReaderStalled | None = None
        self._ending = anyio.Event()
        self._last_event = 0.0
        self._began = 0.0
        self._heard = 0.0
        """Seconds of audio."""
        self._all_sent = False
        """Whether the client has nothing more to say, and waits for us."""

    @property
    def is_deserted(self) -> bool:
        """Whether nobody hears it any more: its place will be free in a moment."""
        return self._inbox.gone.is_set() or self.reason in _UNHEARD

    async def run(self) -> None:
        """From :class:`Initializing` to :class:`Closed` or :class:`Refused`.

        Raises :class:`ReaderStalled`, when all is settled, if the client took nothing and has to be cut off.
        """
        try:
            charged = await self._charged()
            await self._say_goodbye(charged)
        finally:
            self._inbox.reopen()

    def end(self, reason: CloseReason, error: DragomanError | None = None, *, at: float | None = None) -> None:
        """The first reason counts. Stops the meter, now or ``at`` an earlier moment. What was heard before is still
        delivered; a session that has not begun to listen ends at once."""
        if self.reason is None:
            self.reason, self.error = reason, error
            self.meter.stop(at)
            self._inbox.finish()
            self._ending.set()

    async def _charged(self) -> Charge:
        """Everything but the farewell; the place is free again when it returns."""
        try:
            await self._tell(Initializing())
            with self._offer.place:
                try:
                    await self._work()
                except DragomanError as error:
                    self.end("failed", error)
                except Exception as error:  # noqa: BLE001  fences this session from the others
                    self.end("failed", report_bug("session_failed", error))
                finally:
                    self.end("shutdown")  # unless it has a reason, it is being cancelled
                    charged = await self._settle()
        except DragomanError as error:  # no place, or no reader
            self.end("failed", error)
            return Charge(0, 0)
        return charged

    async def _work(self) -> None:
        """Attaches the engines, holds tokens and runs, until the tail is delivered."""
        options = self._offer.options
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(self._see_off)
                group.start_soon(self._wind_up, group)
                group.start_soon(self._limit_start)
                engines = await self._offer.attach(options)
                await self.meter.open(engines.names)
                async with open_run(options, engines) as run:
                    await self._converse(group, run)
                group.cancel_scope.cancel()
        except BaseExceptionGroup as errors:
            raise first_error(errors) from None

    async def _converse(self, group: TaskGroup, run: Run) -> None:
        """From the engines being there to the last event of the run."""
        async for event in run.events:
            self._last_event = self._clocks.monotonic()
            match event:
                case RunStarted(language, engines):
                    options = self._offer.options
                    await self._tell(Attached(language, options.targets, engines, options.speak))
                    await self._begin(group, run.input)
                case RunEnded():
                    self.end("stopped")
                case _:
                    await self._tell(event)

    async def _begin(self, group: TaskGroup, audio: MemoryObjectSendStream[Input]) -> None:
        self.meter.start()
        metrics.started.inc()
        self._began = self._clocks.monotonic()
        group.start_soon(self._limit, self._began)
        group.start_soon(self._keep_paid)
        await self._tell(Listening())
        group.start_soon(self._feed, audio)

    async def _feed(self, audio: MemoryObjectSendStream[Input]) -> None:
        """The client's messages, one after another, until all that came before the end is handed on."""
        stalled = True
        async with audio:
            while (received := await self._next(patient=stalled)) is not None:
                try:
                    await self._take(received, audio)
                except anyio.BrokenResourceError:
                    return  # the run has broken off and says why itself
                stalled = isinstance(received.message, AudioStalled)

    async def _next(self, *, patient: bool) -> Received[Message] | None:
        """The next message; that none came, after a while, unless we are ``patient``."""
        with anyio.move_on_after(float("inf") if patient else self._limits.pause):
            return await self._inbox.receive()
        return Received(AudioStalled(), self._clocks.monotonic())

    async def _take(self, received: Received[Message], audio: MemoryObjectSendStream[Input]) -> None:
        match received.message:
            case AudioChunk() as chunk:
                await audio.send(chunk)
                self._heard += chunk.duration
                metrics.heard.inc(chunk.duration)
            case Trouble() as trouble:
                await self._tell(trouble)
            case Stop(in_turn=True):
                self.meter.end_by(max(received.at, self._began + self._heard))
                self._all_sent = True
                self._inbox.finish()
            case Stop():
                self.end("stopped", at=received.at)
            case control:
                await audio.send(control)

    async def _see_off(self) -> None:
        """Also while engines load, or the run takes no more audio, it is noticed when the client goes."""
        await self._inbox.gone.wait()
        self.end("disconnected", at=self._inbox.gone_at)

    async def _limit_start(self) -> None:
        await anyio.sleep(self._limits.start)
        if not self.meter.started:
            self.end("failed", EngineFailed(f"The engines were not ready within {self._limits.start:g} seconds"))

    async def _limit(self, started: float) -> None:
        """Ends the session when its tokens, the client's time to be silent, or its own time is used up."""
        idle_warnings, session_warnings = Warnings(self._limits.warn_idle), Warnings(self._limits.warn_longest)
        while self.reason is None:
            now = self._clocks.monotonic()
            last_packet = max(started, self._inbox.last_packet)
            paid_until = self.meter.runs_out_at
            silent_until = float("inf") if self._all_sent else last_packet + self._limits.idle
            longest = started + self._limits.longest
            if now >= paid_until:
                self._run_out(paid_until)
            elif now >= silent_until:
                idle = SessionIdle(f"Nothing came for {self._limits.idle:g} seconds")
                self.end("idle", idle, at=last_packet)
            elif now >= longest:
                too_long = SessionTooLong(f"A session lasts {self._limits.longest:g} seconds at most")
                self.end("too_long", too_long, at=longest)
            else:
                warn_at = (
                    await self._warn("idle", idle_warnings, silent_until),
                    await self._warn("session", session_warnings, longest),
                )
                await anyio.sleep(min(paid_until, silent_until, longest, *warn_at) - self._clocks.monotonic())

    async def _warn(self, limit: Literal["idle", "session"], warnings: Warnings, ends_at: float) -> float:
        """Warns when it is time; returns when to look again."""
        left = ends_at - self._clocks.monotonic()
        if warnings.due(left):
            await self._tell(TimeShort(limit, left))
        return ends_at - left + warnings.next_in(left)

    def _run_out(self, at: float) -> None:
        if self.meter.dry:
            self.end("exhausted", at=at)
        else:
            self.end("failed", DatabaseBusy("The ledger did not answer in time", remedy="Start again"), at=at)

    async def _keep_paid(self) -> None:
        """Beside :meth:`_limit`, so that a slow ledger gives no time away."""
        try:
            while self.reason is None and self.meter.top_up_at < float("inf"):
                await anyio.sleep(max(0.0, self.meter.top_up_at - self._clocks.monotonic()))
                if self.reason is None:
                    await self.meter.top_up()
        except DragomanError as error:
            self.end("failed", error)

    async def _wind_up(self, group: TaskGroup) -> None:
        """Once the end has come, gives the tail its time."""
        await self._ending.wait()
        if self.meter.started and self.reason not in _UNHEARD:
            await self._drain()
        group.cancel_scope.cancel()

    async def _drain(self) -> None:
        """Whoever stopped gets everything, as long as more comes; other ends have their time."""
        deadline = self._clocks.monotonic() + self._limits.drain
        while (left := deadline - self._clocks.monotonic()) > 0 and not self._inbox.gone.is_set():
            with anyio.move_on_after(left):
                await self._inbox.gone.wait()
            if self.reason == "stopped":
                deadline = max(deadline, self._last_event + self._limits.drain)

    async def _tell(self, event: SessionEvent) -> None:
        try:
            with anyio.fail_after(self._limits.stall):
                await self._deliver(event)
        except TimeoutError:
            self._stalled = ReaderStalled(f"The client took no event for {self._limits.stall:g} seconds")
            self.end("stalled", self._stalled, at=self._inbox.last_packet)
            raise self._stalled from None

    async def _settle(self) -> Charge:
        """What the session cost; when the ledger cannot be reached in time, the reaper charges it."""
        with anyio.CancelScope(shield=True, deadline=anyio.current_time() + self._limits.settling):
            try:
                return await self.meter.close()
            except DragomanError as error:
                metrics.ledger_errors.labels(error.code).inc()
                _log.error("session_not_settled", session=self.meter.session.id, code=error.code)
            except Exception as error:  # noqa: BLE001  the reaper is the second way
                report_bug("session_not_settled", error)
        return self.meter.due

    async def _say_goodbye(self, charged: Charge) -> None:
        for event in self._goodbye(charged):
            if self._stalled is not None:
                raise self._stalled
            if not self._inbox.gone.is_set():
                await self._tell(event)

    def _goodbye(self, charged: Charge) -> list[SessionEvent]:
        reason = self.reason or "failed"
        if not self.meter.started:
            stopping = ShuttingDown("The server is about to stop", remedy="Try again in a minute")
            return [Refused(self.error or (stopping if reason == "shutdown" else InternalError("It did not start")))]
        last: list[SessionEvent] = [Trouble(self.error)] if self.error is not None else []
        if reason == "exhausted":
            last.append(Exhausted())
        return [*last, Closed(reason, charged.seconds, charged.tokens)]
