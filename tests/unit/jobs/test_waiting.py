"""Waiting for jobs that run anywhere."""

import anyio
import pytest
from tests.unit.jobs.yard import now

pytestmark = pytest.mark.anyio


async def test_all_who_wait_are_told_when_the_job_is_over_or_their_time_is(yard):
    batch = yard.batch
    job, other = [await yard.jobs.add(yard.submission(), now()) for _ in range(2)]
    seen = []

    async def wait(awaited, seconds):
        seen.append((await batch.wait(awaited, seconds)).status)

    async with anyio.create_task_group() as watching:
        watching.start_soon(batch.waiting.watch)
        async with anyio.create_task_group() as group:
            for _ in range(3):
                group.start_soon(wait, job, 60)
            group.start_soon(wait, other, 0.1)
            group.start_soon(wait, other, 0)
            await anyio.sleep(0.3)
            await yard.jobs.move(job.id, "rejected", now())
        assert sorted(seen) == ["rejected"] * 3 + ["running"] * 2
        assert (await batch.wait(await yard.jobs.get(job.id), 60)).status == "rejected"
        watching.cancel_scope.cancel()
