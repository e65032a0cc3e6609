"""Jobs that align a text, step by step, without a queue."""

from dataclasses import replace

import anyio
import pytest
from tests.unit.jobs.yard import open_yard, scripted, write_script, write_wav

from dragoman.core.errors import EngineCrashed, InvalidText, JobNotFound, JobRunning
from dragoman.core.options import Fetch, RunOptions
from dragoman.jobs import keys, steps
from dragoman.render.alignment import to_one_per_line, to_word_start_and_end
from dragoman.storage.database import open_database

pytestmark = pytest.mark.anyio

TEXT = "<p>This is <!-- not --> sentence number 1.</p>\nThis is sentence number 2. — Nobody says this.\n"


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch):
    monkeypatch.setattr(steps, "_PAUSES", (0.0,))
    monkeypatch.setattr(steps.fetch, "PAUSES", (0.0, 0.0))


async def test_a_text_gets_its_times_and_is_paid_for_once(either_yard, tmp_path):
    yard = either_yard
    job = await yard.submit_aligned(write_wav(tmp_path / "a.wav", 7.3), TEXT)
    with pytest.raises(JobRunning):
        await yard.batch.aligned(job)
    done = await yard.perform(job)
    assert (done.status, done.stage, done.progress, done.errors) == ("done", "over", 100, ())
    assert await yard.spent() == 16
    found = await yard.batch.aligned(done)
    assert found.alignment.times[:5] == ((0.5, 0.9), (0.9, 1.3), (1.3, 1.7), (1.7, 2.1), (2.1, 2.5))
    assert found.alignment.times[10:] == (None,) * 4
    lines = to_one_per_line(found.text, found.alignment.times).splitlines()
    assert [line[:12] for line in lines] == ["[00:00:00.5]", "[00:00:04.5]"]
    assert to_word_start_and_end(found.text, found.alignment.times).startswith("<p><time=0.50>This<time=0.90> ")
    assert await yard.names(done) == {"input", "text", "alignment.json"}
    assert await yard.perform(done) == done
    assert await yard.spent() == 16


@pytest.mark.parametrize("kind", ["voice_activity", "aligner"])
async def test_an_engine_that_dies_is_tried_again(yard, tmp_path, kind):
    """Whichever of them it is: none of its errors is told as a bug of ours."""

    class Dying:
        slots = 1

        def __init__(self, hosted):
            self.hosted, self.deaths = hosted, 1

        def call(self, *arguments):
            self.die()
            return self.hosted.call(*arguments)

        def lease(self, *arguments):
            self.die()
            return self.hosted.lease(*arguments)

        def die(self):
            if self.deaths:
                self.deaths -= 1
                raise EngineCrashed("it died")

    found = await yard.loader.attach_aligner("en")
    engine = getattr(found, kind)
    engines = replace(found, **{kind: replace(engine, hosted=Dying(engine.hosted))})

    async def attach(_):
        return engines

    shop = replace(yard.steps.shop, attach_aligner=attach)
    job = await yard.submit_aligned(write_wav(tmp_path / "a.wav", 7), TEXT)
    assert (await yard.perform(job, replace(yard.steps, shop=shop))).status == "done"


async def test_two_processes_at_one_text_align_it_once(either_yard, tmp_path):
    yard = either_yard
    job = await yard.submit_aligned(write_wav(tmp_path / "a.wav", 7), TEXT)
    async with anyio.create_task_group() as group:
        for _ in range(3):
            group.start_soon(yard.perform, job)
    assert (await yard.jobs.get(job.id)).status == "done"
    assert await yard.spent() == 14
    assert (await yard.ledger.reconcile()).findings == ()


async def test_a_long_recording_is_heard_in_parts(yard, tmp_path):
    text = " ".join(f"This is sentence number {number}." for number in range(1, 9))
    recording = write_wav(tmp_path / "a.wav", 35)
    whole = await yard.perform(await yard.submit_aligned(recording, text))
    parted = await yard.limited(part=9.0).perform(await yard.submit_aligned(recording, text))
    assert None not in (await yard.batch.aligned(whole)).alignment.times
    assert await yard.batch.aligned(parted) == await yard.batch.aligned(whole)


async def test_what_was_heard_already_is_not_heard_again(yard, tmp_path):
    job = await yard.submit_aligned(write_wav(tmp_path / "a.wav", 7), TEXT)
    await yard.steps.decode(job.id)
    key = await yard.steps.hear(job.id, 0)
    heard = (await yard.blobs.read(key)).replace(b"sentence", b"something")
    await yard.blobs.write(key, heard)
    await yard.perform(job)
    assert (await yard.batch.aligned(await yard.jobs.get(job.id))).alignment.times[2] == (1.3, 1.7)
    assert await yard.steps.hear(job.id, 0) is None


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (b"", "no word"),
        ("— <p> ***".encode(), "no word"),
        (b"caf\xe9", "not UTF-8 at byte 3"),
        (b"word " * (1 << 19), "longer than 2097152 bytes"),
    ],
    ids=["empty", "marks", "latin-1", "too long"],
)
async def test_a_text_that_is_none_makes_no_job(yard, tmp_path, text, named):
    with pytest.raises(InvalidText, match=named):
        await yard.submit_aligned(write_wav(tmp_path / "a.wav", 1), text)
    assert await yard.blobs.names("jobs") == []
    assert await yard.spent() == 0


async def test_a_text_of_something_else_is_rejected_and_costs_nothing(yard, tmp_path):
    job = await yard.perform(await yard.submit_aligned(write_wav(tmp_path / "a.wav", 7), "Nobody says any of that."))
    assert job.status == "rejected"
    assert "0 of its 5 words were recognised" in job.errors[0].message
    assert await yard.spent() == 0
    assert await yard.names(job) == {"input", "text"}
    with pytest.raises(JobNotFound):
        await yard.batch.aligned(job)


async def test_silence_holds_no_text(tmp_path):
    names = scripted(write_script(tmp_path / "script.json"))
    async with (
        open_database(f"sqlite:///{tmp_path}/dragoman.db") as database,
        open_yard(database, tmp_path, names) as yard,
    ):
        job = await yard.perform(await yard.submit_aligned(write_wav(tmp_path / "a.wav", 3), TEXT))
        assert (job.status, await yard.spent()) == ("rejected", 0)


async def test_text_and_recording_may_be_fetched(yard, tmp_path):
    fetched = {"audio": write_wav(tmp_path / "a.wav", 7).read_bytes(), "text": TEXT.encode()}
    yard.outside.failures = [True]

    async def fetch(wanted, key):
        yard.outside.fetched = fetched[wanted.what]
        return await type(yard)._fetch(yard, wanted, key)

    yard._fetch = fetch
    text = Fetch("https://example.org/a.txt", what="text")
    async with yard.batch.intake() as intake:
        submission = yard.submission(
            RunOptions("en"), kind="alignment", fetch=Fetch("https://example.org/a.wav"), fetch_text=text, data_name=""
        )
        job = (await intake.submit(submission)).job
    done = await yard.perform(job)
    assert done.status == "done"
    assert done.errors[0].message.startswith("unable to fetch text")
    assert await yard.blobs.read(keys.text(job.id)) == TEXT.encode()


async def test_a_fetched_text_that_is_none_rejects_the_job(yard, tmp_path):
    yard.outside.fetched = b"\xff\xfe"
    async with yard.batch.intake() as intake:
        async with intake.recording() as writer:
            await writer.write(write_wav(tmp_path / "a.wav", 1).read_bytes())
        text = Fetch("https://example.org/a.txt", what="text")
        job = (await intake.submit(yard.submission(RunOptions("en"), kind="alignment", fetch_text=text))).job
    rejected = await yard.perform(job)
    assert rejected.status == "rejected"
    assert "not UTF-8" in rejected.errors[0].message
