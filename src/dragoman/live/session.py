"""One live session: a run, fed by a client, billed by its time and bounded by limits.

The session is one coroutine, owned by the supervisor. It takes the client's messages from an inbox and hands its
events to ``deliver``, which waits while the client is slow; a client that is too slow for too long ends the session.
"""

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from typing import assert_never

import anyio
from anyio.abc import TaskGroup
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from dragoman.billing.rates import Charge
from dragoman.core.audio import AudioChunk
from dragoman.core.errors import (
    DragomanError,
    ReaderStalled,
    SessionIdle,
    SessionTooLong,
    first_error,
)
from dragoman.core.events import RunEnded, RunStarted
from dragoman.core.options import RunOptions
from dragoman.engines.attached import RunEngines
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
    Trouble,
)
from dragoman.live.limits import LiveLimits
from dragoman.live.meter import Meter
from dragoman.pipeline.run import Run, open_run

_SETTLING = 10.0
"""Seconds for which settling is shielded from being cancelled; after that the reaper does it."""


@dataclass(frozen=True, slots=True)
class Stop:
    """The client asks for the end; what was said before is still delivered."""


Message = AudioChunk | Stop | Trouble
"""What a face puts into the inbox; a :class:`Trouble` there is a bad message, to be answered in its turn."""

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
        self,
        offer: Offer,
        inbox: MemoryObjectReceiveStream[Message],
        deliver: Deliver,
        limits: LiveLimits,
        clocks: Clocks,
    ) -> None:
        self.meter = offer.meter
        self._offer = offer
        self._inbox = inbox
        self._deliver = deliver
        self._limits = limits
        self._clocks = clocks
        self._reason: CloseReason | None = None
        self._error: DragomanError | None = None
        self._ending = anyio.Event()
        self._last_packet = clocks.monotonic()

    async def run(self) -> None:
        """From :class:`Initializing` to :class:`Closed` or :class:`Refused`; returns when all is settled."""
        charged = Charge(0, 0)
        try:
            await self._tell(Initializing())
            with ExitStack() as stack:
                stack.enter_context(self._offer.place)
                engines = await self._offer.attach(self._offer.options)
                await self.meter.open(engines.names)
                try:
                    async with open_run(self._offer.options, engines) as run:
                        await self._converse(run)
                finally:
                    charged = await self._settle()
        except DragomanError as error:
            if not self.meter.started:
                await self._tell_whoever_listens(Refused(error))
                return
            self.end("failed", error)
        await self._say_goodbye(charged)

    def end(self, reason: CloseReason, error: DragomanError | None = None, *, at: float | None = None) -> None:
        """The first reason counts. Stops the meter; what was said is still delivered."""
        if self._reason is None:
            self._reason, self._error = reason, error
            self.meter.stop(at)
            self._ending.set()

    async def _converse(self, run: Run) -> None:
        """Everything between the engines being there and the last event of the run."""
        try:
            async with anyio.create_task_group() as group:
                async for event in run.events:
                    match event:
                        case RunStarted(language, engines):
                            options = self._offer.options
                            await self._tell(Attached(language, options.targets, engines, options.speak))
                            await self._tell(Listening())
                            self._begin(group, run.input)
                        case RunEnded():
                            group.cancel_scope.cancel()
                        case _:
                            await self._tell(event)
        except BaseExceptionGroup as errors:
            raise first_error(errors) from None

    def _begin(self, group: TaskGroup, audio: MemoryObjectSendStream[AudioChunk]) -> None:
        self.meter.start()
        self._last_packet = self._clocks.monotonic()
        group.start_soon(self._feed, audio)
        group.start_soon(self._watch)
        group.start_soon(self._wind_up, group, audio)

    async def _feed(self, audio: MemoryObjectSendStream[AudioChunk]) -> None:
        """The client's messages, one after another, until it stops or goes away."""
        async for message in self._inbox:
            self._last_packet = self._clocks.monotonic()
            match message:
                case AudioChunk():
                    if self._reason is None:
                        await audio.send(message)
                case Trouble():
                    await self._tell(message)
                case Stop():
                    self.end("stopped")
                    return
                case _:
                    assert_never(message)
        self.end("disconnected", at=self._last_packet)

    async def _watch(self) -> None:
        """Wakes when something is due: more tokens, the end of the tokens, the idle limit, the longest session."""
        started = self._clocks.monotonic()
        while self._reason is None:
            now = self._clocks.monotonic()
            if self.meter.seconds_left <= 0:
                self.end("exhausted")
            elif now - self._last_packet >= self._limits.idle:
                self.end("idle", SessionIdle(f"No audio came for {self._limits.idle:g} seconds"), at=self._last_packet)
            elif now - started >= self._limits.longest:
                self.end("too_long", SessionTooLong(f"A session lasts {self._limits.longest:g} seconds at most"))
            elif self.meter.seconds_to_top_up <= 0:
                await self.meter.top_up()
            else:
                due = min(
                    self.meter.seconds_left,
                    self.meter.seconds_to_top_up,
                    self._last_packet + self._limits.idle - now,
                    started + self._limits.longest - now,
                )
                await anyio.sleep(max(0.001, due))

    async def _wind_up(self, group: TaskGroup, audio: MemoryObjectSendStream[AudioChunk]) -> None:
        """Once the end has come: closes the input and gives the tail its time. Nobody hears the tail of a client
        that went away."""
        await self._ending.wait()
        audio.close()
        if self._reason not in ("disconnected", "stalled"):
            await anyio.sleep(self._limits.drain)
        group.cancel_scope.cancel()

    async def _tell(self, event: SessionEvent) -> None:
        try:
            with anyio.fail_after(self._limits.stall):
                await self._deliver(event)
        except TimeoutError:
            error = ReaderStalled(f"The client took no event for {self._limits.stall:g} seconds")
            self.end("stalled", error)
            raise error from None

    async def _tell_whoever_listens(self, event: SessionEvent) -> None:
        if self._reason not in ("disconnected", "stalled"):
            await self._tell(event)

    async def _settle(self) -> Charge:
        with anyio.move_on_after(_SETTLING, shield=True):
            return await self.meter.close()
        return Charge(0, 0)

    async def _say_goodbye(self, charged: Charge) -> None:
        if self._error is not None:
            await self._tell_whoever_listens(Trouble(self._error))
        if self._reason == "exhausted":
            await self._tell_whoever_listens(Exhausted())
        await self._tell_whoever_listens(Closed(self._reason or "failed", charged.seconds, charged.tokens))
