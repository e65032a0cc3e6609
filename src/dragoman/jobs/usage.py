"""What an account's jobs have used: counted from what was charged, so that a deleted job counts as before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from dragoman.jobs.model import JobKind
from dragoman.storage.database import Database, snapshot
from dragoman.storage.tables import jobs, usage


@dataclass(frozen=True, slots=True)
class JobUsage:
    kind: JobKind
    language: str
    """Canonical tag of the source."""
    count: int
    seconds: int
    """Billed."""


async def job_usage(database: Database, account_id: str, since: datetime, until: datetime) -> Sequence[JobUsage]:
    """Of jobs that were settled from ``since`` on and before ``until``, by kind and language."""
    query = (
        select(jobs.c.kind, usage.c.source, func.count(), func.sum(usage.c.seconds))
        .join_from(usage, jobs, usage.c.session_id == jobs.c.id)
        .where(usage.c.account_id == account_id, usage.c.product == "batch")
        .where(usage.c.ended_at >= since, usage.c.ended_at < until)
        .group_by(jobs.c.kind, usage.c.source)
        .order_by(jobs.c.kind, usage.c.source)
    )
    async with snapshot(database) as connection:
        return [
            JobUsage(kind, source, count, int(seconds))
            for kind, source, count, seconds in await connection.execute(query)
        ]
