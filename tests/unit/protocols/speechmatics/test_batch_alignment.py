"""Jobs that align a text, from request to result."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit.protocols.speechmatics.batch import TOKENS
from tests.unit.protocols.speechmatics.test_batch_rest import fault

pytestmark = pytest.mark.anyio

TEXT = "<i>This is</i> sentence number 1.\n"
CONFIG = {"type": "alignment", "alignment_config": {"language": "en"}}


async def submit(face, text=TEXT, config=None, query="", **more):
    form = [
        ("config", (None, json.dumps(CONFIG | (config or {})))),
        ("data_file", ("a.wav", face.silence, "audio/wav")),
    ]
    if text is not None:
        form.append(("text_file", ("a.txt", text if isinstance(text, bytes) else text.encode(), "text/plain")))
    return await face.ask("POST", f"/v2/jobs{query}", files=form, **more)


async def made(face, *arguments, **more):
    answer = await submit(face, *arguments, **more)
    assert answer.status_code == 201, answer.text
    return await face.yard.jobs.get(answer.json()["id"])


async def test_a_text_comes_back_with_its_times(face):
    job = await made(face)
    for path in ("alignment", "transcript", "log", "text"):
        answer = await face.get(f"/v2/jobs/{job.id}/{path}")
        assert answer.status_code == (404 if path in ("alignment", "transcript") else 200)
    assert (await face.yard.perform(job)).status == "done"
    answer = await face.get(f"/v2/jobs/{job.id}/alignment")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.text == (
        "<i><time=0.50>This<time=0.90> <time=0.90>is<time=1.30></i> <time=1.30>sentence<time=1.70> "
        "<time=1.70>number<time=2.10> <time=2.10>1.<time=2.50>\n"
    )
    lines = await face.get(f"/v2/jobs/{job.id}/alignment/?tags=one_per_line")
    assert lines.text == f"[00:00:00.5] {TEXT}"
    assert (await face.get(f"/v2/jobs/{job.id}/text")).content == TEXT.encode()
    assert (await face.get(f"/v2/jobs/{job.id}/data")).content == face.silence
    assert "alignment: 5 of 5 words were found" in (await face.get(f"/v2/jobs/{job.id}/log")).text
    told = (await face.get(f"/v2/jobs/{job.id}")).json()["job"]
    assert (told["status"], told["text_name"], told["data_name"]) == ("done", "a.txt", "a.wav")
    assert told["config"] == CONFIG


async def test_it_has_no_transcript_and_a_query_that_is_wrong_is_said(face):
    job = await made(face)
    for path in ("transcript", "transcript?format=srt", "subtitles/en.srt", "speech/es"):
        fault(await face.get(f"/v2/jobs/{job.id}/{path}"), 404, "Job is not of type transcription")
    fault(await face.get(f"/v2/jobs/{job.id}/alignment?tags=all"), 422, "Unprocessable Entity")
    fault(await face.get(f"/v2/jobs/{job.id}/alignment"), 404, "Job not found")


@pytest.mark.parametrize(
    ("text", "config", "error", "named"),
    [
        (None, {}, "Missing text_file", "fetch_text"),
        (b"", {}, "Job rejected due to invalid text", "no word"),
        (b"\xff", {}, "Job rejected due to invalid text", "not UTF-8"),
        (b"word " * (1 << 19), {}, "Job rejected due to invalid text", "2097152"),
        (TEXT, {"alignment_config": None}, "No language selected", "alignment_config.language"),
        (TEXT, {"alignment_config": {}}, "No language selected", "alignment_config.language"),
        (TEXT, {"alignment_config": {"language": "de"}}, "Job rejected", "Possible: en"),
        (TEXT, {"alignment_config": {"language": "??"}}, "Job rejected", "'??'"),
        (TEXT, {"alignment_config": {"language": 3}}, "Job rejected", "alignment_config.language is 3"),
        (TEXT, {"alignment_config": {"speed": 3}}, "Job rejected", "there is no field alignment_config.speed"),
        (TEXT, {"translation_config": {"target_languages": ["es"]}}, "Job rejected", "translation_config belongs"),
        (TEXT, {"transcription_config": {"language": "en"}}, "Job rejected", "transcription_config belongs"),
        (TEXT, {"fetch_text": {"url": "https://example.org"}}, "Job rejected", "text_file and fetch_text"),
        (None, {"fetch_text": {"url": "file:///etc"}}, "Job rejected", "fetch_text.url"),
        (TEXT, {"notification_config": {"url": "https://a.example", "contents": ["x"]}}, "Job rejected", "alignment, "),
    ],
)
async def test_what_is_wrong_is_refused_by_name(face, text, config, error, named):
    answer = await submit(face, text, config)
    fault(answer, 400, error)
    assert named in answer.json()["detail"]
    assert await face.is_untouched()


async def test_the_text_belongs_to_the_request_of_an_idempotency_key(face):
    first, again, other = [
        await submit(face, text, headers={"Idempotency-Key": "k"}) for text in (TEXT, TEXT, "Other.")
    ]
    assert first.json() == again.json()
    assert other.status_code == 409


async def test_waiting_for_it_tells_its_status_and_no_transcript(face):
    job = await made(face, query="?wait=0")
    await face.yard.perform(job)
    answer = await submit(face, query="?wait=0")
    assert set(answer.json()) == {"id", "status"}


async def test_a_deleted_job_leaves_no_text(face):
    job = await made(face)
    await face.yard.perform(job)
    await face.ask("DELETE", f"/v2/jobs/{job.id}")
    fault(await face.get(f"/v2/jobs/{job.id}/text"), 410, "Job Expired")
    assert await face.yard.blobs.names("jobs") == []


async def test_it_is_an_entry_of_its_own_in_the_usage(face):
    await face.yard.perform(await made(face))
    await face.done()
    batch = face.desk.batch
    tomorrow = batch.now() + timedelta(days=1)
    face.desk = replace(face.desk, batch=replace(batch, now=lambda: tomorrow))
    told = (await face.get("/v2/usage")).json()
    assert [(item["type"], item["count"]) for item in told["summary"]] == [("alignment", 1), ("transcription", 1)]
    assert (await face.yard.ledger.balance(face.yard.account)).available == TOKENS - 12
