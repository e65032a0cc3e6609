"""The tokens of a job: held when it is admitted, settled or given back when it is over, under its own id."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from dragoman.billing.holds import Session, lock_hold
from dragoman.billing.ledger import Ledger
from dragoman.billing.rates import Charge, Rates, charge, cost, milliseconds
from dragoman.jobs.model import Submission
from dragoman.storage.database import transaction

_LEAST: Final = 1.0
"""Seconds that are held for a recording of unknown length."""

_OWNER: Final = "jobs"
"""No process owns a job: any may finish it, and the reaper leaves it alone."""


@dataclass(frozen=True, slots=True)
class Purse:
    ledger: Ledger
    rates: Rates

    async def hold(self, job_id: str, submission: Submission, now: datetime, within: AsyncConnection) -> None:
        """For as long as the recording seems to be. Raises :class:`InsufficientTokens` and what else the ledger does.

        From then on the account's row is locked until the transaction ends.
        """
        rate, run = self.rates.of("batch"), submission.options.run
        session = Session(
            id=job_id,
            account_id=submission.account_id,
            product="batch",
            tokens_per_second=rate,
            source=run.source,
            targets=run.targets,
            engines=(),
            owner=_OWNER,
            key_id=submission.key_id,
        )
        amount = cost(milliseconds(max(_LEAST, submission.duration or 0.0)), rate)
        await self.ledger.hold(f"hold:{job_id}", session, amount, now, within=within)

    async def cover(self, job_id: str, seconds: float, now: datetime) -> None:
        """Sees to it that so many seconds are paid for. Raises :class:`InsufficientTokens`, :class:`HoldClosed`."""
        async with transaction(self.ledger.database) as connection:
            hold = await connection.run_sync(lock_hold, job_id)
            hold.must_be_open()
            metered = milliseconds(seconds)
            missing = cost(metered, hold.session.tokens_per_second) - hold.held
            if missing > 0:
                await self.ledger.top_up(f"top_up:{job_id}:{metered}", job_id, missing, now, within=connection)

    async def settle(self, job_id: str, seconds: float, now: datetime, within: AsyncConnection) -> Charge:
        hold = await within.run_sync(lock_hold, job_id)
        due = charge(milliseconds(seconds), hold.session.tokens_per_second, hold.held)
        await self.ledger.settle(f"settle:{job_id}", job_id, due, now, within=within)
        return due

    async def release(self, job_id: str, now: datetime, within: AsyncConnection) -> None:
        await self.ledger.release(f"release:{job_id}", job_id, now, within=within)
