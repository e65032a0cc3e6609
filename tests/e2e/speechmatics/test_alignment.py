"""Texts aligned with real speech, by a running server, for those who ask it in different ways."""

import json
import re
import subprocess
import sys

import pytest
from tests.e2e.speechmatics.test_batch import curl, scripted, speech_wav, website

from dragoman.cli.exit_codes import EXIT_CODES

__all__ = ["scripted", "speech_wav", "website"]

TEXT = """<!-- 1961 --><p>And so, my fellow Americans,</p>
Zbigniew — ask not what your country can do for you;
ask what you can do for your country.
"""
CONFIG = {"type": "alignment", "alignment_config": {"language": "en"}}

OLDER = """
import json, sys
from speechmatics.batch_client import BatchClient
from speechmatics.models import ConnectionSettings
plan = json.loads(sys.argv[1])
with BatchClient(ConnectionSettings(url=plan["url"], auth_token=plan["key"])) as client:
    job = client.submit_job(plan["audio"], plan["config"])
    while client.check_job_status(job)["job"]["status"] == "running":
        pass
    print(json.dumps(client.check_job_status(job)["job"]))
"""


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "speech.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.fixture
def jfk(shared_data):
    return shared_data / "speech/en/en_jfk.flac"


def starts(aligned):
    """Of the words that have times."""
    return {word: float(start) for start, word in re.findall(r"<time=([\d.]+)>(\S+?)<time=[\d.]+>", aligned)}


def test_a_text_with_curl(embedded, jfk, text):
    key = ["-H", f"Authorization: Bearer {embedded.key}"]
    form = ["-F", f"data_file=@{jfk}", "-F", f"text_file=@{text}", "-F", f"config={json.dumps(CONFIG)}"]
    job = json.loads(curl("-X", "POST", f"{embedded.url}/v2/jobs?wait=100", *key, *form))
    assert job["status"] == "done", curl(f"{embedded.url}/v2/jobs/{job['id']}", *key)
    aligned = curl(f"{embedded.url}/v2/jobs/{job['id']}/alignment", *key)
    assert re.sub(r"<time=[\d.]+>", "", aligned) == TEXT
    found = starts(aligned)
    for word, time in {"fellow": 1.2, "Americans,": 1.6, "not": 4.0}.items():
        assert found[word] == pytest.approx(time, abs=0.3)
    assert "Zbigniew" not in found, aligned
    lines = curl(f"{embedded.url}/v2/jobs/{job['id']}/alignment?tags=one_per_line", *key).splitlines()
    times = [re.match(r"\[00:00:(\d\d\.\d)\] ", line)[1] for line in lines]
    assert times == sorted(times)
    assert len(lines) == 3


def test_a_text_with_the_command_line(embedded, dragoman, jfk, text, tmp_path):
    server = ("--url", embedded.url, "--key", embedded.key)
    job = dragoman("jobs", "submit", jfk, "--text", text, *server).out.strip()
    assert dragoman("jobs", "show", job, "--wait", "--json", *server).json["text_name"] == "speech.txt"
    shown = dragoman("jobs", "result", job, *server).out
    assert re.sub(r"<time=[\d.]+>", "", shown).strip() == TEXT.strip()
    assert dragoman("jobs", "result", job, "--format", "one_per_line", *server).out.startswith("[00:00:0")
    wrong = tmp_path / "wrong.txt"
    wrong.write_text("Completely different sentences which no president ever pronounced in public anywhere.")
    ended = dragoman("jobs", "submit", jfk, "--text", wrong, "--wait", *server)
    assert ended.code == EXIT_CODES["job_error"]
    assert "the text is not what is said in the recording" in ended.err
    wrong.write_bytes(b"\xff")
    assert dragoman("jobs", "submit", jfk, "--text", wrong, *server).code == EXIT_CODES["invalid_text"]
    assert dragoman("jobs", "submit", jfk, jfk, "--text", text, *server).code == EXIT_CODES["invalid_option"]
    missing = dragoman("jobs", "submit", jfk, "--text", tmp_path / "none.txt", *server)
    assert missing.code == EXIT_CODES["file_unreadable"]


def test_a_text_with_the_older_library_and_a_notification(scripted, speech_wav, website):
    """The library sends no text itself, so that is fetched; from a page that is not there, too."""
    site, received = website
    hook = {"url": f"{site}/told", "contents": ["alignment.one_per_line"]}
    plan = {"url": f"{scripted.url}/v2", "key": scripted.key, "audio": str(speech_wav)}
    for page, status in (("text.txt", "done"), ("gone.txt", "rejected")):
        config = CONFIG | {"fetch_text": {"url": f"{site}/{page}"}, "notification_config": [hook]}
        command = [sys.executable, "-W", "ignore", "-c", OLDER, json.dumps(plan | {"config": config})]
        job = json.loads(subprocess.run(command, capture_output=True, text=True, check=True, timeout=100).stdout)
        assert (job["status"], job["config"]) == (status, config)
        path, body = received.get(timeout=60)
        assert path == f"/told?id={job['id']}&status={'success' if status == 'done' else 'fetch_error'}"
        assert body == (b"[00:00:00.5] This is sentence number 1." if status == "done" else b"")
