"""``dragoman models`` as a program of its own: what ends it, and what is left then."""

import os
import re
import signal
import subprocess
import sys
import time

import pytest
from tests.e2e.servers import PROGRAM, ROOT, environment

STALLING = """
import http.server, sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(bytes(100_000))
        self.wfile.flush()
        import time; time.sleep(100)
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
print(server.server_port, flush=True)
server.serve_forever()
"""


@pytest.fixture
def stalling():
    """A mirror that begins to send whatever is asked for, and never ends."""
    command = [sys.executable, "-c", STALLING]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        yield f"http://127.0.0.1:{server.stdout.readline().strip()}"
        server.kill()


def run(folder, *arguments, **settings):
    return subprocess.run(
        [PROGRAM, "models", *arguments],
        env=environment(MODELS_DIR=str(folder), **settings),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_missing_models_are_no_traceback(tmp_path):
    listed = run(tmp_path / "none", "list")
    assert (listed.returncode, listed.stderr) == (0, "")
    missing = run(tmp_path / "none", "path", "whisper:base")
    assert missing.returncode == 37
    assert missing.stderr == (
        "error: The model whisper:base is not installed\n  Run: dragoman models pull whisper:base\n"
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_pull_and_what_came_is_kept(tmp_path, stalling, number):
    pulling = subprocess.Popen(
        [PROGRAM, "models", "pull", "whisper:base"],
        env=environment(MODELS_DIR=str(tmp_path), MODELS_MIRROR=stalling),
        stderr=subprocess.PIPE,
        text=True,
    )
    partial = tmp_path / ".work" / "whisper~base.parts"
    deadline = time.monotonic() + 60
    while not any(path.stat().st_size for path in partial.glob("*")) and time.monotonic() < deadline:
        time.sleep(0.05)
    pulling.send_signal(number)
    _, said = pulling.communicate(timeout=60)
    assert pulling.returncode == 128 + number
    assert said.endswith("Interrupted\n")
    assert all(0 < path.stat().st_size <= 100_000 for path in partial.iterdir())
    assert run(tmp_path, "list", "--json").stdout == "[]\n"


def test_a_second_clone_pulls_nothing_again(tmp_path):
    """What set-up runs each time, with the models of this machine."""
    settings = {"MODELS_DIR": folder} if (folder := os.environ.get("DRAGOMAN_MODELS_DIR")) else {}
    command = [PROGRAM, "models", "pull", "--profile", "default", "--lenient", "--offline"]
    done = subprocess.run(command, env=environment(**settings), capture_output=True, text=True, check=False)
    if "Without" in done.stderr:
        pytest.skip("the models of the default profile are not installed (dragoman models pull --profile default)")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_set_up_knows_the_profiles(tmp_path):
    (default,) = re.findall(r"DRAGOMAN_MODELS:=([a-z0-9-]+)", (ROOT / "scripts/setup.sh").read_text())
    assert run(tmp_path, "pull", "--profile", default, "--offline", "--lenient").returncode == 0
