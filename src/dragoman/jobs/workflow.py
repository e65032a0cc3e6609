"""Jobs on DBOS, and the only place that knows of it.

A job is a workflow whose id is the job's, each of its steps a checkpoint; a notification is a workflow of its own. What
a dead process leaves is not taken over by DBOS itself, see :mod:`dragoman.jobs.takeover`. How it was found to behave:
docs/decisions/0009-dbos.md.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from functools import partial
from typing import Final, TypeVar

import anyio
from anyio.to_thread import run_sync
from dbos import DBOS, DBOSConfig, SetEnqueueOptions, SetWorkflowID
from sqlalchemy import NullPool, create_engine

from dragoman.jobs import metrics
from dragoman.jobs.steps import Steps, perform, tell
from dragoman.storage.failures import connection_errors

R = TypeVar("R")

_VERSION: Final = "2"
"""Of the order of steps. A workflow goes on only where this is what it began with; who changes that order gives another
number, and unfinished jobs of the old one begin anew."""

_JOBS: Final = "jobs"
_NOTIFICATIONS: Final = "notifications"

_LOOK: Final = 0.1
"""Seconds between two looks into the queue of jobs: what a short recording waits for a process that has time."""
_LOOK_FOR_NOTIFICATIONS: Final = 1.0
_NOTIFICATIONS_AT_ONCE: Final = 16
"""Each waits for somebody else's server most of its time."""
_TAKEOVERS: Final = 10
"""Times that a workflow is taken over. One that ends its process every time must not do so for ever."""
_CONNECTIONS: Final = 6
"""Per process, on top of those of our own tables."""
_PATIENCE: Final = 30.0
"""Seconds that the file is waited for while another process begins; as long as DBOS waits."""
_ENDING: Final = 20.0
"""Seconds for running steps to end after they were cancelled: children are killed, transactions are completed."""

_MANY: Final = 500
"""Workflows deleted in one transaction."""

_UNFINISHED: Final = ("ENQUEUED", "DELAYED", "PENDING")


class JobQueue:
    """What has to be done, in the database. Made by :func:`open_queue`."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps
        self._running: set[anyio.CancelScope] = set()
        self._closing = False
        self._idle = anyio.Event()

        # Functions and not methods: DBOS writes on what it registers.
        async def job(job_id: str) -> None:
            with self._owned(), metrics.running.track_inprogress():
                await perform(job_id, self._steps, _checkpoint, self._tell_all)

        async def notification(job_id: str, index: int) -> None:
            with self._owned():
                await tell(job_id, index, self._steps, _checkpoint, DBOS.sleep_async)

        self._job = DBOS.workflow(name="job", max_recovery_attempts=_TAKEOVERS)(job)
        self._notification = DBOS.workflow(name="notification", max_recovery_attempts=_TAKEOVERS)(notification)

    async def enqueue(self, job_id: str, place: int) -> None:
        """Those with the lowest place come first. One that is known already is left as it is."""
        with SetWorkflowID(job_id), SetEnqueueOptions(priority=place):
            await DBOS.enqueue_workflow_async(_JOBS, self._job, job_id)

    async def busy(self) -> frozenset[str]:
        """Executors that have begun something and not ended it."""
        found = await DBOS.list_workflows_async(status="PENDING", load_input=False, load_output=False)
        return frozenset(entry.executor_id for entry in found if entry.executor_id is not None)

    async def take_over(self, executors: Collection[str]) -> None:
        """Gives back to the queue what they have begun. Asked twice, also by two processes, it does so once."""
        # DBOS.resume_workflow would take a job from a living process too, and forget how often it was begun.
        await run_sync(DBOS._recover_pending_workflows, list(executors))  # noqa: SLF001

    async def lost(self, job_ids: Collection[str]) -> frozenset[str]:
        """Those that the queue does not know."""
        return frozenset(job_ids) - (await self._statuses(job_ids)).keys()

    async def dead(self, job_ids: Collection[str]) -> frozenset[str]:
        """Those that it will not go on with: their process died of them each time, or there is a bug."""
        statuses = await self._statuses(job_ids)
        return frozenset(job_id for job_id, status in statuses.items() if status not in _UNFINISHED)

    async def forget(self, before: datetime) -> None:
        """Deletes what is kept of workflows that ended before then."""
        while found := await DBOS.list_workflows_async(
            completed_before=before.isoformat(), limit=_MANY, load_input=False, load_output=False
        ):
            await DBOS.delete_workflows_async([entry.workflow_id for entry in found])

    async def _statuses(self, job_ids: Collection[str]) -> dict[str, str]:
        found = await DBOS.list_workflows_async(workflow_ids=list(job_ids), load_input=False, load_output=False)
        return {entry.workflow_id: entry.status for entry in found}

    async def _tell_all(self, job_id: str, notifications: int) -> None:
        for index in range(notifications):
            with SetWorkflowID(f"{job_id}-{index}"):
                await DBOS.enqueue_workflow_async(_NOTIFICATIONS, self._notification, job_id, index)

    @contextmanager
    def _owned(self) -> Iterator[None]:
        """DBOS starts its tasks itself and ends none of them; so each is known here, to be ended with the queue. A
        workflow that is cancelled stays begun, for another process to take over."""
        if self._closing:
            raise asyncio.CancelledError
        with anyio.CancelScope() as scope:
            self._running.add(scope)
            try:
                yield
            finally:
                self._running.discard(scope)
                if not self._running:
                    self._idle.set()
        if scope.cancelled_caught:
            raise asyncio.CancelledError

    async def close(self) -> None:
        """Cancels what runs, and waits for it."""
        self._closing = True
        self._idle = anyio.Event()
        for scope in self._running:
            scope.cancel()
        if self._running:
            with anyio.move_on_after(_ENDING):
                await self._idle.wait()


async def _checkpoint(name: str, step: Callable[[], Awaitable[R]]) -> R:
    async def once() -> R:
        return await step()

    return await DBOS.run_step_async({"name": name}, once)


@asynccontextmanager
async def open_queue(url: str, steps: Steps, *, executor: str, at_once: int) -> AsyncIterator[JobQueue]:
    """``url``: of a SQLite file of its own, or of PostgreSQL. ``executor``: a name that no other process has had.
    ``at_once``: jobs that this process works on; 0: none, it only puts them in.

    One in a process at a time. DBOS has all processes of a database take as many at once as the last one said. Raises
    :class:`DatabaseUnavailable`.
    """
    await run_sync(_use_log, url)
    DBOS(config=_config(url, executor))
    queue = JobQueue(steps)
    loop = asyncio.get_running_loop()
    try:
        if not at_once:
            DBOS.listen_queues([])
        with connection_errors():
            DBOS.launch()  # in this thread: it then runs its coroutines on this loop
            await _register(at_once)
        yield queue
    finally:
        with anyio.CancelScope(shield=True):
            await queue.close()
            await run_sync(partial(DBOS.destroy, destroy_registry=True))
            loop.set_default_executor(ThreadPoolExecutor())  # DBOS has put its own there, and closed it


async def _register(at_once: int) -> None:
    if at_once:
        await DBOS.register_queue_async(
            _JOBS, worker_concurrency=at_once, polling_interval_sec=_LOOK, on_conflict="always_update"
        )
    await DBOS.register_queue_async(
        _NOTIFICATIONS,
        worker_concurrency=_NOTIFICATIONS_AT_ONCE,
        polling_interval_sec=_LOOK_FOR_NOTIFICATIONS,
        on_conflict="always_update",
    )


def _config(url: str, executor: str) -> DBOSConfig:
    config = DBOSConfig(
        name="dragoman",
        system_database_url=url,
        executor_id=executor,
        application_version=_VERSION,
        enable_otlp=False,
        use_listen_notify=False,  # nobody waits for its events, and it would take a connection
        log_level="ERROR",
    )
    if not _is_sqlite(url):
        config["sys_db_pool_size"] = _CONNECTIONS
    return config


def _use_log(url: str) -> None:
    """SQLite's write-ahead log, which stays in the file: readers and writers do not wait for each other."""
    if not _is_sqlite(url):
        return
    engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": _PATIENCE})
    with connection_errors(), engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")


def _is_sqlite(url: str) -> bool:
    return url.startswith("sqlite")
