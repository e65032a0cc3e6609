"""Jobs from their request to their end, over HTTP."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import get_args

import anyio
import pytest
from tests.unit.jobs.yard import now
from tests.unit.protocols.speechmatics.batch import TOKENS, config, write_wav

from dragoman.core.errors import NotAudio
from dragoman.protocols.speechmatics.batch_faults import ErrorName

pytestmark = pytest.mark.anyio

SPANISH = ["Esta es la frase número 1."]


def fault(answer, status, error=None):
    """Its detail; every answer that is not a success has the same form."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert set(body) == {"code", "error", "detail"}
    assert body["code"] == status
    assert body["error"] in get_args(ErrorName)
    assert error in (None, body["error"])
    assert body["detail"]
    return body["detail"]


def contents(sentences):
    return [sentence["content"] for sentence in sentences]


async def test_point_01_a_job_is_made_from_a_form_in_any_order(face):
    forward = await face.submit()
    assert forward.status_code == 201
    assert re.fullmatch("[a-z][a-z0-9]{9}", forward.json()["id"])
    assert forward.json().keys() == {"id"}
    form = [("data_file", ("a.wav", face.silence)), ("config", (None, json.dumps(config())))]
    backward = await face.ask("POST", "/v2/jobs", files=form)
    assert backward.status_code == 201
    wanted = json.dumps(config(fetch_data={"url": "https://example.org/a.wav"}))
    without = await face.ask("POST", "/v2/jobs", files=[("config", (None, wanted))])
    assert without.status_code == 201
    assert (await face.yard.jobs.get(without.json()["id"])).submission.data_name == ""


@pytest.mark.parametrize("kind", [None, "text/plain; charset=utf-8", "application/json", "image/png"])
async def test_point_02_the_configuration_is_json_whatever_its_part_says(face, kind):
    part = (None, json.dumps(config())) if kind is None else (None, json.dumps(config()), kind)
    form = [("config", part), ("data_file", ("a.wav", face.silence))]
    assert (await face.ask("POST", "/v2/jobs", files=form)).status_code == 201


@pytest.mark.parametrize("kind", ["audio/wav", "application/octet-stream", "text/html"])
async def test_point_03_the_bytes_of_a_recording_decide_what_it_is(face, kind, shared_data):
    mp3 = (shared_data / "formats/multilingual_en_de.mp3").read_bytes()
    form = [("config", (None, json.dumps(config()))), ("data_file", ("lies.wav", mp3, kind))]
    answer = await face.ask("POST", "/v2/jobs", files=form)
    assert answer.status_code == 201, answer.text


async def test_point_04_a_job_always_has_a_duration(face):
    job = (await face.get(f"/v2/jobs/{(await face.job()).id}?wait=0")).json()["job"]
    assert (job["duration"], job["status"], job["data_name"]) == (3, "running", "a.wav")
    wanted = json.dumps(config(fetch_data={"url": "https://example.org/a.wav"}))
    made = await face.ask("POST", "/v2/jobs", files=[("config", (None, wanted))])
    assert (await face.get(f"/v2/jobs/{made.json()['id']}?wait=0")).json()["job"]["duration"] == 0


async def test_point_05_the_state_of_a_running_job_is_held_back_until_it_is_over(face):
    job = await face.job()
    assert (await face.get(f"/v2/jobs/{job.id}?wait=0")).json()["job"]["status"] == "running"
    async with anyio.create_task_group() as group:
        group.start_soon(face.yard.perform, job)
        group.start_soon(face.desk.batch.waiting.watch)
        held = await face.get(f"/v2/jobs/{job.id}?wait=60")
        group.cancel_scope.cancel()
    assert held.json()["job"]["status"] == "done"
    assert face.desk.waits(None, face.desk.short_wait) == 2.0
    assert face.desk.waits(0, face.desk.short_wait) == 0.0


async def test_point_06_a_status_is_one_of_four_and_what_is_gone_is_410(face):
    accepted = await face.job()
    done = await face.done()
    statuses = {job["status"] for job in (await face.get("/v2/jobs")).json()["jobs"]}
    assert statuses == {"running", "done"}
    assert (await face.ask("DELETE", f"/v2/jobs/{done}")).json()["job"]["status"] == "deleted"
    for path in ("", "/transcript", "/data", "/log", "/subtitles/es.srt", "/speech/es"):
        fault(await face.get(f"/v2/jobs/{done}{path}"), 410, "Job Expired")
    fault(await face.ask("DELETE", f"/v2/jobs/{done}"), 410)
    assert [job["id"] for job in (await face.get("/v2/jobs")).json()["jobs"]] == [accepted.id]
    listed = (await face.get("/v2/jobs?include_deleted=true")).json()["jobs"]
    assert [job["status"] for job in listed] == ["deleted", "running"]


@pytest.mark.parametrize(
    "text",
    [
        '{"type":"transcription","transcription_config":{"language":"en","model":"enhanced"}}',
        '{ "type" : "transcription", "transcription_config": {"language": "en", "domain": null}}',
        '{"type": "transcription", "transcription_config": {"language": "en"}, "tracking": {"title": "\\u00fc ü"}}',
        '{"type": "transcription", "transcription_config": {"language": "en"}, "tracking": {"details": {"n": 1.50}}}',
    ],
)
async def test_point_07_the_configuration_is_repeated_byte_for_byte(face, text):
    job = await face.job(text)
    answer = await face.get(f"/v2/jobs/{job.id}?wait=0")
    assert f'"config":{text}'.encode() in answer.content
    (listed,) = (await face.get("/v2/jobs")).json()["jobs"]
    assert "config" not in listed


async def test_point_08_every_error_has_the_same_form(face):
    fault(await face.client.get("/v2/jobs"), 401, "Permission Denied")
    fault(await face.client.post("/v2/jobs"), 401, "Permission Denied")
    fault(await face.get("/v2/jobs", key="nonsense"), 401, "Permission Denied")
    fault(await face.get("/v2/nothing"), 404)
    fault(await face.get("/v2"), 404)
    fault(await face.get("/v1/discovery/nothing"), 404)
    fault(await face.ask("PUT", "/v2/jobs"), 405)
    fault(await face.ask("GET", "/v1/api_keys"), 405)
    fault(await face.ask("GET", "/v2/jobs?limit=x"), 422, "Unprocessable Entity")
    fault(await face.ask("GET", "/v2/jobs/x", content=b"x" * 100_000), 413, "Bad Request")
    fault(await face.ask("DELETE", f"/v2/jobs/{(await face.job()).id}?force=perhaps"), 422)
    fault(await face.get("/v2/jobs/unknown"), 404, "Job not found")
    await face.yard.database.engine.dispose()
    async with face.yard.database.engine.begin() as connection:
        await connection.exec_driver_sql("DROP TABLE jobs")
    detail = fault(await face.get("/v2/jobs"), 500, "Internal Server Error")
    assert "jobs" not in detail.lower()


async def test_point_09_what_one_client_indexes_is_there(face):
    job = await face.done()
    document = (await face.get(f"/v2/jobs/{job}/transcript")).json()
    assert document["format"] == "2.9"
    assert document["job"].keys() >= {"id", "created_at", "data_name", "duration"}
    assert document["metadata"].keys() >= {"created_at", "type", "transcription_config"}
    assert {result["type"] for result in document["results"]} == {"word", "punctuation"}
    for result in document["results"]:
        assert result["alternatives"][0].keys() >= {"content", "confidence", "language"}


async def test_point_10_documents_are_served_as_what_they_are(face):
    job = await face.done(config(output_config={"srt_overrides": {"max_line_length": 12, "max_lines": 1}}))
    types = {"json-v2": "application/json", "txt": "text/plain; charset=utf-8", "srt": "text/plain; charset=utf-8"}
    texts = {}
    for form, kind in (types | {"vtt": "text/vtt; charset=utf-8"}).items():
        answer = await face.get(f"/v2/jobs/{job}/transcript?format={form}")
        assert answer.headers["content-type"] == kind
        texts[form] = answer.text
    assert texts["txt"] == "This is sentence number 1."
    lines = [line for line in texts["srt"].splitlines() if line and "-->" not in line and not line.isdecimal()]
    assert len(lines) > 2
    assert max(map(len, lines)) <= 12
    assert texts["vtt"].startswith("WEBVTT")
    fault(await face.get(f"/v2/jobs/{job}/transcript?format=doc"), 400, "Format Not Supported")


async def test_point_11_a_transcript_is_404_until_the_job_is_done(face):
    job = await face.job()
    for path in ("transcript", "transcript?wait=0", "transcript?format=txt", "subtitles/en.srt", "speech/es"):
        fault(await face.get(f"/v2/jobs/{job.id}/{path}"), 404, "Job not found")
    await face.yard.steps.reject(job.id, NotAudio("it is none"))
    assert "rejected" in fault(await face.get(f"/v2/jobs/{job.id}/transcript"), 404, "Job not found")
    shown = (await face.get(f"/v2/jobs/{job.id}")).json()["job"]
    assert (shown["status"], shown["errors"][0]["message"]) == ("rejected", "it is none")


async def test_point_31_32_33_what_clients_send_beside_is_accepted(face):
    wanted = config(
        translation_config={"target_languages": ["es"], "enable_partials": True},
        sentiment_analysis_config={"enable_sentiment": True},
        auto_chapters_config={"enable_chapters": True},
        topic_detection_config={"topics": "Sports, Travel"},
        summarization_config={},
    )
    job = await face.done(wanted)
    metadata = (await face.get(f"/v2/jobs/{job}/transcript")).json()["metadata"]
    for feature in ("sentiment_analysis", "auto_chapters", "topic_detection", "summarization"):
        (error,) = metadata[f"{feature}_errors"]
        assert error["type"] == f"{feature}_failed"
    assert "translation_config.enable_partials" in (await face.get(f"/v2/jobs/{job}/log")).text


@pytest.mark.parametrize("path", ["/v2/jobs/", "/v2/usage/", "/v1/discovery/features/"])
async def test_point_39_paths_have_a_slash_at_their_end_or_not(face, path):
    assert (await face.get(path)).status_code == 200


async def test_point_39_paths_of_a_job_have_a_slash_at_their_end_or_not(face):
    made = await face.ask("POST", "/v2/jobs/", files=[("config", (None, json.dumps(config(targets=["es"])))),
                                                      ("data_file", ("a.wav", face.silence))])  # fmt: skip
    job = await face.yard.perform(await face.yard.jobs.get(made.json()["id"]))
    for below in ("", "/transcript", "/data", "/log", "/subtitles/es.srt"):
        assert (await face.get(f"/v2/jobs/{job.id}{below}/")).status_code == 200, below
    assert (await face.ask("DELETE", f"/v2/jobs/{job.id}/")).status_code == 200


async def test_with_wait_the_transcript_comes_with_the_answer(face):
    for form, key in (("json-v2", "json-v2"), ("txt", "txt"), ("srt", "srt"), ("json", "json-v2")):
        async with anyio.create_task_group() as group:
            group.start_soon(face.desk.batch.waiting.watch)
            group.start_soon(perform_next, face)
            answer = await face.submit(query=f"?wait=60&format={form}&sm-app=x&sm-sdk=y")
            group.cancel_scope.cancel()
        assert answer.status_code == 201
        body = answer.json()
        assert body.keys() == {"id", "status", key}
        assert body["status"] == "done"
    assert body["json-v2"]["translations"] == {"es": body["json-v2"]["translations"]["es"]}
    assert contents(body["json-v2"]["translations"]["es"]) == SPANISH


async def perform_next(face):
    """The next job that is accepted."""
    known = len(face.yard.enqueued)
    while len(face.yard.enqueued) == known:  # noqa: ASYNC110  the yard tells nobody
        await anyio.sleep(0.01)
    await face.yard.perform(await face.yard.jobs.get(face.yard.enqueued[-1]))


async def test_who_waits_in_vain_gets_a_job_that_was_created(face):
    assert (await face.submit(query="?wait=0")).json()["status"] == "created"


async def test_translations_have_a_key_for_every_language_that_was_asked_for(face):
    job = await face.done(config(targets=["es", "tlh", "fr"]))
    document = (await face.get(f"/v2/jobs/{job}/transcript")).json()
    assert document["translations"].keys() == {"es", "tlh", "fr"}
    assert document["translations"]["tlh"] == []
    assert contents(document["translations"]["es"]) == SPANISH
    assert document["translations"]["es"][0]["speaker"] == "UU"
    assert document["metadata"]["translation_errors"] == [
        {"type": "unsupported_translation_pair", "message": "Translation from en to tlh currently not supported"}
    ]


async def test_subtitles_and_speech_of_a_translation(face):
    wanted = config(targets=["es", "fr"], speech_config={"target_languages": ["es"]})
    job = await face.done(wanted)
    assert SPANISH[0] in (await face.get(f"/v2/jobs/{job}/subtitles/es.srt")).text
    assert (await face.get(f"/v2/jobs/{job}/subtitles/fr.vtt")).text.startswith("WEBVTT\n\n00:")
    assert "This is sentence" in (await face.get(f"/v2/jobs/{job}/subtitles/en.srt")).text
    fault(await face.get(f"/v2/jobs/{job}/subtitles/de.srt"), 404)
    fault(await face.get(f"/v2/jobs/{job}/subtitles/es.ass"), 422)
    spoken = await face.get(f"/v2/jobs/{job}/speech/es")
    assert spoken.headers["content-type"] == "audio/wav"
    assert spoken.content.startswith(b"RIFF")
    assert len(spoken.content) == int(spoken.headers["content-length"]) > 24_000 * 2 * 3
    fault(await face.get(f"/v2/jobs/{job}/speech/fr"), 404)


async def test_the_recording_comes_back_as_it_was_sent(face):
    job = await face.job(name="señor/../ün named.wav")
    answer = await face.get(f"/v2/jobs/{job.id}/data")
    assert answer.content == face.silence
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''%C3%BCn%20named.wav"


async def test_a_recording_that_is_to_be_fetched_is_not_there_yet(face):
    wanted = json.dumps(config(fetch_data={"url": "https://example.org/a.wav"}))
    made = await face.ask("POST", "/v2/jobs", files=[("config", (None, wanted))])
    fault(await face.get(f"/v2/jobs/{made.json()['id']}/data"), 404)


async def test_no_addresses_without_a_key_are_made(face):
    job = await face.job()
    answer = await face.get(f"/v2/jobs/{job.id}/object-urls?ttl=60&url_for[]=data")
    assert f"/v2/jobs/{job.id}/data" in fault(answer, 404, "Malformed request")


async def test_a_transcription_aligns_nothing(face):
    job = await face.done()
    for path in ("alignment", "alignment?tags=one_per_line", "text"):
        fault(await face.get(f"/v2/jobs/{job}/{path}"), 404, "Job is not of type alignment")


async def test_the_log_tells_what_became_of_a_job(face):
    job = await face.job()
    assert (await face.get(f"/v2/jobs/{job.id}/log")).text.endswith(" accepted\n")
    await face.yard.perform(job)
    assert (await face.get(f"/v2/jobs/{job.id}/log")).text.endswith(" done\n")


async def test_a_running_job_is_deleted_by_force_only_and_costs_nothing(face):
    job = await face.job()
    fault(await face.ask("DELETE", f"/v2/jobs/{job.id}"), 423, "Resource Locked")
    fault(await face.ask("DELETE", f"/v2/jobs/{job.id}?force=false"), 423, "Resource Locked")
    deleted = await face.ask("DELETE", f"/v2/jobs/{job.id}?force=true")
    assert deleted.json()["job"]["status"] == "deleted"
    assert (await face.yard.ledger.balance(face.yard.account)).available == TOKENS
    assert await face.yard.blobs.names("jobs") == []


async def test_lists_are_newest_first_and_paged(face):
    jobs = [(await face.job()).id for _ in range(5)]
    first = (await face.get("/v2/jobs?limit=2")).json()["jobs"]
    assert [job["id"] for job in first] == jobs[:2:-1]
    rest = (await face.get("/v2/jobs", params={"created_before": first[-1]["created_at"]})).json()["jobs"]
    assert [job["id"] for job in rest] == jobs[2::-1]
    later = (await face.get("/v2/jobs", params={"created_after": first[-1]["created_at"]})).json()["jobs"]
    assert [job["id"] for job in later] == jobs[:2:-1]
    nanoseconds = "2100-01-02T03:04:05.678901234Z"
    assert len((await face.get("/v2/jobs", params={"created_before": nanoseconds})).json()["jobs"]) == 5


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "created_before=yesterday", "created_after=9"])
async def test_lists_refuse_what_makes_no_sense(face, query):
    detail = fault(await face.get(f"/v2/jobs?{query}"), 422, "Unprocessable Entity")
    assert query.partition("=")[0] in detail


async def test_another_account_s_jobs_are_not_there(face):
    job = await face.done()
    other = await face.other_account()
    assert (await face.get("/v2/jobs", key=other)).json() == {"jobs": []}
    for path in ("", "/transcript", "/data", "/log"):
        fault(await face.get(f"/v2/jobs/{job}{path}", key=other), 404, "Job not found")
    fault(await face.ask("DELETE", f"/v2/jobs/{job}?force=true", key=other), 404)


async def test_a_temporary_key_with_a_client_ref_sees_only_its_jobs(face):
    own, other = await face.job(), await face.temporary(client_ref="b")
    key = await face.temporary(client_ref="a")
    job = await face.job(key=key)
    assert [each["id"] for each in (await face.get("/v2/jobs", key=key)).json()["jobs"]] == [job.id]
    assert (await face.get("/v2/jobs", key=other)).json()["jobs"] == []
    fault(await face.get(f"/v2/jobs/{own.id}", key=key), 404)
    fault(await face.get(f"/v2/jobs/{job.id}", key=other), 404)
    fault(await face.get("/v2/usage", key=key), 403, "Forbidden")
    assert len((await face.get("/v2/jobs", key=await face.temporary())).json()["jobs"]) == 2


async def test_the_same_request_under_the_same_key_is_the_same_job(face):
    first = await face.submit(headers={"Idempotency-Key": "k"})
    again = await face.submit(headers={"Idempotency-Key": "k"})
    assert (again.status_code, again.json()) == (201, first.json())
    fault(await face.submit(config(), headers={"Idempotency-Key": "k"}), 409)
    fault(await face.submit(recording=face.silence[:-2], headers={"Idempotency-Key": "k"}), 409)
    refs = [await face.temporary(client_ref=ref) for ref in "ab"]
    apart = [(await face.submit(key=key, headers={"Idempotency-Key": "k"})).json()["id"] for key in refs]
    assert len({first.json()["id"], *apart}) == 3
    fault(await face.submit(headers={"Idempotency-Key": "x" * 129}), 400)


async def test_without_tokens_nothing_is_taken(face):
    rich = await face.submit(recording=write_wav(face.folder / "long.wav", TOKENS / 2 + 1).read_bytes())
    fault(rich, 403, "Forbidden")
    assert await face.is_untouched()
    await face.job(recording=write_wav(face.folder / "whole.wav", TOKENS / 2).read_bytes())
    assert "tokens" in fault(await face.submit(), 403, "Forbidden")


async def test_an_account_has_so_many_jobs_at_once(face):
    face.limit(per_account=1)
    await face.job()
    fault(await face.submit(), 429, "Job error")


async def test_a_key_without_the_scope_is_refused(face):
    fault(await face.get("/v2/jobs", key=await face.other_account(["realtime"])), 403, "Forbidden")


async def test_answers_bear_ids(face):
    answer = await face.get("/v2/jobs", headers={"X-Request-Id": "mine"})
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["request-id"])
    assert answer.headers["x-request-id"] == "mine"
    assert "x-request-id" not in (await face.get("/v2/nothing")).headers
    assert "request-id" not in (await face.get("/healthz")).headers
    assert (await face.client.get("/v1/nothing")).json().keys() == {"code", "message", "remedy", "retryable"}


async def test_what_can_be_done_is_told_to_everybody(face):
    found = (await face.client.get("/v1/discovery/features")).json()
    (spoken,), (translated,) = found["batch"]["transcription"], found["batch"]["translation"]
    assert spoken["languages"] == ["en"]
    assert {"es", "fr", "de"} <= set(translated["languages"]["en"])
    assert found["metadata"]["language_pack_info"] == {"en": {"language_description": "English"}}
    assert found["realtime"]["transcription"][0]["version"] == "latest"
    assert found["batch"]["languageid"] == found["batch"]["languageId"] == []


async def test_the_use_of_finished_days_is_counted(face):
    job = await face.done()
    none = (await face.get("/v2/usage")).json()
    assert (none["summary"], none["details"]) == ([], [])
    day = now().date()
    tomorrow = now() + timedelta(days=1)
    face.desk = replace(face.desk, batch=replace(face.desk.batch, now=lambda: tomorrow))
    await face.ask("DELETE", f"/v2/jobs/{job}")
    used = (await face.get(f"/v2/usage?since={day}&until={day}")).json()
    assert used["since"] == used["until"] == f"{day}T00:00:00.000Z"
    line = {"mode": "batch", "type": "transcription", "count": 1, "duration_hrs": pytest.approx(3 / 3600)}
    assert used["summary"] == [line]
    assert used["details"] == [line | {"language": "en"}]
    assert (await face.get(f"/v2/usage?since={tomorrow.date()}")).json()["summary"] == []
    assert (await face.get(f"/v2/usage?until={day - timedelta(days=1)}")).json()["summary"] == []
    fault(await face.get("/v2/usage?since=x"), 422)
