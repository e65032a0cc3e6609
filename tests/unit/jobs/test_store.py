"""What is kept of a job, and who may see it."""

from datetime import timedelta

import anyio
import pytest

from dragoman.core.errors import IdempotencyConflict, JobNotFound
from dragoman.core.options import (
    Fetch,
    JobOptions,
    Notification,
    Replacement,
    RunOptions,
    Shortfall,
    VocabularyItem,
    WritingOptions,
)
from dragoman.jobs.model import JobError

pytestmark = pytest.mark.anyio

SECOND = timedelta(seconds=1)

EVERYTHING = JobOptions(
    RunOptions(
        "en",
        ("es", "fr"),
        speak=("es",),
        channels=("left", "right"),
        vocabulary=(VocabularyItem("Dragoman", ("dragger man",)),),
        writing=WritingOptions(
            (".",), 0.3, replacements=(Replacement("a", "b"), Replacement("(x)", "$1", is_regex=True))
        ),
        volume_threshold=12.5,
    ),
    Fetch("https://example.com/a.wav", ("Authorization: Bearer x",)),
    (Notification("https://example.com/hook", ("transcript.txt",), "put"), Notification("https://example.com/2")),
    (Shortfall("translation", "unsupported_translation_pair", "Translation from en to zz", "zz"),),
    Fetch("https://example.com/a.txt", what="text"),
)


async def test_a_job_is_kept_as_it_was_submitted(jobs, submission, now):
    asked = submission(options=EVERYTHING, duration=12.345, client_ref="me", priority=5)
    job = await jobs.add(asked, now)
    assert await jobs.get(job.id) == await jobs.get(job.id, "acme") == job
    assert job.submission == asked
    assert (job.status, job.stage, job.progress) == ("running", "queued", 0)


async def test_nobody_else_finds_it(jobs, submission, now):
    job = await jobs.add(submission(), now)
    with pytest.raises(JobNotFound):
        await jobs.get(job.id, "other")
    assert await jobs.latest("other", limit=10) == []


async def test_one_idempotency_key_makes_one_job(jobs, submission, now):
    made = []

    async def add():
        try:
            made.append(await jobs.add(submission(idempotency_key="k"), now))
        except IdempotencyConflict:
            made.append(None)

    async with anyio.create_task_group() as group:
        for _ in range(5):
            group.start_soon(add)
    assert sum(job is not None for job in made) == 1
    assert await jobs.under("k", "acme") in made
    assert await jobs.under("k", "other") is None
    await jobs.add(submission("other", idempotency_key="k"), now)
    await jobs.add(submission(), now)
    await jobs.add(submission(), now)


async def test_the_newest_come_first_and_pages_do_not_overlap(jobs, submission, now):
    made = [await jobs.add(submission(client_ref="odd" if n % 2 else None), now + n * SECOND) for n in range(5)]
    newest = [job.id for job in reversed(made)]
    page = await jobs.latest("acme", limit=2)
    rest = await jobs.latest("acme", limit=10, before=page[-1].created_at)
    assert [job.id for job in page + rest] == newest
    assert [job.id for job in await jobs.latest("acme", limit=10, since=now + 3 * SECOND)] == newest[:2]
    assert [job.id for job in await jobs.latest("acme", limit=10, client_ref="odd")] == [made[3].id, made[1].id]


async def test_a_job_is_over_once_whoever_says_so_first(jobs, submission, now):
    job = await jobs.add(submission(), now)
    moved = []

    async def finish(status):
        moved.append((status, await jobs.move(job.id, status, now + SECOND)))

    async with anyio.create_task_group() as group:
        for status in ("done", "rejected", "done"):
            group.start_soon(finish, status)
    (first,) = [status for status, did in moved if did]
    kept = await jobs.get(job.id)
    assert (kept.status, kept.stage, kept.progress, kept.finished_at) == (first, "over", 100, now + SECOND)
    assert await jobs.running("acme") == 0


async def test_a_deleted_job_is_listed_only_when_asked_for(jobs, submission, now):
    job = await jobs.add(submission(), now)
    assert await jobs.move(job.id, "deleted", now)
    assert not await jobs.move(job.id, "done", now)
    assert await jobs.latest("acme", limit=10) == []
    assert [each.status for each in await jobs.latest("acme", limit=10, include_deleted=True)] == ["deleted"]


async def test_progress_never_goes_back(jobs, submission, now):
    job = await jobs.add(submission(), now)
    await jobs.come_to(job.id, "recognising", 40)
    await jobs.come_to(job.id, "decoding", 10)
    kept = await jobs.get(job.id)
    assert (kept.stage, kept.progress) == ("recognising", 40)


async def test_what_went_wrong_adds_up(jobs, submission, now):
    job = await jobs.add(submission(), now)
    errors = [JobError(now + n * SECOND, f"attempt {n}") for n in range(3)]
    await jobs.note(job.id, errors[0])
    await jobs.note(job.id, *errors[1:])
    assert (await jobs.get(job.id)).errors == tuple(errors)


async def test_what_the_queue_may_have_missed_is_found(jobs, submission, now):
    missed, known, over = [await jobs.add(submission(), now) for _ in range(3)]
    await jobs.enqueued(known.id, now)
    await jobs.move(over.id, "rejected", now)
    assert [job.id for job in await jobs.to_enqueue(now + SECOND, limit=10)] == [missed.id]
    assert await jobs.to_enqueue(now, limit=10) == []


async def test_jobs_expire(jobs, submission, now):
    job = await jobs.add(submission(), now)
    await jobs.move(job.id, "done", now, expires_at=now + 7 * SECOND)
    assert await jobs.expired(now + 6 * SECOND, limit=10) == []
    assert [each.id for each in await jobs.expired(now + 7 * SECOND, limit=10)] == [job.id]
    await jobs.move(job.id, "deleted", now + 7 * SECOND)
    assert await jobs.expired(now + 9 * SECOND, limit=10) == []


async def test_a_recording_is_measured(jobs, submission, now):
    job = await jobs.add(submission(), now)
    await jobs.measured(job.id, 61.5)
    assert (await jobs.get(job.id)).submission.duration == 61.5
