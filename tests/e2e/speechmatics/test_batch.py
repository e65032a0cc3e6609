"""The official clients of the batch protocol, the document's program, and curl, against a running server."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread

import pytest
from tests.e2e.servers import SCRIPTED, Server, Servers
from tests.e2e.speechmatics.conftest import sentences
from tests.e2e.speechmatics.plans import FOLDER, SPEECHMATICS
from tests.e2e.speechmatics.test_examples import EXAMPLES, SEED, access, squeezed

SPANISH = "Esta es la frase número {}."
FRENCH = "Ceci est la phrase numéro {}."
LIBRARY = ["synchronous", "asynchronous"]


@pytest.fixture(scope="module")
def scripted(shared_servers: Callable[[], Servers]) -> Server:
    """It may fetch from this machine."""
    return shared_servers()(*SCRIPTED, tokens=1_000_000, JOBS_ALLOWED_ADDRESSES="127.0.0.1")


@pytest.fixture
def speech_wav(wav):
    return wav("speech.wav", bytes(32_000 * 7))


@pytest.fixture
def client(talks) -> Callable[..., dict]:
    """What a library says of a plan."""

    def run(kind: str, server: Server, audio: Path | None = None, **plan: object) -> dict:
        plan = {"url": f"{server.url}/v2", "key": server.key, "audio": str(audio)} | plan
        plan["asynchronous"] = kind == "asynchronous"
        running = talks(sys.executable, FOLDER / "batch_client.py", json.dumps(plan))
        heard = running.heard()
        return heard.messages[0] if heard.messages else heard.end

    return run


@pytest.fixture
def npm(talks, node) -> Callable[..., dict]:
    def run(server: Server, audio: Path | None = None, **plan: object) -> dict:
        plan = {"url": server.url, "key": server.key, "audio": str(audio)} | plan
        running = talks(node, FOLDER / "batch_client.mjs", json.dumps(plan))
        out, err = running.process.communicate(timeout=90)
        assert out, err
        return json.loads(out)

    return run


@pytest.fixture
def batch(talks) -> Callable[..., subprocess.Popen]:
    """``speechmatics batch``"""

    def run(server: Server, *arguments: str | Path, key: str | None = None) -> tuple[str, str]:
        where = ["--url", f"{server.url}/v2", "--auth-token", key or server.key]
        running = talks(SPEECHMATICS, "batch", arguments[0], *where, *arguments[1:])
        return running.process.communicate(timeout=90)

    return run


@pytest.fixture
def website(speech_wav):
    """A recording and a text at web addresses, and what was sent to another."""
    received = Queue()

    class Site(BaseHTTPRequestHandler):
        def do_GET(self):
            pages = {"/speech.wav": speech_wav.read_bytes(), "/text.txt": b"This is sentence number 1."}
            self.send_response(200 if self.path in pages else 404)
            self.end_headers()
            self.wfile.write(pages.get(self.path, b""))

        def do_POST(self):
            received.put((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", received
        server.shutdown()
        thread.join()


def first_json(text):
    found, _ = json.JSONDecoder().raw_decode(text, text.index("{"))
    return found


def contents(translation):
    return " ".join(sentence["content"] for sentence in translation)


def test_the_program_is_that_of_the_document():
    if not SEED.is_file():
        pytest.skip(f"the document is not at {SEED} (set DRAGOMAN_SHARED_DATA)")
    text = SEED.read_text()
    begin = text.index("from speechmatics.models import ConnectionSettings")
    program = squeezed(text[begin : text.index("Python client example to translate a file in real-time")])
    for theirs, ours in (
        ('"YOUR_API_KEY"', 'os.environ["DRAGOMAN_API_KEY"]'),
        ('"https://asr.api.speechmatics.com/v2"', "f\"{os.environ['DRAGOMAN_URL']}/v2\""),
    ):
        assert program.count(theirs) == 1
        program = program.replace(theirs, ours)
    assert squeezed((EXAMPLES / "batch_program.py").read_text()).endswith(f"importos{program}")


def run_program(talks, folder, **settings):
    running = talks(sys.executable, EXAMPLES / "batch_program.py", **settings)
    out, err = running.process.communicate(timeout=110)
    assert running.process.returncode == 0, err
    return out.splitlines()


def test_the_document_s_program(scripted, talks, tmp_path, speech_wav):
    shutil.copy(speech_wav, tmp_path / "example.wav")
    said = run_program(talks, tmp_path, **access(scripted))
    assert said[0].endswith("submitted successfully, waiting for transcript")
    assert said[1:3] == ["Translation for es", f"{sentences(2, SPANISH)} "]
    assert said[3] == "Translation for de"


def test_the_document_s_program_with_real_speech(embedded, talks, speech, tmp_path):
    """Nothing installed translates to its second language, for which it gets nothing, and does not fail."""
    shutil.copy(speech, tmp_path / "example.wav")
    said = run_program(talks, tmp_path, **access(embedded))
    assert len(said[2].split()) >= 10
    assert {"de", "la", "que", "en", "el"} & set(said[2].split())
    assert said[3:] == ["Translation for de", ""]


def test_the_document_s_program_explains_a_wrong_key_and_a_wrong_request(scripted, talks, tmp_path):
    (tmp_path / "example.wav").write_bytes(b"nonsense")
    said = run_program(talks, tmp_path, **access(scripted) | {"DRAGOMAN_API_KEY": f"{scripted.key[:-4]}AAAA"})
    assert said == ["Invalid API key - Check your API_KEY at the top of the code!"]
    (said,) = run_program(talks, tmp_path, **access(scripted))
    assert "no sound or video" in said


@pytest.mark.parametrize("kind", LIBRARY)
def test_a_recording_with_the_library(scripted, client, speech_wav, kind):
    said = client(kind, scripted, speech_wav, translation=["es", "fr"])
    assert said.get("ended") is None, said
    assert said["text"] == sentences(2)
    assert contents(said["translations"]["es"]) == sentences(2, SPANISH)
    assert contents(said["translations"]["fr"]) == sentences(2, FRENCH)
    assert said["status"] == "done"
    assert said["config"]["transcription_config"] == {"language": "en", "model": "enhanced"}
    assert sentences(1) in said["srt"].replace("\n", " ")
    assert said["id"] in said["listed"]
    assert said["id"] not in said["left"]


@pytest.mark.parametrize("kind", LIBRARY)
def test_a_recording_with_the_library_in_one_request(scripted, client, speech_wav, kind):
    said = client(kind, scripted, speech_wav, wait=60)
    assert said["submitted"] == "done", said
    assert said["with_it"]


@pytest.mark.parametrize("kind", LIBRARY)
def test_points_07_and_32_all_that_the_library_can_ask_for_is_repeated_as_it_was_asked(
    scripted, client, speech_wav, kind
):
    """It builds its strict classes from what it is told, and raises for every key too many."""
    said = client(kind, scripted, speech_wav, beside=True)
    assert said.get("text") == sentences(2), said
    assert said["config"]["sentiment_analysis_config"] == {"enable_sentiment": True}
    assert said["config"]["auto_chapters_config"] == {"enable_chapters": True}
    assert said["config"]["tracking"] == {"title": "title", "reference": "reference", "tags": ["tag"]}


@pytest.mark.parametrize("kind", LIBRARY)
def test_a_recording_that_is_fetched(scripted, client, website, kind):
    site, _ = website
    said = client(kind, scripted, fetch=f"{site}/speech.wav")
    assert said.get("text") == sentences(2), said


@pytest.mark.parametrize("kind", LIBRARY)
@pytest.mark.parametrize(
    ("plan", "ended", "because"),
    [
        ({"key": "nonsense"}, "AuthenticationError", "Invalid API key"),
        ({"transcription": {"language": "tlh"}}, "BatchError", "tlh"),
        ({"translation": ["es", "fr", "de", "it", "pt", "ca"]}, "BatchError", "target_languages"),
    ],
)
def test_what_is_wrong_is_said_by_the_library(scripted, client, speech_wav, kind, plan, ended, because):
    said = client(kind, scripted, speech_wav, **plan)
    assert said["ended"] == ended, said
    assert because in said["because"]


def test_a_temporary_key(scripted, client, speech_wav):
    said = client("asynchronous", scripted, speech_wav, management=scripted.url)
    assert said.get("text") == sentences(2), said


def test_a_recording_with_the_npm_library(scripted, npm, speech_wav):
    said = npm(scripted, speech_wav, config={"translation_config": {"target_languages": ["es", "de"]}})
    assert said.get("ended") is None, said
    assert contents(said["result"]["translations"]["es"]) == sentences(2, SPANISH)
    assert said["job"]["status"] == "done"
    assert said["job"]["config"]["translation_config"] == {"target_languages": ["es", "de"]}
    assert "en" in said["features"]["batch"]["transcription"][0]["languages"]
    assert said["deleted"] == "deleted"


def test_texts_with_the_npm_library(scripted, npm, speech_wav, website):
    site, _ = website
    assert npm(scripted, speech_wav, format="text")["result"] == sentences(2)
    assert "-->" in npm(scripted, format="srt", fetch=f"{site}/speech.wav")["result"]


@pytest.mark.parametrize(
    ("plan", "code", "error"),
    [
        ({"key": "nonsense"}, 401, "Permission Denied"),
        ({"config": {"transcription_config": {"language": "tlh"}}}, 400, "Job rejected"),
        ({"config": {"audio_events_config": {}}}, 400, "Job rejected"),
    ],
)
def test_what_is_wrong_is_said_by_the_npm_library(scripted, npm, speech_wav, plan, code, error):
    """Its list of errors knows them, so it throws the kind that holds the answer."""
    said = npm(scripted, speech_wav, **plan)
    assert said["ended"] == "SpeechmaticsResponseError", said
    assert (said["answer"]["code"], said["answer"]["error"]) == (code, error)
    assert said["answer"]["detail"]


def test_a_recording_with_the_older_program(scripted, batch, speech_wav):
    out, err = batch(scripted, "transcribe", "--translation-langs", "es,de", "--output-format", "json", speech_wav)
    document = first_json(out)
    assert contents(document["translations"]["es"]) == sentences(2, SPANISH), err
    out, _ = batch(scripted, "transcribe", "--output-format", "txt", speech_wav)
    assert sentences(2) in out
    out, _ = batch(scripted, "transcribe", "--output-format", "srt", speech_wav)
    assert "-->" in out


def test_the_older_program_step_by_step(scripted, batch, speech_wav):
    out, err = batch(scripted, "submit", "--lang", "en", "--operating-point", "enhanced", speech_wav)
    job = out.rpartition("job ID: ")[2].strip()
    assert len(job) == 10, err
    assert job in batch(scripted, "list-jobs")[0]
    assert job in batch(scripted, "job-status", "--job-id", job)[0]
    assert "deleted" in batch(scripted, "delete", "--job-id", job, "--force")[0]


def test_point_33_topics_of_the_older_program(scripted, batch, speech_wav):
    options = ["--detect-topics", "--topics", "Sports, Travel", "--sentiment-analysis", "--detect-chapters"]
    out, err = batch(scripted, "transcribe", *options, "--output-format", "json", speech_wav)
    metadata = first_json(out)["metadata"]
    assert metadata["topic_detection_errors"][0]["type"] == "topic_detection_failed", err
    assert metadata["topic_detection_config"] == {"topics": "Sports, Travel"}


def curl(*arguments):
    done = subprocess.run(["curl", "-sS", *arguments], capture_output=True, text=True, check=True, timeout=100)
    return done.stdout


def test_a_recording_with_curl(scripted, speech_wav):
    """The line of the documents, with their slash."""
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    key = ["-H", f"Authorization: Bearer {scripted.key}"]
    form = ["-F", f"data_file=@{speech_wav}", "-F", f"config={json.dumps(CONFIG)}"]
    said = json.loads(curl("-X", "POST", f"{scripted.url}/v2/jobs?wait=60&format=json-v2", *key, *form))
    assert said["status"] == "done"
    assert contents(said["json-v2"]["translations"]["es"]) == sentences(2, SPANISH)
    job = json.loads(curl("-L", "-X", "POST", f"{scripted.url}/v2/jobs/", *key, *form))["id"]
    assert json.loads(curl(f"{scripted.url}/v2/jobs/{job}?wait=60", *key))["job"]["status"] == "done"
    assert curl("-L", f"{scripted.url}/v2/jobs/{job}/transcript?format=txt", *key) == sentences(2)
    assert json.loads(curl(f"{scripted.url}/v2/jobs/"))["error"] == "Permission Denied"


CONFIG = {
    "type": "transcription",
    "transcription_config": {"language": "en"},
    "translation_config": {"target_languages": ["es"]},
}


def test_a_notification_brings_the_transcript(scripted, speech_wav, website):
    site, received = website
    config = CONFIG | {"notification_config": [{"url": f"{site}/told", "contents": ["transcript"]}]}
    form = ["-F", f"data_file=@{speech_wav}", "-F", f"config={json.dumps(config)}"]
    said = json.loads(
        curl("-X", "POST", f"{scripted.url}/v2/jobs?wait=60", "-H", f"Authorization: Bearer {scripted.key}", *form)
    )
    assert said["status"] == "done"
    path, body = received.get(timeout=60)
    assert path == f"/told?id={said['id']}&status=success"
    assert contents(json.loads(body)["translations"]["es"]) == sentences(2, SPANISH)
