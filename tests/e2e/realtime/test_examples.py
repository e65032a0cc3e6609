"""The examples, run as a user runs them: programs as processes, pages in Chromium with a recording as microphone."""

import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
import wave

import pytest
from tests.conftest import SHARED_DATA
from tests.e2e.servers import ROOT, SCRIPTED, free_port

EXAMPLES = ROOT / "examples"
SEED = SHARED_DATA.parent / "seeds" / "realtime-translation-api.txt"
TRANSLATION = "Esta es la frase número 1."


def squeezed(text):
    return re.sub(r"\s", "", text)


def seed(begin, end):
    """A program of the document, from its first words to those after it, without white space."""
    if not SEED.is_file():
        pytest.skip(f"the document is not at {SEED} (set DRAGOMAN_SHARED_DATA)")
    text = SEED.read_text()
    first = text.index(begin)
    return squeezed(text[first : text.index(end, first)])


def with_our_host_and_key(program):
    return program.replace(
        "'https://api.gpttranslator.co/api/realtime-translator'",
        "`${process.env.DRAGOMAN_URL}/api/realtime-translator`",
    ).replace("'YOUR_API_KEY'", "process.env.DRAGOMAN_API_KEY")


def test_the_programs_are_those_of_the_document():
    program = seed("import { io } from 'socket.io-client';\nconst socket", "How Billing Works")
    assert with_our_host_and_key(program) in squeezed((EXAMPLES / "integration.mjs").read_text())
    microphone = seed("// Capture PCM16 audio", "Frequently Asked Questions")
    assert microphone in squeezed((EXAMPLES / "browser" / "microphone.js").read_text())
    proxy = seed("// Proxy events between", "Session Lifecycle")
    assert proxy in squeezed((EXAMPLES / "proxy.mjs").read_text())


def access(server):
    return {"DRAGOMAN_URL": server.url, "DRAGOMAN_API_KEY": server.key}


def test_the_document_s_program(serve, run_node, silence, tmp_path):
    server = serve(*SCRIPTED)
    translated = tmp_path / "translated.pcm"
    process = run_node(EXAMPLES / "integration.mjs", silence(3), str(translated), **access(server))
    out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")
    assert out.splitlines()[:4] == [
        "Session is being prepared...",
        "Session connected. Waiting for activation...",
        "Ready! Start streaming audio chunks now.",
        "Session ended.",
    ]
    assert TRANSLATION in out
    assert len(translated.read_bytes()) == round(len(TRANSLATION) * 0.06 * 24_000) * 2


def test_the_python_client(serve, tmp_path):
    server = serve(*SCRIPTED)
    with wave.open(str(tmp_path / "speech.wav"), "wb") as file:
        file.setparams((1, 2, 24_000, 0, "NONE", ""))
        file.writeframes(bytes(3 * 48_000))
    done = subprocess.run(
        [sys.executable, EXAMPLES / "client.py", tmp_path / "speech.wav", "es", tmp_path / "translated.wav"],
        env=access(server), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr, done.stdout) == (0, "", f"{TRANSLATION}\n")
    with wave.open(str(tmp_path / "translated.wav")) as file:
        assert file.getnframes() == round(len(TRANSLATION) * 0.06 * 24_000)


@pytest.fixture
def chromium(speech):
    """Chromium whose microphone hears a recording."""
    sync_api = pytest.importorskip("playwright.sync_api")
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("Chromium is not installed (apt-get install chromium)")
    options = [
        "--no-sandbox",
        "--autoplay-policy=no-user-gesture-required",
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={speech}",
    ]
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=options)
        yield browser
        browser.close()


@pytest.mark.parametrize(
    ("proxy", "query"), [("proxy.mjs", "?scriptprocessor"), ("proxy.py", "")], ids=["node-seed", "python-worklet"]
)
def test_a_page_behind_a_backend(serve, node, run_node, chromium, proxy, query):
    server, port = serve(*SCRIPTED), free_port()
    address = f"http://127.0.0.1:{port}/"
    backend = (
        run_node(EXAMPLES / proxy, str(port), **access(server))
        if proxy.endswith(".mjs")
        else subprocess.Popen([sys.executable, EXAMPLES / proxy, str(port)], env=access(server))
    )
    try:
        wait_for(address)
        page = chromium.new_page()
        page.goto(address + query)
        page.click("#start")
        page.wait_for_function(f"document.getElementById('translated').textContent.startsWith('{TRANSLATION}')")
        page.click("#stop")
        page.wait_for_function("document.getElementById('status').textContent.startsWith('Ended')")
        assert float(re.search(r"[\d.]+", page.inner_text("#status"))[0]) >= 1.5
        assert page.inner_text("#original").startswith("This is sentence number 1.")
        assert server.key not in page.content()
    finally:
        backend.kill()
        backend.wait()
    assert server.account()["balance"] < 1000


def wait_for(address):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.05)
    pytest.fail(f"nobody answers at {address}")
