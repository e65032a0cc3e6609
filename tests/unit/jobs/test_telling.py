"""What is fetched and told over a real wire."""

import pytest
from aiohttp import web
from tests.unit.jobs.outside import outside, reaching
from tests.unit.jobs.yard import write_wav

from dragoman.core.errors import OutboundFailed
from dragoman.core.options import Fetch, Notification
from dragoman.jobs import keys
from dragoman.jobs.telling import Correspondence
from dragoman.protocols.speechmatics.batch_documents import notified

pytestmark = pytest.mark.anyio


@pytest.fixture
async def there():
    async with outside() as server:
        server.answers["/hook"] = web.Response(status=204)
        server.answers["/a.wav"] = web.Response(body=b"sound")
        server.answers["/gone"] = web.Response(status=404)
        yield server


@pytest.fixture
async def letters(yard):
    async with reaching() as outbound:
        yield Correspondence(outbound, yard.blobs, notified)


async def test_what_is_fetched_lies_under_its_key(yard, there, letters):
    assert await letters.fetch(Fetch(f"{there.url}/a.wav"), keys.recording("a1b2c3d4e5")) == 5
    assert await yard.blobs.read(keys.recording("a1b2c3d4e5")) == b"sound"


async def test_who_waits_for_a_job_gets_what_came_of_it(yard, there, letters, tmp_path):
    recording = write_wav(tmp_path / "a.wav", 3)
    done = await yard.perform((await yard.submit(recording)).job)
    await letters.notify(done, Notification(f"{there.url}/hook", ("transcript.txt",)))
    await letters.notify(done, Notification(f"{there.url}/hook", ("data",)))
    await letters.notify(done, Notification(f"{there.url}/hook", ("jobinfo", "transcript.txt")))
    text, data, both = there.requests
    assert text[1] == f"/hook?id={done.id}&status=success"
    assert b"This is sentence number 1." in text[3]
    assert data[3] == recording.read_bytes()
    assert b"jobinfo" in both[3]
    assert b"This is sentence number 1." in both[3]


async def test_of_a_rejected_job_there_is_no_transcript(yard, there, letters, tmp_path):
    job = (await yard.submit(write_wav(tmp_path / "a.wav", 1))).job
    await yard.blobs.write(keys.recording(job.id), b"no sound " * 99)
    rejected = await yard.perform(job)
    await letters.notify(rejected, Notification(f"{there.url}/hook", ("jobinfo", "transcript.txt")))
    _, path, _, body = there.requests[-1]
    assert path == f"/hook?id={job.id}&status=error"
    assert b"transcript.txt" not in body


async def test_a_recording_that_could_not_be_fetched_is_told_as_such(yard, there, letters):
    yard.outside.failures = [False]
    rejected = await yard.perform(await yard.submit_fetched(f"{there.url}/gone"))
    await letters.notify(rejected, Notification(f"{there.url}/hook", ()))
    assert there.requests[-1][1] == f"/hook?id={rejected.id}&status=fetch_error"
    with pytest.raises(OutboundFailed):
        await letters.fetch(Fetch(f"{there.url}/gone"), keys.recording(rejected.id))


async def test_who_waits_for_an_aligned_text_gets_it(yard, there, letters, tmp_path):
    job = await yard.submit_aligned(write_wav(tmp_path / "a.wav", 3), "This is sentence number 1.")
    done = await yard.perform(job)
    for contents in (("alignment",), ("alignment.one_per_line",), ("text", "transcript"), None):
        await letters.notify(done, Notification(f"{there.url}/hook", contents))
    words, lines, text, usual = (request[3] for request in there.requests)
    assert words.startswith(b"<time=0.50>This<time=0.90> ")
    assert lines == b"[00:00:00.5] This is sentence number 1."
    assert b"This is sentence number 1." in text
    assert b"transcript" not in text
    assert b'name="data_file"' in usual
    assert b"<time=0.50>" in usual


async def test_the_text_is_fetched_as_one(yard, there, letters):
    there.answers["/a.txt"] = web.Response(body=b"words " * 400_000)
    with pytest.raises(OutboundFailed, match=r"unable to fetch text: 2400000 bytes, at most 2097152"):
        await letters.fetch(Fetch(f"{there.url}/a.txt", what="text"), keys.text("a1b2c3d4e5"))
    assert not await yard.blobs.exists(keys.text("a1b2c3d4e5"))
