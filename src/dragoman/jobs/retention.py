"""Deletion: of jobs whose time is over, and of what belongs to no job."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from dragoman.jobs.model import folder_of
from dragoman.jobs.store import Jobs
from dragoman.storage.blobs import Blobs

_AT_ONCE: Final = 100
"""Jobs that are looked at together."""

_ABANDONED: Final = timedelta(days=1)
"""Age from which a folder without a job is no upload any more."""

_ROOT: Final = "jobs"


@dataclass(frozen=True, slots=True)
class Retention:
    jobs: Jobs
    blobs: Blobs
    now: Callable[[], datetime]

    async def expire(self) -> int:
        """Deletes all jobs whose time is over, but for their rows. Any number of processes may do so at once."""
        deleted = 0
        while found := await self.jobs.expired(self.now(), limit=_AT_ONCE):
            for job in found:
                # The row first: from then on nobody is promised anything, and what is left is swept up.
                deleted += await self.jobs.move(job.id, "deleted", self.now())
                await self.blobs.delete(job.folder)
        return deleted

    async def sweep_up(self) -> int:
        """Deletes the folders of jobs that were deleted, and old ones that never became a job's."""
        swept = 0
        folders = await self.blobs.names(_ROOT)
        for first in range(0, len(folders), _AT_ONCE):
            ids = [folder.rpartition("/")[2] for folder in folders[first : first + _AT_ONCE]]
            known = await self.jobs.known(ids)
            for job_id in ids:
                if known.get(job_id) == "deleted" or (job_id not in known and await self._is_abandoned(job_id)):
                    await self.blobs.delete(folder_of(job_id))
                    swept += 1
        return swept

    async def _is_abandoned(self, job_id: str) -> bool:
        changed = await self.blobs.changed(folder_of(job_id))
        return changed is None or self.now() - changed > _ABANDONED
