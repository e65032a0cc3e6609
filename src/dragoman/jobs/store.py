"""The rows of jobs."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

import pydantic
from sqlalchemy import ColumnElement, Connection, Row, Update, case, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from dragoman.core.errors import IdempotencyConflict, JobNotFound
from dragoman.core.options import JobOptions
from dragoman.jobs.model import MOVES, Job, JobError, JobStatus, Stage, Submission, new_id
from dragoman.storage.database import Database, snapshot, transaction, write
from dragoman.storage.tables import jobs

_OPTIONS: Final = pydantic.TypeAdapter(JobOptions)
_ERRORS: Final = pydantic.TypeAdapter(tuple[JobError, ...])


@dataclass(frozen=True, slots=True)
class Jobs:
    """The jobs of one database. Those of another account are not found."""

    database: Database

    async def add(
        self, submission: Submission, now: datetime, *, job_id: str | None = None, within: AsyncConnection | None = None
    ) -> Job:
        """A new job, running and not known to any queue; ``job_id`` when blobs lie there already.

        Raises :class:`IdempotencyConflict` when its idempotency key is taken, by whatever request.
        """
        job = Job(job_id or new_id(), submission, "running", "queued", 0, (), now)
        row = {
            "id": job.id,
            **{name: value for name, value in asdict(submission).items() if name not in ("options", "duration")},
            "options": _OPTIONS.dump_json(submission.options).decode(),
            "duration_ms": _milliseconds(submission.duration),
            "status": job.status,
            "stage": job.stage,
            "progress": job.progress,
            "errors": [],
            "created_at": now,
        }
        try:
            async with transaction(self.database, within) as connection:
                await connection.execute(insert(jobs), row)
        except IntegrityError as error:
            raise IdempotencyConflict(
                f"the key {submission.idempotency_key!r} belongs to another job", remedy="Use a new key"
            ) from error
        return job

    async def get(self, job_id: str, account_id: str | None = None) -> Job:
        """``account_id`` None: whoever's. Raises :class:`JobNotFound`."""
        mine = jobs.c.id == job_id
        return await self._one(mine if account_id is None else mine & (jobs.c.account_id == account_id), job_id)

    async def under(self, idempotency_key: str, account_id: str) -> Job | None:
        """The job that was made under that key."""
        which = (jobs.c.idempotency_key == idempotency_key) & (jobs.c.account_id == account_id)
        async with snapshot(self.database) as connection:
            row = (await connection.execute(select(jobs).where(which))).one_or_none()
        return None if row is None else _job(row)

    async def latest(
        self,
        account_id: str,
        *,
        limit: int,
        before: datetime | None = None,
        since: datetime | None = None,
        client_ref: str | None = None,
        include_deleted: bool = False,
    ) -> list[Job]:
        """Newest first."""
        which = jobs.c.account_id == account_id
        if before is not None:
            which &= jobs.c.created_at < before
        if since is not None:
            which &= jobs.c.created_at >= since
        if client_ref is not None:
            which &= jobs.c.client_ref == client_ref
        if not include_deleted:
            which &= jobs.c.status != "deleted"
        return await self._many(which, jobs.c.created_at.desc(), jobs.c.id.desc(), limit=limit)

    async def running(self, account_id: str, *, within: AsyncConnection | None = None) -> int:
        """How many jobs of the account are not over."""
        query = select(func.count()).where(jobs.c.account_id == account_id, jobs.c.status == "running")
        async with snapshot(self.database) if within is None else nullcontext(within) as connection:
            return int((await connection.execute(query)).scalar_one())

    async def over(self, job_ids: Collection[str]) -> frozenset[str]:
        """Those of them that run no longer."""
        query = select(jobs.c.id).where(jobs.c.id.in_(job_ids), jobs.c.status != "running")
        async with snapshot(self.database) as connection:
            return frozenset((await connection.execute(query)).scalars())

    async def known(self, job_ids: Collection[str]) -> Mapping[str, JobStatus]:
        """Status of those of them that there are."""
        query = select(jobs.c.id, jobs.c.status).where(jobs.c.id.in_(job_ids))
        async with snapshot(self.database) as connection:
            return {row.id: row.status for row in await connection.execute(query)}

    async def to_enqueue(self, before: datetime, *, limit: int) -> list[Job]:
        """Those whose queue may not know them, oldest first; ``before`` spares those that are being enqueued now."""
        which = jobs.c.enqueued_at.is_(None) & (jobs.c.status == "running") & (jobs.c.created_at < before)
        return await self._many(which, jobs.c.created_at, limit=limit)

    async def enqueued(self, job_id: str, now: datetime | None) -> None:
        """The queue knows it; ``now`` None: it has lost it."""
        await self._update(update(jobs).where(jobs.c.id == job_id).values(enqueued_at=now))

    async def in_queue(self, after: str, *, limit: int) -> list[str]:
        """Ids of running jobs that the queue was told of, in order from the one that follows ``after``."""
        which = jobs.c.enqueued_at.is_not(None) & (jobs.c.status == "running") & (jobs.c.id > after)
        query = select(jobs.c.id).where(which).order_by(jobs.c.id).limit(limit)
        async with snapshot(self.database) as connection:
            return list((await connection.execute(query)).scalars())

    async def come_to(self, job_id: str, stage: Stage, progress: int) -> bool:
        """How far a job is; False when it does not run any more. It never goes back, also when another process does a
        part again."""
        running = (jobs.c.id == job_id) & (jobs.c.status == "running")
        is_ahead = jobs.c.progress <= progress
        values = {
            "stage": case((is_ahead, stage), else_=jobs.c.stage),
            "progress": case((is_ahead, progress), else_=jobs.c.progress),
        }
        return await self._update(update(jobs).where(running).values(values)) == 1

    async def measured(self, job_id: str, duration: float, *, within: AsyncConnection | None = None) -> None:
        """How long its recording is, in seconds."""
        values = {"duration_ms": _milliseconds(duration)}
        await self._update(update(jobs).where(jobs.c.id == job_id).values(values), within)

    async def note(self, job_id: str, *errors: JobError, within: AsyncConnection | None = None) -> None:
        """Adds to what went wrong."""
        async with transaction(self.database, within) as connection:
            query = select(jobs.c.errors).where(jobs.c.id == job_id).with_for_update()
            known = (await connection.execute(query)).scalar_one()
            listed = [*known, *_ERRORS.dump_python(errors, mode="json")]
            await connection.execute(update(jobs).where(jobs.c.id == job_id).values(errors=listed))

    async def move(
        self,
        job_id: str,
        status: JobStatus,
        now: datetime,
        *,
        expires_at: datetime | None = None,
        within: AsyncConnection | None = None,
    ) -> bool:
        """To another status, if it may still go there; whoever is told so has moved it, and nobody else."""
        origins = [origin for origin, targets in MOVES.items() if status in targets]
        return await self._move(job_id, origins, status, now, expires_at, within)

    async def cancel(self, job_id: str, now: datetime, *, within: AsyncConnection) -> bool:
        """Deletes it if it runs."""
        return await self._move(job_id, ["running"], "deleted", now, None, within)

    async def _move(
        self,
        job_id: str,
        origins: Sequence[JobStatus],
        status: JobStatus,
        now: datetime,
        expires_at: datetime | None,
        within: AsyncConnection | None,
    ) -> bool:
        values: dict[str, Any] = {"status": status, "stage": "over"}
        if status == "deleted":
            values |= {"deleted_at": now, "expires_at": None}
        else:
            values |= {"finished_at": now, "progress": 100, "expires_at": expires_at}
        statement = update(jobs).where(jobs.c.id == job_id, jobs.c.status.in_(origins)).values(values)
        return await self._update(statement, within) == 1

    async def _update(self, statement: Update, within: AsyncConnection | None = None) -> int:
        """How many rows it changed."""

        def work(connection: Connection) -> int:
            return connection.execute(statement).rowcount

        return await write(self.database, work, within)

    async def expired(self, now: datetime, *, limit: int) -> list[Job]:
        """Whose time is over."""
        return await self._many(jobs.c.expires_at <= now, jobs.c.expires_at, limit=limit)

    async def _one(self, which: ColumnElement[bool], called: str) -> Job:
        async with snapshot(self.database) as connection:
            row = (await connection.execute(select(jobs).where(which))).one_or_none()
        if row is None:
            raise JobNotFound(f"there is no job {called!r}", remedy="GET /v2/jobs lists yours")
        return _job(row)

    async def _many(self, which: ColumnElement[bool], *order: ColumnElement[Any], limit: int) -> list[Job]:
        query = select(jobs).where(which).order_by(*order).limit(limit)
        async with snapshot(self.database) as connection:
            return [_job(row) for row in await connection.execute(query)]


def _job(row: Row[*tuple[Any, ...]]) -> Job:
    submission = Submission(
        account_id=row.account_id,
        config=row.config,
        options=_OPTIONS.validate_json(row.options),
        kind=row.kind,
        data_name=row.data_name,
        text_name=row.text_name,
        key_id=row.key_id,
        client_ref=row.client_ref,
        idempotency_key=row.idempotency_key,
        request_digest=row.request_digest,
        duration=None if row.duration_ms is None else row.duration_ms / 1000,
        priority=row.priority,
    )
    errors: Sequence[JobError] = _ERRORS.validate_python(row.errors)
    return Job(
        row.id,
        submission,
        row.status,
        row.stage,
        row.progress,
        tuple(errors),
        row.created_at,
        row.finished_at,
        row.expires_at,
        row.deleted_at,
    )


def _milliseconds(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1000)
