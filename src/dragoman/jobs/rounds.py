"""What every process of jobs does again and again, so that no job is forgotten, whoever was killed."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import anyio
import structlog

from dragoman.core.errors import DragomanError, EngineFailed
from dragoman.hosts.fence import report_bug
from dragoman.jobs import metrics
from dragoman.jobs.admission import Admission
from dragoman.jobs.executors import Executors
from dragoman.jobs.retention import Retention
from dragoman.jobs.steps import Steps
from dragoman.jobs.takeover import Watch
from dragoman.jobs.workflow import JobQueue

_log = structlog.get_logger()

_JUST_NOW: Final = timedelta(seconds=5)
"""Age of a job from which the queue should know it: whoever accepted it tells the queue itself."""

_MANY: Final = 500
"""Jobs looked at together."""

_LONG_GONE: Final = timedelta(days=1)


@dataclass
class Rounds:
    executor: str
    executors: Executors
    queue: JobQueue
    admission: Admission
    steps: Steps
    retention: Retention
    watch: Watch

    async def beat(self) -> None:
        """Says that this process is alive."""
        await self.executors.beat(self.executor, self.admission.now())

    async def take_over(self) -> None:
        """Has others go on with what the dead have begun."""
        beats = await self.executors.beats()
        if dead := self.watch.dead(await self.queue.busy(), beats, time.monotonic()):
            _log.warning("jobs_taken_over", executors=sorted(dead))
            metrics.taken_over.inc(len(dead))
            await self.queue.take_over(dead)

    async def enqueue_missed(self) -> None:
        """Tells the queue of jobs whose acceptor died, or could not, before it did."""
        before = self.admission.now() - _JUST_NOW
        for job in await self.admission.jobs.to_enqueue(before, limit=_MANY):
            await self.admission.enqueue(job)

    async def check_queue(self) -> None:
        """Every running job is one that the queue will run: what it lost is enqueued again, what it gave up is
        rejected."""
        after = ""
        while ids := await self.admission.jobs.in_queue(after, limit=_MANY):
            after = ids[-1]
            for job_id in await self.queue.lost(ids):
                await self.admission.jobs.enqueued(job_id, None)
            for job_id in await self.queue.dead(ids):
                await self.steps.reject(job_id, EngineFailed("the job could not be finished", remedy="Submit it again"))

    async def clean(self) -> None:
        await self.retention.expire()
        await self.executors.forget(self.admission.now(), _LONG_GONE)
        await self.queue.forget(self.admission.now() - _LONG_GONE)

    async def every(self, seconds: float, work: Callable[[], Awaitable[object]], failure: str) -> None:
        """One of the rounds, for ever. One that fails is made again."""
        while True:
            await anyio.sleep(seconds)
            try:
                await work()
            except DragomanError as error:
                _log.warning(failure, code=error.code)
            except Exception as error:  # noqa: BLE001  fences the rounds from each other; the queue raises anything
                report_bug(failure, error)
