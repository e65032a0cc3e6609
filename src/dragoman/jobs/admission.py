"""How a job is taken in: once its recording lies in the blobs, its row and its tokens appear together or not at all."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime

import anyio
import structlog

from dragoman.core.errors import DragomanError, IdempotencyConflict, MediaLimitExceeded, TooManyJobs
from dragoman.jobs import keys, metrics
from dragoman.jobs.limits import BatchLimits
from dragoman.jobs.model import Job, Submission, folder_of, new_id
from dragoman.jobs.purse import Purse
from dragoman.jobs.store import Jobs
from dragoman.jobs.texts import read_text
from dragoman.media.decode import DecodeLimits, open_media
from dragoman.media.decoder_forks import DecoderForks
from dragoman.storage.blobs import Blobs, BlobWriter
from dragoman.storage.database import transaction

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Accepted:
    job: Job
    repeated: bool
    """Whether an earlier request under the same idempotency key had made it."""


@dataclass(frozen=True, slots=True)
class Admission:
    jobs: Jobs
    blobs: Blobs
    purse: Purse
    limits: BatchLimits
    now: Callable[[], datetime]
    enqueue: Callable[[Job], Awaitable[None]]
    forks: DecoderForks | None = None

    @asynccontextmanager
    async def intake(self) -> AsyncIterator["Intake"]:
        """For a job that is being submitted. What was written is deleted again unless it made a new job."""
        intake = Intake(self, new_id())
        try:
            yield intake
        finally:
            if not intake.taken:
                await _discard(self.blobs, intake.job_id)

    async def earlier(self, submission: Submission) -> Accepted | None:
        """The job that this request made before. Raises :class:`IdempotencyConflict`."""
        key = submission.idempotency_key
        if key is None or (job := await self.jobs.under(key, submission.account_id)) is None:
            return None
        if job.submission.request_digest != submission.request_digest:
            raise IdempotencyConflict(
                f"the key {key!r} was used for another request, which made the job {job.id}", remedy="Use a new key"
            )
        return Accepted(job, repeated=True)

    async def duration(self, job_id: str, name: str) -> float | None:
        """Seconds, as far as a look at the recording tells. Raises what is wrong with it, under the ``name`` that its
        owner gave it."""
        limits = DecodeLimits(output_seconds=self.limits.longest)
        async with (
            self.blobs.local(keys.recording(job_id)) as file,
            open_media(file, limits=limits, name=name, forks=self.forks) as decoding,
        ):
            duration = decoding.info.duration
        if duration is not None and duration > self.limits.longest:
            raise MediaLimitExceeded(
                f"the recording lasts {duration:.0f} s, and {self.limits.longest:.0f} s are allowed",
                remedy="Split it, or raise jobs.longest",
            )
        return duration

    async def add(self, job_id: str, submission: Submission) -> Job:
        """Its row and its tokens."""
        now = self.now()
        async with transaction(self.jobs.database) as connection:
            # The hold first: it locks the account, so that the jobs counted next cannot become more meanwhile.
            await self.purse.hold(job_id, submission, now, connection)
            if await self.jobs.running(submission.account_id, within=connection) >= self.limits.per_account:
                raise TooManyJobs(
                    f"the account has {self.limits.per_account} jobs that are not over, as many as it may",
                    remedy="Wait for one of them, or delete one",
                )
            return await self.jobs.add(submission, now, job_id=job_id, within=connection)

    async def tell_queue(self, job: Job) -> None:
        """What fails here is done by the sweep: the job is accepted."""
        try:
            await self.enqueue(job)
        except Exception as error:  # noqa: BLE001  fences the answer from the queue: nothing may refuse the job now
            _log.warning("job_not_enqueued", job=job.id, kind=type(error).__name__)


class Intake:
    """One job that is being submitted; the parts of its request may come in any order."""

    def __init__(self, admission: Admission, job_id: str) -> None:
        self.job_id = job_id
        self.taken = False
        """Whether it has become a job."""
        self._admission = admission

    def recording(self) -> AbstractAsyncContextManager[BlobWriter]:
        """Where the recording is written to."""
        return self._admission.blobs.writer(keys.recording(self.job_id))

    def text(self) -> AbstractAsyncContextManager[BlobWriter]:
        """Where the text to align is written to."""
        return self._admission.blobs.writer(keys.text(self.job_id))

    async def submit(self, submission: Submission) -> Accepted:
        """Makes it a job, whose duration is that of the recording; unless the same was submitted under its idempotency
        key before, which is answered with the job that was made then.

        Raises :class:`IdempotencyConflict`, :class:`InsufficientTokens`, :class:`TooManyJobs`, and what is wrong with
        text and recording: :class:`InvalidText`, :class:`NotAudio`, :class:`EmptyAudio`, :class:`MediaLimitExceeded`,
        :class:`DecoderCrashed`, :class:`BlobNotFound` when none was written.
        """
        admission = self._admission
        if (earlier := await admission.earlier(submission)) is not None:
            return earlier
        if submission.kind == "alignment" and submission.options.fetch_text is None:
            await read_text(admission.blobs, self.job_id)
        if submission.options.fetch is None:
            submission = replace(submission, duration=await admission.duration(self.job_id, submission.called))
        try:
            # Its blobs are deleted by whoever does not know that it was taken, so nobody is cancelled in between.
            with anyio.CancelScope(shield=True):
                job = await admission.add(self.job_id, submission)
                self.taken = True
        except IdempotencyConflict:
            earlier = await admission.earlier(submission)
            if earlier is None:
                raise
            return earlier
        metrics.accepted.inc()
        await admission.tell_queue(job)
        return Accepted(job, repeated=False)


async def _discard(blobs: Blobs, job_id: str) -> None:
    with anyio.CancelScope(shield=True):
        try:
            await blobs.delete(folder_of(job_id))
        except DragomanError as error:  # what is left behind belongs to no job, and goes with the next cleaning
            _log.warning("blobs_left_behind", job=job_id, code=error.code)
