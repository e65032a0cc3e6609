"""What the steps of a job work with."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from dragoman.core.options import Fetch, Notification, RunOptions
from dragoman.engines.attached import AligningEngines, RunEngines
from dragoman.jobs.limits import BatchLimits
from dragoman.jobs.model import Job, Stage
from dragoman.jobs.purse import Purse
from dragoman.jobs.store import Jobs
from dragoman.media.decoder_forks import DecoderForks
from dragoman.storage.blobs import Blobs

Attach = Callable[[RunOptions], Awaitable[RunEngines]]
"""Chooses and loads the engines of a run."""


AttachAligner = Callable[[str], Awaitable[AligningEngines]]
"""The same for aligning texts of a language."""

FetchOnce = Callable[[Fetch, str], Awaitable[int]]
"""One attempt to get a recording, which is written under the key; nothing is when it fails. Returns its bytes. An
error's ``retryable`` says whether another attempt may help."""

NotifyOnce = Callable[[Job, Notification], Awaitable[None]]
"""One attempt to tell an address that a job is over. An error's ``retryable`` says whether another may help."""


def _untold(job_id: str) -> None:
    """Where nobody waits."""


@dataclass(frozen=True, slots=True)
class Workshop:
    jobs: Jobs
    blobs: Blobs
    purse: Purse
    attach: Attach
    limits: BatchLimits
    now: Callable[[], datetime]
    fetch: FetchOnce
    notify: NotifyOnce
    attach_aligner: AttachAligner
    forks: DecoderForks | None = None
    ended: Callable[[str], None] = _untold
    """Told the id of each job that this process has ended."""

    async def come_to(self, job: Job, stage: Stage, progress: float) -> None:
        """Notes how far the job is, and raises :class:`NotWanted` when nobody waits for it any more."""
        if not await self.jobs.come_to(job.id, stage, round(progress)):
            raise NotWanted


class NotWanted(Exception):
    """The job is over: it was deleted, or another process has finished it."""
