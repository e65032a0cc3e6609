"""Jobs on their queue, in one process."""

import logging
from datetime import timedelta

import anyio
import pytest
from sqlalchemy import delete, update
from tests.unit.jobs.yard import Yard, now, write_wav

from dragoman.core.errors import DatabaseUnavailable
from dragoman.core.options import Notification, RunOptions
from dragoman.jobs.executors import Executors
from dragoman.jobs.model import Job
from dragoman.jobs.opening import Premises, open_jobs
from dragoman.jobs.takeover import Pace
from dragoman.jobs.workflow import open_queue
from dragoman.storage.database import transaction
from dragoman.storage.tables import executors, jobs

pytestmark = pytest.mark.anyio

QUICK = Pace(beat=0.2, silence=1.0, look=0.2)


@pytest.fixture
def queue_url(database_url, tmp_path):
    return f"sqlite:///{tmp_path}/jobs.db" if database_url.startswith("sqlite") else database_url


def premises(yard: Yard, queue_url: str, **limits) -> Premises:
    yard.limited(**limits)
    return Premises(
        yard.database,
        yard.blobs,
        queue_url,
        yard.purse,
        yard.loader,
        yard.limits,
        now,
        yard._fetch,
        yard._notify,
        QUICK,
    )


async def submitted(batch, yard, recording: bytes, **more) -> Job:
    async with batch.intake() as intake:
        async with intake.recording() as writer:
            await writer.write(recording)
        return (await intake.submit(yard.submission(**more))).job


async def until(condition) -> None:
    """DBOS does its work in threads of its own, and tells nobody."""
    with anyio.fail_after(20):
        while not condition():  # noqa: ASYNC110  see above
            await anyio.sleep(0.05)


async def until_settled(queue, ids) -> None:
    with anyio.fail_after(20):
        while await queue.dead(ids) != set(ids):  # noqa: ASYNC110  as above
            await anyio.sleep(0.05)


async def done(batch, job: Job) -> Job:
    over = await batch.wait(job, 60)
    assert over.status == "done", over
    return over


async def test_jobs_are_done_by_whoever_works_and_each_end_is_told(either_yard, queue_url, tmp_path, caplog):
    yard, recording = either_yard, write_wav(tmp_path / "a.wav", 3).read_bytes()
    asked = (Notification("https://example.com/1"),)
    with caplog.at_level(logging.INFO):
        async with open_jobs(premises(yard, queue_url, at_once=0)) as batch:
            first = await submitted(batch, yard, recording, notifications=asked)
            assert (await batch.wait(first, 1)).status == "running"
        async with open_jobs(premises(yard, queue_url, at_once=2)) as batch:
            others = [await submitted(batch, yard, recording, notifications=asked) for _ in range(3)]
            for job in (first, *others):
                await done(batch, job)
            await until(lambda: len(yard.outside.told) == 4)
    assert {job_id for job_id, _ in yard.outside.told} == {job.id for job in (first, *others)}
    assert await yard.spent() == 24
    # On a busy machine asyncio says of a killed child that somebody else has buried it.
    assert [record.getMessage() for record in caplog.records if record.name != "asyncio"] == []


async def test_an_alignment_that_is_broken_off_is_gone_on_with(either_yard, queue_url, tmp_path):
    yard, recording = either_yard, write_wav(tmp_path / "a.wav", 7).read_bytes()
    async with open_jobs(premises(yard, queue_url, at_once=2, part=3.0)) as batch:
        async with batch.intake() as intake:
            async with intake.recording() as writer:
                await writer.write(recording)
            async with intake.text() as writer:
                await writer.write(b"This is sentence number 1. This is sentence number 2.")
            job = (await intake.submit(yard.submission(RunOptions("en"), kind="alignment"))).job
        with anyio.fail_after(20):
            while (await yard.jobs.get(job.id)).stage not in ("aligning", "over"):  # noqa: ASYNC110  as above
                await anyio.sleep(0.01)
    async with open_jobs(premises(yard, queue_url, at_once=2, part=3.0)) as batch:
        found = await batch.aligned(await done(batch, job))
    assert None not in found.alignment.times
    assert await yard.spent() == 14


async def test_a_job_that_the_queue_was_not_told_of_or_has_lost_is_done_all_the_same(yard, tmp_path, monkeypatch):
    recording = write_wav(tmp_path / "a.wav", 1)
    yard.unreachable = True
    untold = (await yard.submit(recording)).job
    lost = (await yard.submit(recording)).job
    await yard.jobs.enqueued(lost.id, now())
    async with transaction(yard.database) as connection:
        await connection.execute(update(jobs).values(created_at=now().replace(year=2025)))
    monkeypatch.setattr("dragoman.jobs.opening._CHECK", 0.5)
    async with open_jobs(premises(yard, f"sqlite:///{tmp_path}/jobs.db")) as batch:
        await done(batch, untold)
        await done(batch, lost)


async def test_the_urgent_come_first_and_a_crowd_does_not_hold_up_others(yard, tmp_path):
    started = []

    async def perform(job_id, steps, checkpoint, tell_all):
        started.append(job_id)

    url = f"sqlite:///{tmp_path}/jobs.db"
    async with open_queue(url, yard.steps, executor="a", at_once=0) as queue:
        for place, name in ((30, "late"), (10, "early"), (20, "middle")):
            await queue.enqueue(name, place)
            await queue.enqueue(name, 1)  # known already
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dragoman.jobs.workflow.perform", perform)
        async with open_queue(url, yard.steps, executor="b", at_once=1) as queue:
            await until(lambda: len(started) == 3)
            known = ["early", "middle", "late"]
            await until_settled(queue, known)
            assert await queue.lost(known) == frozenset()
            await queue.forget(now() + timedelta(seconds=1))
            assert await queue.lost(known) == set(known)
    assert started == known


async def test_what_a_process_has_begun_when_it_ends_another_goes_on_with(either_yard, queue_url, tmp_path):
    yard, begun = either_yard, []

    async def stuck(job_id, steps, checkpoint, tell_all):
        async def step():
            begun.append(job_id)
            await anyio.sleep_forever()

        await checkpoint("stuck", step)

    recording = write_wav(tmp_path / "a.wav", 1).read_bytes()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dragoman.jobs.workflow.perform", stuck)
        async with open_jobs(premises(yard, queue_url)) as batch:
            job = await submitted(batch, yard, recording)
            await until(lambda: begun)
    async with open_jobs(premises(yard, queue_url)) as batch:
        await done(batch, job)


async def test_a_job_is_not_taken_from_a_process_that_lives(yard, tmp_path):
    """Taken over twice, also by two who looked at the same moment."""
    begun = []

    async def stuck(job_id, steps, checkpoint, tell_all):
        begun.append(job_id)
        await anyio.sleep_forever()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dragoman.jobs.workflow.perform", stuck)
        async with open_queue(f"sqlite:///{tmp_path}/jobs.db", yard.steps, executor="alive", at_once=2) as queue:
            await queue.enqueue("job", 1)
            await until(lambda: begun)
            assert await queue.busy() == {"alive"}
            await queue.take_over(["somebody"])
            await queue.forget(now())
            assert await queue.busy() == {"alive"}
            assert await queue.lost(["job", "other"]) == {"other"}
            assert await queue.dead(["job"]) == frozenset()


async def test_a_job_that_ends_its_process_each_time_is_rejected(yard, tmp_path, monkeypatch):
    job = (await yard.submit(write_wav(tmp_path / "a.wav", 1))).job
    url, begun = f"sqlite:///{tmp_path}/jobs.db", []

    async def crash(job_id, steps, checkpoint, tell_all):
        begun.append(job_id)
        await anyio.sleep_forever()

    monkeypatch.setattr("dragoman.jobs.workflow._TAKEOVERS", 1)
    monkeypatch.setattr("dragoman.jobs.opening._CHECK", 0.5)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dragoman.jobs.workflow.perform", crash)
        for life in range(3):
            async with open_queue(url, yard.steps, executor=f"life-{life}", at_once=1) as queue:
                await queue.enqueue(job.id, 1)
                await queue.take_over(await queue.busy())
                await until(lambda life=life: len(begun) > life or life == 2)
    await yard.jobs.enqueued(job.id, now())
    async with open_jobs(premises(yard, url)) as batch:
        over = await batch.wait(job, 30)
    assert over.status == "rejected"
    assert await yard.spent() == 0


async def test_who_is_not_in_the_table_has_left(database):
    table = Executors(database)
    await table.beat("a", now())
    await table.beat("a", now())
    await table.beat("b", now())
    assert set(await table.beats()) == {"a", "b"}
    await table.leave("a")
    assert set(await table.beats()) == {"b"}
    async with transaction(database) as connection:
        await connection.execute(delete(executors))
    assert await table.beats() == {}


async def test_a_queue_that_cannot_be_opened_is_said_to_be_so_and_another_can_be_opened(yard, tmp_path):
    (tmp_path / "broken.db").write_bytes(b"no database at all " * 99)
    with pytest.raises(DatabaseUnavailable):
        async with open_queue(f"sqlite:///{tmp_path}/broken.db", yard.steps, executor="a", at_once=1):
            pass
    async with open_queue(f"sqlite:///{tmp_path}/jobs.db", yard.steps, executor="a", at_once=1) as queue:
        assert await queue.busy() == frozenset()
