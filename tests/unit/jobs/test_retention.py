"""What is over is deleted in time, and nothing is left behind."""

import os
import time
from datetime import timedelta

import pytest
from tests.unit.jobs.yard import now

from dragoman.jobs import keys
from dragoman.jobs.model import folder_of, new_id
from dragoman.jobs.retention import Retention

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)


async def finished(yard, expires_at):
    job = await yard.jobs.add(yard.submission(), now() - 9 * DAY)
    await yard.jobs.move(job.id, "done", now() - 8 * DAY, expires_at=expires_at)
    await yard.blobs.write(keys.recording(job.id), b"x")
    return job


async def test_jobs_whose_time_is_over_are_deleted_but_for_their_rows(either_yard):
    yard = either_yard
    old = [await finished(yard, now() - DAY) for _ in range(3)]
    young, kept = await finished(yard, now() + DAY), await finished(yard, None)
    running = await yard.jobs.add(yard.submission(), now() - 9 * DAY)
    retention = Retention(yard.jobs, yard.blobs, now)
    assert await retention.expire() == 3
    assert await retention.expire() == 0
    assert [(await yard.jobs.get(job.id)).status for job in (*old, young, kept, running)] == [
        *["deleted"] * 3,
        "done",
        "done",
        "running",
    ]
    assert set(await yard.blobs.names("jobs")) == {young.folder, kept.folder}


async def test_what_was_left_behind_is_swept_up_and_uploads_are_not(yard, tmp_path):
    deleted, running = await finished(yard, None), await yard.jobs.add(yard.submission(), now())
    await yard.jobs.move(deleted.id, "deleted", now())
    abandoned, arriving = new_id(), new_id()
    for job_id in (running.id, abandoned, arriving):
        await yard.blobs.write(keys.recording(job_id), b"x")
    old = time.time() - 2 * 86_400
    os.utime(tmp_path / "blobs" / keys.recording(abandoned), (old, old))
    async with yard.blobs.writer(keys.text(abandoned[:9] + "0")) as writer:  # nothing but what is being written
        await writer.write(b"x")
        assert await Retention(yard.jobs, yard.blobs, now).sweep_up() == 2
    assert set(await yard.blobs.names("jobs")) == {
        running.folder,
        folder_of(arriving),
        folder_of(abandoned[:9] + "0"),
    }
