"""``dragoman jobs`` against a running server."""

import json
import wave

import pytest
from tests.e2e.servers import SCRIPTED
from tests.e2e.speechmatics.conftest import sentences, shared_servers

from dragoman.cli.exit_codes import EXIT_CODES

__all__ = ["shared_servers"]


@pytest.fixture(scope="module")
def server(shared_servers):
    return shared_servers()(*SCRIPTED, tokens=100_000)


@pytest.fixture
def jobs(dragoman, server):
    def run(*arguments, fails=None, key=None):
        ended = dragoman("jobs", *arguments, "--url", server.url, "--key", key or server.key)
        assert ended.code == (EXIT_CODES[fails] if fails else 0), ended.err
        return ended

    return run


def test_a_job_from_its_recording_to_its_end(jobs, wav, tmp_path):
    job = jobs("submit", wav("speech.wav", bytes(32_000 * 3)), "--to", "es,fr", "--speech").out.strip()
    assert jobs("show", job, "--wait", "--json").json["status"] == "done"
    assert jobs("result", job).out == f"{sentences(1)}\n"
    assert jobs("result", job, "--format", "json-v2").json["translations"].keys() == {"es", "fr"}
    assert "Esta es la frase número 1." in jobs("result", job, "--language", "es").out
    assert jobs("result", job, "--language", "fr", "--format", "vtt").out.startswith("WEBVTT")
    assert "-->" in jobs("result", job, "--format", "srt").out
    jobs("result", job, "--speech", "es", "--out", tmp_path / "es.wav")
    with wave.open(str(tmp_path / "es.wav")) as spoken:
        assert spoken.getnframes() >= 3 * spoken.getframerate()
    assert job in {each["id"] for each in json.loads(jobs("list", "--json").out)}
    assert job in jobs("list", "--limit", "100").out
    assert "Deleted" in jobs("delete", job).out
    assert jobs("show", job, fails="job_expired").out == ""
    assert job not in jobs("list").out
    assert job in jobs("list", "--deleted").out


def test_transcripts_at_once(jobs, wav):
    recordings = [wav("one.wav", bytes(32_000 * 3)), wav("two.wav", bytes(32_000 * 7))]
    said = jobs("submit", *recordings, "--wait").out
    assert said.splitlines() == [sentences(1), sentences(2)]
    assert jobs("submit", recordings[0], "--to", "es", "--wait", "--json").json["translations"].keys() == {"es"}


def test_what_there_is_no_option_for_is_in_a_file(jobs, wav, tmp_path):
    config = tmp_path / "config.json"
    config.write_text('{"transcription_config": {"operating_point": "standard"}, "tracking": {"title": "t"}}')
    job = jobs("submit", wav("a.wav", bytes(32_000)), "--job-config", config, "--json").json["id"]
    told = jobs("show", job, "--json").json["config"]
    assert told["transcription_config"] == {"language": "en", "operating_point": "standard"}
    assert told["tracking"] == {"title": "t"}


def test_the_same_key_makes_no_second_job(jobs, wav):
    recording = wav("a.wav", bytes(32_000))
    once = [jobs("submit", recording, "--idempotency-key", "k").out for _ in range(2)]
    assert once[0] == once[1]
    jobs("submit", recording, recording, "--idempotency-key", "k", fails="invalid_option")


def test_what_is_wrong_is_said(jobs, dragoman, wav, tmp_path):
    recording = wav("a.wav", bytes(32_000))
    assert "tlh" in jobs("submit", recording, "--from", "tlh", fails="invalid_option").err
    jobs("submit", tmp_path / "missing.wav", fails="file_unreadable")
    (tmp_path / "text.txt").write_text("nonsense " * 100)
    jobs("submit", tmp_path / "text.txt", fails="not_audio")
    jobs("submit", recording, "--job-config", tmp_path / "text.txt", fails="file_unreadable")
    jobs("list", key="nonsense", fails="credential_unknown")
    jobs("show", "unknown", fails="job_not_found")
    jobs("result", "unknown", "--speech", "es", fails="invalid_option")
    jobs("result", "unknown", "--language", "es", "--format", "txt", fails="invalid_option")
    rejected = jobs("submit", "http://127.0.0.1:1/a.wav", "--wait", fails="job_error")
    assert "was rejected: unable to fetch audio" in rejected.err
    for url, code in (("http://127.0.0.1:1", "outbound_failed"), ("nonsense", "invalid_option")):
        ended = dragoman("jobs", "list", "--url", url, "--json")
        assert (ended.code, ended.error["code"]) == (EXIT_CODES[code], code)
