"""Batch jobs as faces see them. Made by :func:`dragoman.jobs.opening.open_jobs`."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime

import structlog

from dragoman.core.errors import DragomanError, JobExpired, JobNotFound, JobRunning
from dragoman.jobs import keys
from dragoman.jobs.admission import Admission, Intake
from dragoman.jobs.model import Job
from dragoman.jobs.purse import Purse
from dragoman.jobs.results import AlignedText, Result, read_aligned, read_result
from dragoman.jobs.store import Jobs
from dragoman.jobs.waiting import Waiting
from dragoman.storage.blobs import Blobs
from dragoman.storage.database import transaction

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Batch:
    """Accepts jobs, tells how they are and what came of them. Where they run is another matter."""

    jobs: Jobs
    """Rows: ``get``, ``latest``, ``under``."""
    blobs: Blobs
    purse: Purse
    admission: Admission
    waiting: Waiting
    now: Callable[[], datetime]

    def intake(self) -> AbstractAsyncContextManager[Intake]:
        """Where a request's parts go while they arrive::

            async with batch.intake() as intake:
                async with intake.recording() as writer:
                    await writer.write(piece)
                accepted = await intake.submit(submission)

        Left without a job, whatever the reason, everything that was written is deleted.
        """
        return self.admission.intake()

    async def wait(self, job: Job, seconds: float) -> Job:
        """The job as it is when it is over, or after so many seconds. Raises :class:`JobNotFound`."""
        if job.status != "running" or seconds <= 0:
            return job
        await self.waiting.wait(job.id, seconds)
        return await self.jobs.get(job.id)

    async def delete(self, job: Job, *, force: bool = False) -> Job:
        """Everything but its row. With ``force`` also a running one: it is stopped, and its tokens are given back.

        Raises :class:`JobRunning`, and :class:`JobExpired` when it was deleted before.
        """
        if not (force and await self._cancel(job.id)):
            job = await self.jobs.get(job.id)
            if job.status == "running":
                raise JobRunning(f"the job {job.id} is not over", remedy="Wait for it, or delete it with force")
            if not await self.jobs.move(job.id, "deleted", self.now()):
                raise _expired(job)
        await self._delete_blobs(job)
        return await self.jobs.get(job.id)

    async def result(self, job: Job) -> Result:
        """Of a transcription that is done. Raises :class:`JobRunning`, :class:`JobNotFound`, :class:`JobExpired`."""
        _check_done(job)
        return await read_result(self.blobs, job.id, job.submission.options)

    async def aligned(self, job: Job) -> AlignedText:
        """Of an alignment that is done. Raises as above."""
        _check_done(job)
        return await read_aligned(self.blobs, job.id)

    def speech(self, job: Job, language: str) -> str:
        """Key of the blob with the speech of a job that is done: WAV, on the recording's time line. There is none when
        the result has a shortfall for that language."""
        return keys.speech(job.id, language)

    def recording(self, job: Job) -> str:
        """Key of the blob with what was submitted or fetched; kept until the job is deleted."""
        return keys.recording(job.id)

    def text(self, job: Job) -> str:
        """Key of the blob with the text that was submitted."""
        return keys.text(job.id)

    async def _cancel(self, job_id: str) -> bool:
        """Deletes a job that runs: whoever works on it finds out before its next step. Another is left as it is."""
        now = self.now()
        async with transaction(self.jobs.database) as connection:
            cancelled = await self.jobs.cancel(job_id, now, within=connection)
            if cancelled:
                await self.purse.release(job_id, now, connection)
        return cancelled

    async def _delete_blobs(self, job: Job) -> None:
        try:
            await self.blobs.delete(job.folder)
        except DragomanError as error:  # goes with the next cleaning
            _log.warning("blobs_left_behind", job=job.id, code=error.code)


def _check_done(job: Job) -> None:
    match job.status:
        case "running":
            raise JobRunning(f"the job {job.id} is not over", remedy="Wait for it")
        case "deleted":
            raise _expired(job)
        case "rejected":
            raise JobNotFound(f"the job {job.id} was rejected, so nothing came of it", remedy="Look at its errors")
        case "done":
            pass


def _expired(job: Job) -> JobExpired:
    return JobExpired(f"the job {job.id} was deleted", remedy="Submit the recording again")
