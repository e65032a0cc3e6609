"""The end of a job: it is done or rejected once, and paid for or not in the same transaction."""

from datetime import datetime

from dragoman.core.errors import DragomanError
from dragoman.jobs import keys, metrics
from dragoman.jobs.model import Job, JobError
from dragoman.jobs.results import PARTS
from dragoman.jobs.workshop import Workshop
from dragoman.storage.database import transaction


async def settle(shop: Workshop, job: Job) -> bool:
    """Done, charged for what was decoded. False when it was over before, whoever did it."""
    parts = PARTS.validate_json(await shop.blobs.read(keys.parts(job.id)))
    now = shop.now()
    async with transaction(shop.jobs.database) as connection:
        # Whoever moves the row settles: a process that was thought dead and comes back moves nothing.
        if not await shop.jobs.move(job.id, "done", now, expires_at=_expiry(shop, now), within=connection):
            return False
        due = await shop.purse.settle(job.id, parts.duration, now, connection)
    shop.ended(job.id)
    metrics.ended.labels("done").inc()
    metrics.billed.inc(due.seconds)
    metrics.waited.observe((now - job.created_at).total_seconds())
    return True


async def reject(shop: Workshop, job: Job, error: DragomanError) -> bool:
    """With a reason for its owner, and for nothing. False when it was over before."""
    now = shop.now()
    async with transaction(shop.jobs.database) as connection:
        if not await shop.jobs.move(job.id, "rejected", now, expires_at=_expiry(shop, now), within=connection):
            return False
        await shop.jobs.note(job.id, JobError(now, str(error)), within=connection)
        await shop.purse.release(job.id, now, connection)
    shop.ended(job.id)
    metrics.ended.labels("rejected").inc()
    return True


async def tidy(shop: Workshop, job: Job) -> None:
    """Deletes what only the steps needed; everything, if the job was deleted while they ran."""
    if job.status == "deleted":
        await shop.blobs.delete(job.folder)
        return
    kept = {keys.recording(job.id), keys.text(job.id)}
    for key in await shop.blobs.names(job.folder):
        name = key.rpartition("/")[2]
        if key not in kept and (job.status == "rejected" or name.startswith(("part-", "parts", "words-", "heard-"))):
            await shop.blobs.delete(key)


def _expiry(shop: Workshop, now: datetime) -> datetime | None:
    return None if shop.limits.keep is None else now + shop.limits.keep
