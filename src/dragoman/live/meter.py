"""The tokens of one session: held in blocks, counted from the moment that audio may flow, settled once.

Exactly one of three things ends a hold: :meth:`Meter.close` settles it or, when nothing was metered, releases it; or
the reaper settles it at its last heartbeat, when this process cannot.
"""

from dataclasses import replace

from dragoman.billing.holds import Session
from dragoman.billing.ledger import Ledger
from dragoman.billing.rates import Charge, affordable_ms, charge, cost, milliseconds
from dragoman.core.errors import AccountClosed, InsufficientTokens
from dragoman.live.clocks import Clocks


class Meter:
    """Of one session. Times are seconds on the monotonic clock."""

    def __init__(self, ledger: Ledger, session: Session, clocks: Clocks, *, block: float) -> None:
        self.session = session
        self._ledger = ledger
        self._clocks = clocks
        self._block = max(1, cost(milliseconds(block), session.tokens_per_second))
        self._held = 0
        self._top_ups = 0
        self._dry = False
        self._started: float | None = None
        self._ended: float | None = None

    async def open(self, engines: tuple[str, ...]) -> None:
        """Holds the first block, or what there is, for a session of these engines.

        Raises :class:`InsufficientTokens` when that pays for no second.
        """
        self.session = replace(self.session, engines=engines)
        rate = self.session.tokens_per_second
        block = self._block if rate else 0
        held = await self._ledger.hold(
            f"hold:{self.session.id}", self.session, block, self._clocks.utc(), at_least=min(rate, block)
        )
        self._held = held.amount

    def start(self) -> None:
        """Audio may flow: from here on it costs."""
        self._started = self._clocks.monotonic()

    def stop(self, at: float | None = None) -> None:
        """The session is over, now or ``at`` an earlier moment; what is delivered after it costs nothing."""
        if self._ended is None:
            self._ended = self._clocks.monotonic() if at is None else at

    @property
    def started(self) -> bool:
        return self._started is not None

    @property
    def metered_ms(self) -> int:
        if self._started is None:
            return 0
        end = self._clocks.monotonic() if self._ended is None else self._ended
        return milliseconds(max(0.0, end - self._started))

    @property
    def seconds_left(self) -> float:
        """Until what is held runs out."""
        affordable = affordable_ms(self._held, self.session.tokens_per_second)
        return float("inf") if affordable is None else (affordable - self.metered_ms) / 1000

    @property
    def seconds_to_top_up(self) -> float:
        """Until half a block is left, when more should be held; infinity when the account has no more to give."""
        if self._dry:
            return float("inf")
        return self.seconds_left - (affordable_ms(self._block, self.session.tokens_per_second) or 0) / 2000

    async def top_up(self) -> None:
        """Holds another block, or what is left; nothing left is no error here, the session just ends sooner."""
        self._top_ups += 1
        key = f"top_up:{self.session.id}:{self._top_ups}"
        try:
            added = await self._ledger.top_up(key, self.session.id, self._block, self._clocks.utc(), at_least=1)
        except (InsufficientTokens, AccountClosed):
            self._dry = True
        else:
            self._held += added.amount

    async def close(self) -> Charge:
        """Settles what was metered, or releases the hold of a session that never began."""
        self.stop()
        if self._started is None:
            await self._ledger.release(f"release:{self.session.id}", self.session.id, self._clocks.utc())
            return Charge(0, 0)
        due = charge(self.metered_ms, self.session.tokens_per_second, self._held)
        await self._ledger.settle(f"settle:{self.session.id}", self.session.id, due, self._clocks.utc())
        return due
