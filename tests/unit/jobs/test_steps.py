"""What a job does, step by step, without a queue."""

import io
import wave
from dataclasses import replace

import anyio
import pytest
from tests.unit.jobs.yard import Outside, open_yard, scripted, texts, write_script, write_wav

from dragoman.core.errors import (
    BlobsUnavailable,
    EngineCrashed,
    EngineFailed,
    EngineUnavailable,
    JobExpired,
    JobNotFound,
    JobRunning,
)
from dragoman.core.options import Notification, RunOptions
from dragoman.jobs import keys, notify, steps
from dragoman.storage.database import open_database

pytestmark = pytest.mark.anyio

WHOLE = RunOptions("en", ("es", "fr"), speak=("es",))


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch):
    monkeypatch.setattr(steps, "_PAUSES", (0.0,))
    monkeypatch.setattr(steps.fetch, "PAUSES", (0.0, 0.0))


async def test_a_job_becomes_transcript_translations_and_speech_and_is_paid_once(either_yard, tmp_path):
    yard = either_yard
    job = (await yard.submit(write_wav(tmp_path / "a.wav", 7.3), WHOLE)).job
    done = await yard.perform(job)
    assert (done.status, done.stage, done.progress, done.errors) == ("done", "over", 100, ())
    assert done.expires_at - done.finished_at == yard.limits.keep
    assert done.submission.duration == pytest.approx(7.3)
    assert await yard.spent() == 16
    assert (await yard.ledger.usage(yard.account))[0].seconds == 8
    assert (await yard.ledger.reconcile()).findings == ()

    result = await yard.batch.result(done)
    assert texts(result.transcript.sentences) == ["This is sentence number 1.", "This is sentence number 2."]
    assert [entry.content for entry in result.transcript.translations["fr"]] == [
        "Ceci est la phrase numéro 1.",
        "Ceci est la phrase numéro 2.",
    ]
    assert result.shortfalls == ()
    assert len(result.transcript.speech["es"]) == 2
    with wave.open(io.BytesIO(await yard.blobs.read(yard.batch.speech(done, "es")))) as speech:
        assert speech.getnframes() >= 7.3 * speech.getframerate()
    assert await yard.names(done) == {
        "input",
        "transcript.json",
        "translation-es.json",
        "translation-fr.json",
        "speech-es.json",
        "speech-es.wav",
    }


async def test_steps_that_are_done_again_change_nothing(yard, tmp_path):
    job = (await yard.submit(write_wav(tmp_path / "a.wav", 3))).job
    done = await yard.perform(job)
    first = await yard.batch.result(done)
    again = await yard.perform(job)
    assert again == done
    assert await yard.batch.result(again) == first
    assert await yard.spent() == 6


async def test_two_processes_at_one_job_finish_it_once(either_yard, tmp_path):
    yard = either_yard
    job = (await yard.submit(write_wav(tmp_path / "a.wav", 3), WHOLE)).job
    async with anyio.create_task_group() as group:
        for _ in range(3):
            group.start_soon(yard.perform, job)
    assert (await yard.jobs.get(job.id)).status == "done"
    assert await yard.spent() == 6
    assert len(await yard.ledger.usage(yard.account)) == 1
    assert (await yard.ledger.reconcile()).findings == ()


async def test_a_long_recording_is_recognised_in_parts_and_every_word_is_in_its_place(yard, tmp_path):
    recording = write_wav(tmp_path / "a.wav", 35)
    whole = await yard.perform((await yard.submit(recording)).job)
    parted = await yard.limited(part=9.0).perform((await yard.submit(recording)).job)
    assert (await yard.batch.result(parted)).transcript == (await yard.batch.result(whole)).transcript


@pytest.mark.parametrize("names", [("left", "right"), ("left",)])
async def test_channels_are_heard_apart_and_called_as_the_client_says(yard, tmp_path, names):
    run = RunOptions("en", ("es",), channels=names)
    job = (await yard.submit(write_wav(tmp_path / "a.wav", 7, channels=2), run)).job
    result = await yard.batch.result(await yard.perform(job))
    channels = [sentence.channel for sentence in result.transcript.sentences]
    assert channels == ["left", "right" if len(names) == 2 else "channel_2"] * 2
    assert len(result.transcript.translations["es"]) == 4
    assert await yard.spent() == 14


async def test_silence_is_a_transcript_without_words(tmp_path):
    names = scripted(write_script(tmp_path / "script.json"))
    async with (
        open_database(f"sqlite:///{tmp_path}/dragoman.db") as database,
        open_yard(database, tmp_path, names) as yard,
    ):
        job = (await yard.submit(write_wav(tmp_path / "a.wav", 2), RunOptions("en"))).job
        result = await yard.batch.result(await yard.perform(job))
    assert result.transcript.sentences == ()


async def test_more_audio_than_was_thought_is_held_and_charged(yard, tmp_path):
    job = (await yard.submit(write_wav(tmp_path / "a.wav", 1))).job
    await yard.blobs.write(keys.recording(job.id), write_wav(tmp_path / "b.wav", 9.5).read_bytes())
    assert (await yard.perform(job)).status == "done"
    assert await yard.spent() == 20


async def test_audio_that_cannot_be_paid_is_rejected_and_costs_nothing(yard, tmp_path):
    job = (await yard.submit(write_wav(tmp_path / "a.wav", 1))).job
    balance = await yard.ledger.balance(yard.account)
    await yard.purse.cover(job.id, (balance.available + balance.reserved) / 2, job.created_at)
    await yard.blobs.write(keys.recording(job.id), write_wav(tmp_path / "b.wav", 6000).read_bytes())
    rejected = await yard.perform(job)
    assert rejected.status == "rejected"
    assert "tokens are needed" in rejected.errors[0].message
    assert await yard.spent() == 0


async def test_a_recording_that_turns_out_broken_is_rejected_and_costs_nothing(either_yard, tmp_path):
    yard = either_yard
    job = (await yard.submit(write_wav(tmp_path / "a.wav", 1))).job
    await yard.blobs.write(keys.recording(job.id), b"no sound " * 99)
    rejected = await yard.perform(job)
    assert (rejected.status, rejected.stage) == ("rejected", "over")
    assert rejected.errors
    assert await yard.spent() == 0
    assert await yard.names(rejected) == {"input"}
    with pytest.raises(JobNotFound):
        await yard.batch.result(rejected)


async def test_a_job_deleted_while_it_runs_stops_costs_nothing_and_leaves_nothing(either_yard, tmp_path):
    yard = either_yard
    job = (await yard.submit(write_wav(tmp_path / "a.wav", 30))).job
    running = yard.limited(part=5.0).steps
    plan = await running.decode(job.id)
    assert await running.recognise(job.id, 0) is not None
    with pytest.raises(JobRunning):
        await yard.batch.delete(job)
    deleted = await yard.batch.delete(job, force=True)
    assert deleted.status == "deleted"
    assert await running.recognise(job.id, 1) is None
    assert plan["parts"] > 2
    assert await yard.spent() == 0
    assert (await yard.perform(job)).status == "deleted"
    assert await yard.names(job) == set()
    with pytest.raises(JobExpired):
        await yard.batch.delete(job, force=True)


async def test_what_a_step_wrote_after_the_deletion_is_deleted_too(yard, tmp_path):
    job = (await yard.submit(write_wav(tmp_path / "a.wav", 1))).job
    await yard.batch.delete(job, force=True)
    await yard.blobs.write(keys.words(job.id, 0), b"late")
    await yard.perform(job)
    assert await yard.names(job) == set()


async def test_a_job_that_is_over_is_deleted_with_all_that_came_of_it(yard, tmp_path):
    done = await yard.perform((await yard.submit(write_wav(tmp_path / "a.wav", 1))).job)
    assert (await yard.batch.delete(done)).status == "deleted"
    assert await yard.names(done) == set()
    assert await yard.spent() == 2
    with pytest.raises(JobExpired):
        await yard.batch.delete(done)


class Failing:
    """Engines of which one kind fails, so many times."""

    def __init__(self, yard, failures, when):
        self.attach = yard.loader.attach
        self.failures = failures
        self.when = when

    async def __call__(self, options):
        if self.when(options) and self.failures:
            raise self.failures.pop(0)
        return await self.attach(options)


def with_engines(yard, failures, when):
    found = yard.steps
    return replace(found, shop=replace(found.shop, attach=Failing(yard, failures, when)))


async def test_a_language_that_fails_costs_that_language_only(yard, tmp_path):
    failing = with_engines(yard, [EngineUnavailable("no model")], lambda options: "es" in options.targets)
    job = (await yard.submit(write_wav(tmp_path / "a.wav", 3), WHOLE)).job
    done = await yard.perform(job, failing)
    result = await yard.batch.result(done)
    assert texts(result.transcript.sentences) == ["This is sentence number 1."]
    assert result.transcript.translations["es"] == ()
    assert len(result.transcript.translations["fr"]) == 1
    assert [(found.feature, found.kind, found.language) for found in result.shortfalls] == [
        ("translation", "translation_failed", "es"),
        ("speech", "speech_failed", "es"),
    ]
    assert done.status == "done"
    assert await yard.spent() == 6


async def test_a_language_nobody_translates_to_is_said_to_be_one(yard, tmp_path):
    job = (await yard.submit(write_wav(tmp_path / "a.wav", 3), RunOptions("en", ("ja",)))).job
    result = await yard.batch.result(await yard.perform(job))
    assert [(found.kind, found.language) for found in result.shortfalls] == [("unsupported_translation_pair", "ja")]
    assert result.transcript.translations == {"ja": ()}


async def test_a_step_that_fails_is_tried_again(yard, tmp_path):
    failures = [EngineCrashed("it died"), EngineFailed("odd"), BlobsUnavailable("gone"), BlobsUnavailable("gone")]
    failing = with_engines(yard, failures, lambda options: not options.targets)
    yard.limited(tries=9)
    failing = replace(failing, shop=replace(failing.shop, limits=yard.limits))
    job = (await yard.submit(write_wav(tmp_path / "a.wav", 3))).job
    assert (await yard.perform(job, failing)).status == "done"


@pytest.mark.parametrize("error", [EngineCrashed("it died"), EngineUnavailable("no model"), KeyError("secret words")])
async def test_a_job_whose_engine_never_works_is_rejected_with_the_reason(yard, tmp_path, error, capsys):
    failing = with_engines(yard, [error] * 99, lambda options: not options.targets)
    job = (await yard.submit(write_wav(tmp_path / "a.wav", 3))).job
    rejected = await yard.perform(job, failing)
    assert rejected.status == "rejected"
    assert ("secret" in str(rejected.errors)) is False
    assert "secret words" not in capsys.readouterr().out
    assert await yard.spent() == 0


async def test_what_is_fetched_is_paid_by_its_length(yard, tmp_path):
    yard.outside.fetched = write_wav(tmp_path / "a.wav", 5).read_bytes()
    yard.outside.failures = [True]
    job = await yard.submit_fetched("https://example.com/a.wav")
    done = await yard.perform(job)
    assert done.status == "done"
    assert [error.message for error in done.errors] == ["unable to fetch audio: http status code 500"]
    assert await yard.spent() == 10


@pytest.mark.parametrize(("failures", "attempts"), [([True] * 9, 3), ([False], 1)])
async def test_what_cannot_be_fetched_is_rejected_after_its_attempts(yard, failures, attempts):
    yard.outside.failures = failures
    job = await yard.submit_fetched("https://example.com/a.wav")
    rejected = await yard.perform(job)
    assert rejected.status == "rejected"
    assert len(rejected.errors) == attempts
    assert await yard.spent() == 0


async def test_whoever_asked_is_told_once_the_job_is_over(yard, tmp_path):
    twice = (Notification("https://example.com/1"), Notification("https://example.com/2"))
    job = (await yard.submit(write_wav(tmp_path / "a.wav", 1), notifications=twice)).job
    await yard.perform(job)
    assert [job_id for job_id, _ in yard.outside.told] == [job.id] * 2


@pytest.mark.parametrize(
    ("failures", "pauses", "told"), [([], 0, 1), ([True, True], 2, 1), ([True] * 99, 3, 0), ([False], 0, 0)]
)
async def test_a_notification_is_tried_again_and_failures_are_noted_in_the_job(yard, tmp_path, failures, pauses, told):
    job = (await yard.submit(write_wav(tmp_path / "a.wav", 1), notifications=(Notification("https://x.example"),))).job
    await yard.perform(job)
    yard.outside = Outside(failures=failures)
    slept = []

    async def once(name, step):
        return await step()

    async def sleep(seconds):
        slept.append(seconds)

    noted = len(failures[: len(notify.PAUSES) + 1])
    await steps.tell(job.id, 0, yard.steps, once, sleep)
    assert slept == list(notify.PAUSES[:pauses])
    assert len(yard.outside.told) == told
    assert len((await yard.jobs.get(job.id)).errors) == noted
