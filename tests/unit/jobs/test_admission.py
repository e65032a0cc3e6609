"""A job is accepted with its row and its tokens, or it never was."""

from datetime import timedelta

import anyio
import pytest
from tests.unit.jobs.yard import TOKENS, write_wav

from dragoman.core.errors import (
    BlobNotFound,
    EmptyAudio,
    IdempotencyConflict,
    InsufficientTokens,
    MediaLimitExceeded,
    NotAudio,
    TooManyJobs,
)

pytestmark = pytest.mark.anyio


async def untouched(yard) -> bool:
    """Whether nothing is left of what was refused."""
    balance = await yard.ledger.balance(yard.account)
    return balance.available == TOKENS and balance.reserved == 0 and await yard.blobs.names("jobs") == []


async def test_a_job_holds_what_its_recording_costs_and_is_enqueued(either_yard, tmp_path):
    accepted = await either_yard.submit(write_wav(tmp_path / "a.wav", 3.2))
    assert not accepted.repeated
    assert accepted.job.submission.duration == pytest.approx(3.2, abs=0.1)
    assert (await either_yard.ledger.balance(either_yard.account)).reserved == 8  # four seconds begun, two tokens each
    assert either_yard.enqueued == [accepted.job.id]
    assert await either_yard.names(accepted.job) == {"input"}
    assert await either_yard.jobs.get(accepted.job.id, either_yard.account) == accepted.job


async def test_a_recording_that_is_still_to_be_fetched_holds_a_second(yard):
    job = await yard.submit_fetched("https://example.com/a.wav")
    assert job.submission.duration is None
    assert (await yard.ledger.balance(yard.account)).reserved == 2


async def test_a_job_whose_queue_is_away_is_accepted(yard, tmp_path):
    yard.unreachable = True
    accepted = await yard.submit(write_wav(tmp_path / "a.wav", 1))
    assert [job.id for job in await yard.jobs.to_enqueue(accepted.job.created_at + timedelta(seconds=1), limit=9)] == [
        accepted.job.id
    ]


@pytest.mark.parametrize(("content", "error"), [(b"", EmptyAudio), (b"no sound at all " * 99, NotAudio)])
async def test_what_is_no_recording_leaves_nothing_behind(yard, content, error):
    with pytest.raises(error, match=r"^a\.wav: "):  # as its owner calls it, and not as we do
        await yard.submit(content)
    assert await untouched(yard)


async def test_a_request_without_a_recording_leaves_nothing_behind(yard):
    async with yard.batch.intake() as intake:
        with pytest.raises(BlobNotFound):
            await intake.submit(yard.submission())
    assert await untouched(yard)


async def test_an_upload_that_breaks_off_leaves_nothing_behind(yard):
    async def broken_off():
        async with yard.batch.intake() as intake, intake.recording() as writer:
            await writer.write(b"half")
            raise ConnectionError

    with pytest.raises(ConnectionError):
        await broken_off()
    assert await untouched(yard)


async def test_a_recording_that_is_too_long_is_refused(yard, tmp_path):
    with pytest.raises(MediaLimitExceeded):
        await yard.limited(longest=2.0).submit(write_wav(tmp_path / "a.wav", 3))
    assert await untouched(yard)


async def test_a_recording_that_cannot_be_paid_is_refused(yard, tmp_path):
    with pytest.raises(InsufficientTokens):
        await yard.submit(write_wav(tmp_path / "a.wav", TOKENS / 2 + 1))
    assert await untouched(yard)


async def test_an_account_has_no_more_jobs_than_it_may_also_when_it_asks_at_once(either_yard, tmp_path):
    recording = write_wav(tmp_path / "a.wav", 1).read_bytes()
    either_yard.limited(per_account=2)
    refused = []

    async def submit():
        try:
            await either_yard.submit(recording)
        except TooManyJobs as error:
            refused.append(error)

    async with anyio.create_task_group() as group:
        for _ in range(5):
            group.start_soon(submit)
    assert len(refused) == 3
    assert (await either_yard.ledger.balance(either_yard.account)).reserved == 4
    assert len(await either_yard.blobs.names("jobs")) == 2


async def test_the_same_request_makes_one_job(either_yard, tmp_path):
    recording = write_wav(tmp_path / "a.wav", 1).read_bytes()
    answers = []

    async def submit():
        answers.append(await either_yard.submit(recording, idempotency_key="k", request_digest=b"1"))

    async with anyio.create_task_group() as group:
        for _ in range(4):
            group.start_soon(submit)
    assert len({accepted.job.id for accepted in answers}) == 1
    assert sorted(accepted.repeated for accepted in answers) == [False, True, True, True]
    assert (await either_yard.ledger.balance(either_yard.account)).reserved == 2
    assert await either_yard.blobs.names("jobs") == [answers[0].job.folder]


async def test_another_request_under_the_same_key_is_refused(yard, tmp_path):
    recording = write_wav(tmp_path / "a.wav", 1)
    job = (await yard.submit(recording, idempotency_key="k", request_digest=b"1")).job
    with pytest.raises(IdempotencyConflict, match=job.id):
        await yard.submit(recording, idempotency_key="k", request_digest=b"2")
    assert await yard.blobs.names("jobs") == [job.folder]
