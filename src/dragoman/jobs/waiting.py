"""Waiting for jobs, wherever they run."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

import anyio
import structlog

from dragoman.core.errors import DragomanError
from dragoman.jobs.store import Jobs

_log = structlog.get_logger()

_LOOK: Final = 0.1
"""Seconds between two looks at the database, for what ends in other processes: one for all who wait, and none when
nobody does."""


@dataclass
class Waiting:
    """Those who wait in this process."""

    jobs: Jobs
    _waiters: Counter[str] = field(default_factory=Counter)
    _over: dict[str, anyio.Event] = field(default_factory=dict)
    _somebody: anyio.Event = field(default_factory=anyio.Event)

    async def wait(self, job_id: str, seconds: float) -> None:
        """Until the job is over, at most so many seconds."""
        over = self._over.setdefault(job_id, anyio.Event())
        self._waiters[job_id] += 1
        self._somebody.set()
        try:
            with anyio.move_on_after(seconds):
                await over.wait()
        finally:
            self._waiters[job_id] -= 1
            if not self._waiters[job_id]:
                del self._waiters[job_id]
                self._over.pop(job_id, None)

    def ended(self, job_id: str) -> None:
        """A job has ended in this process."""
        if over := self._over.pop(job_id, None):
            over.set()

    async def watch(self) -> None:
        """For ever."""
        while True:
            if not self._over:
                self._somebody = anyio.Event()
                await self._somebody.wait()
            try:
                for job_id in await self.jobs.over(tuple(self._over)):
                    self.ended(job_id)
            except DragomanError as error:
                _log.warning("jobs_not_watched", code=error.code)
            await anyio.sleep(_LOOK)
