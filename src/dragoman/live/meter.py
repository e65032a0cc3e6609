"""The tokens of one session: held in blocks, counted from the moment that audio may flow, settled once.

Exactly one of three things ends a hold: :meth:`Meter.close` settles it or, when nothing was metered, releases it; or
the reaper settles it at its last heartbeat, when this process cannot.
"""

from dataclasses import replace
from typing import Final

import anyio

from dragoman.billing.holds import Session
from dragoman.billing.ledger import Ledger
from dragoman.billing.rates import Charge, affordable_ms, charge, cost, milliseconds
from dragoman.core.errors import (
    AccountClosed,
    DiskFull,
    DragomanError,
    HoldClosed,
    HoldNotFound,
    InsufficientTokens,
    StorageError,
)
from dragoman.live import metrics
from dragoman.live.clocks import Clocks

_LEDGER_AWAY: Final = (StorageError, DiskFull)
"""The ledger could not be asked, or its answer was lost; it may be asked again under the same key."""

_PAUSE: Final = 0.5
"""Seconds before it is asked again."""

_SOONEST: Final = 1.0
"""Seconds between two questions to an account that had nothing left."""


class Meter:
    """Of one session. Times are seconds on the monotonic clock."""

    def __init__(self, ledger: Ledger, session: Session, clocks: Clocks, *, block: float) -> None:
        self.session = session
        self.holding = False
        """Whether tokens are held, as far as we know."""
        self.dry = False
        """Whether the account had nothing left, or nothing more, when it last answered."""
        self._ledger = ledger
        self._clocks = clocks
        self._block = cost(milliseconds(block), session.tokens_per_second)
        self._held = 0
        self._may_be_held = False
        self._top_ups = 0
        self._ask_at = 0.0
        self._started: float | None = None
        self._ended: float | None = None
        self._ends_by = float("inf")

    async def open(self, engines: tuple[str, ...]) -> None:
        """Holds the first block, or what there is, for a session of these engines.

        Raises :class:`InsufficientTokens` when that does not pay for a second.
        """
        self.session = replace(self.session, engines=engines)
        key, least = f"hold:{self.session.id}", min(self.session.tokens_per_second, self._block)
        self._may_be_held = True
        try:
            held = await self._ledger.hold(key, self.session, self._block, self._clocks.utc(), at_least=least)
        except DragomanError as error:
            self._may_be_held = isinstance(error, _LEDGER_AWAY)
            raise
        self._held = held.amount
        self.dry = held.amount < self._block
        self.holding = True

    def start(self) -> None:
        """Audio may flow: from here on it costs."""
        self._started = self._clocks.monotonic()

    def stop(self, at: float | None = None) -> None:
        """The session is over, now or ``at`` an earlier moment; what is delivered after it costs nothing."""
        if self._ended is None:
            now = self._clocks.monotonic()
            self._ended = now if at is None else min(at, now)

    def end_by(self, at: float) -> None:
        """Nothing more is to come: the rest costs time up to ``at``, which may lie ahead, and none after it."""
        self._ends_by = at

    @property
    def started(self) -> bool:
        return self._started is not None

    @property
    def metered_ms(self) -> int:
        if self._started is None:
            return 0
        end = min(self._clocks.monotonic() if self._ended is None else self._ended, self._ends_by)
        return milliseconds(max(0.0, end - self._started))

    @property
    def runs_out_at(self) -> float:
        """When what is held is used up; never, for what is free or will have ended by then."""
        affordable = affordable_ms(self._held, self.session.tokens_per_second)
        if affordable is None or self._started is None:
            return float("inf")
        at = self._started + affordable / 1000
        return at if at < self._ends_by else float("inf")

    @property
    def top_up_at(self) -> float:
        """When half a block is left, and more should be held; later when the ledger has just been asked in vain."""
        half = (affordable_ms(self._block, self.session.tokens_per_second) or 0) / 2000
        return max(self.runs_out_at - half, self._ask_at)

    async def top_up(self) -> None:
        """Holds another block, or what is left. When there is nothing, or the ledger does not answer, that is no error
        here: it is asked again in a while, and in the end the session runs out."""
        key = f"top_up:{self.session.id}:{self._top_ups}"
        try:
            added = await self._ledger.top_up(key, self.session.id, self._block, self._clocks.utc(), at_least=1)
        except (InsufficientTokens, AccountClosed):
            self.dry = True
            now = self._clocks.monotonic()
            # Ever sooner, so that a grant that comes late still counts.
            self._ask_at = now + max(_SOONEST, (self.runs_out_at - now) / 2)
        except _LEDGER_AWAY as error:
            metrics.ledger_errors.labels(error.code).inc()
            self._ask_at = self._clocks.monotonic() + _PAUSE
        else:
            self.dry = added.amount < self._block
            self._top_ups += 1
            self._held += added.amount

    async def close(self) -> Charge:
        """Settles what was metered, or releases the hold of a session that never began; asks until it is done.

        Returns what was charged, by whoever it was.
        """
        self.stop()
        while self._may_be_held:
            try:
                charged = await self._close()
            except _LEDGER_AWAY as error:
                metrics.ledger_errors.labels(error.code).inc()
                await anyio.sleep(_PAUSE)
            else:
                self.holding = self._may_be_held = False
                return charged
        return Charge(0, 0)

    @property
    def due(self) -> Charge:
        """What the session costs so far."""
        return charge(self.metered_ms, self.session.tokens_per_second, self._held)

    async def _close(self) -> Charge:
        id_, due, now = self.session.id, self.due, self._clocks.utc()
        try:
            if self._started is None:
                await self._ledger.release(f"release:{id_}", id_, now)
            else:
                await self._ledger.settle(f"settle:{id_}", id_, due, now)
        except HoldNotFound:  # the hold that nobody confirmed was not made
            return Charge(0, 0)
        except HoldClosed:
            return await self._charged_by_others()
        return due

    async def _charged_by_others(self) -> Charge:
        """What the reaper of another server has charged, to which this one seemed dead."""
        for row in await self._ledger.usage(self.session.account_id):
            if row.session_id == self.session.id:
                return Charge(row.seconds, row.tokens)
        return Charge(0, 0)
