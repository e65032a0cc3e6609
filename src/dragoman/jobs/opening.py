"""Opens everything that batch jobs need, for a server or a worker."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import uuid4

import anyio

from dragoman.core.errors import first_error
from dragoman.engines.loading import EngineLoader
from dragoman.jobs.admission import Admission
from dragoman.jobs.batch import Batch
from dragoman.jobs.executors import Executors
from dragoman.jobs.limits import BatchLimits
from dragoman.jobs.model import Job
from dragoman.jobs.purse import Purse
from dragoman.jobs.retention import Retention
from dragoman.jobs.rounds import Rounds
from dragoman.jobs.steps import Steps
from dragoman.jobs.store import Jobs
from dragoman.jobs.takeover import Pace, Watch
from dragoman.jobs.waiting import Waiting
from dragoman.jobs.workflow import JobQueue, open_queue
from dragoman.jobs.workshop import FetchOnce, NotifyOnce, Workshop
from dragoman.media.decoder_forks import DecoderForks
from dragoman.storage.blobs import Blobs
from dragoman.storage.database import Database

_CHECK: Final = 20.0
"""Seconds between two looks at whether every running job will be run."""
_CLEAN: Final = 60.0
_SWEEP: Final = 3600.0
"""Seconds between two searches for what was left behind: they list all folders."""


@dataclass(frozen=True, slots=True)
class Premises:
    """What jobs are built upon."""

    database: Database
    blobs: Blobs
    queue_url: str
    """Of the queue's own tables: a SQLite file, or the PostgreSQL server of the database."""
    purse: Purse
    loader: EngineLoader
    """At batch priority: its engines give way to live sessions."""
    limits: BatchLimits
    now: Callable[[], datetime]
    fetch: FetchOnce
    notify: NotifyOnce
    pace: Pace = field(default_factory=Pace)
    forks: DecoderForks | None = None
    """Where decoders come from; None: each loads its libraries itself."""


@asynccontextmanager
async def open_jobs(premises: Premises) -> AsyncIterator[Batch]:
    """Accepts jobs, and works on them unless ``limits.at_once`` is 0. To be entered and left by one task; leaving stops
    what runs, which goes on elsewhere, or here next time. One in a process at a time."""
    jobs, executor = Jobs(premises.database), uuid4().hex
    waiting = Waiting(jobs)
    executors, steps = Executors(premises.database), Steps(_workshop(premises, jobs, waiting))
    await executors.beat(executor, premises.now())  # before it begins anything: who is not there counts as dead
    try:
        async with open_queue(premises.queue_url, steps, executor=executor, at_once=premises.limits.at_once) as queue:
            admission = _admission(premises, jobs, queue)
            batch = Batch(jobs, premises.blobs, premises.purse, admission, waiting, premises.now)
            retention = Retention(jobs, premises.blobs, premises.now)
            watch = Watch(premises.pace.silence)
            rounds = Rounds(executor, executors, queue, admission, steps, retention, watch)
            async with _made(rounds, batch, premises.pace):
                yield batch
    finally:
        with anyio.CancelScope(shield=True):
            await executors.leave(executor)


def _workshop(premises: Premises, jobs: Jobs, waiting: Waiting) -> Workshop:
    return Workshop(
        jobs,
        premises.blobs,
        premises.purse,
        premises.loader.attach,
        premises.limits,
        premises.now,
        premises.fetch,
        premises.notify,
        premises.loader.attach_aligner,
        premises.forks,
        waiting.ended,
    )


def _admission(premises: Premises, jobs: Jobs, queue: JobQueue) -> Admission:
    async def enqueue(job: Job) -> None:
        rank = await jobs.running(job.submission.account_id)
        await queue.enqueue(job.id, job.place(rank))
        await jobs.enqueued(job.id, premises.now())

    return Admission(jobs, premises.blobs, premises.purse, premises.limits, premises.now, enqueue, premises.forks)


@asynccontextmanager
async def _made(rounds: Rounds, batch: Batch, pace: Pace) -> AsyncIterator[None]:
    """The rounds, for as long as the context lasts."""
    try:
        async with anyio.create_task_group() as group:
            group.start_soon(batch.waiting.watch)
            group.start_soon(rounds.every, pace.beat, rounds.beat, "executor_beat_failed")
            group.start_soon(rounds.every, pace.look, rounds.take_over, "takeover_failed")
            group.start_soon(rounds.every, pace.look, rounds.enqueue_missed, "jobs_not_enqueued")
            group.start_soon(rounds.every, _CHECK, rounds.check_queue, "queue_not_checked")
            group.start_soon(rounds.every, _CLEAN, rounds.clean, "jobs_not_expired")
            group.start_soon(rounds.every, _SWEEP, rounds.retention.sweep_up, "blobs_not_swept")
            yield
            group.cancel_scope.cancel()
    except BaseExceptionGroup as errors:
        raise first_error(errors) from None
