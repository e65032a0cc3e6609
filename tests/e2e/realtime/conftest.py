"""A server process of one's own, and the npm client to talk to it."""

import base64
import fcntl
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PROGRAM = Path(sys.executable).with_name("dragoman")
SCRIPTED = [f"--{kind}=scripted" for kind in ("recognizer", "translator", "synthesizer", "voice-activity")]
PACKAGES = ("socket.io-client@4", "socket.io@4")


@dataclass(frozen=True)
class Got:
    """One event that a client got."""

    at: float
    """Seconds since the client's start."""
    name: str
    payload: dict


@dataclass
class Session:
    """All that one client got."""

    events: list[Got] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """Without repetitions next to each other."""
        names = [event.name for event in self.events]
        return [name for i, name in enumerate(names) if i == 0 or name != names[i - 1]]

    def all(self, name: str) -> list[Got]:
        return [event for event in self.events if event.name == name]

    def one(self, name: str) -> Got:
        (event,) = self.all(name)
        return event

    def said(self, name: str) -> str:
        return "".join(event.payload["delta"] for event in self.all(name))

    @property
    def audio(self) -> bytes:
        return b"".join(base64.b64decode(event.payload["delta"]) for event in self.all("output_audio"))


@dataclass
class Server:
    process: subprocess.Popen[str]
    url: str
    folder: Path
    key: str

    def ends(self, code: int) -> None:
        """Waits for the process, and checks its exit code."""
        assert self.process.wait(timeout=40) == code

    def account(self) -> dict:
        return json.loads(command(self.folder, "accounts", "show", "demo", "--json"))


def command(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [PROGRAM, *arguments, "--data-dir", folder], env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def environment(**settings: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DRAGOMAN_")}
    return kept | {f"DRAGOMAN_{name}": value for name, value in settings.items()}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


Serve = Callable[..., Server]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Starts servers on one data folder with one account; those that are left are killed."""
    started: list[subprocess.Popen[str]] = []
    keys: list[str] = []

    def start(*engines: str, tokens: int = 1000, base: str = "http", path: str = "", **settings: str) -> Server:
        if not keys:
            command(tmp_path, "accounts", "create", "demo", "--tokens", str(tokens))
            keys.append(json.loads(command(tmp_path, "keys", "create", "--account", "demo", "--json"))["key"])
        port = free_port()
        with (tmp_path / "log").open("a") as log:
            process = subprocess.Popen(
                [PROGRAM, "serve", "--port", str(port), "--data-dir", tmp_path, *engines],
                env=environment(**settings),
                stderr=log,
                text=True,
            )
        started.append(process)
        server = Server(process, f"{base}://127.0.0.1:{port}", tmp_path, keys[0])
        if base == "http":
            wait_until_ready(server, path)
        return server

    yield start
    for process in started:
        with process:
            process.kill()


def wait_until_ready(server: Server, path: str = "") -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert server.process.poll() is None, (server.folder / "log").read_text()
        try:
            with urllib.request.urlopen(f"{server.url}{path}/readyz") as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.05)
    pytest.fail((server.folder / "log").read_text())


@pytest.fixture(scope="session")
def node() -> str:
    """Node.js with the packages of Socket.IO, which are installed once, into a folder that git ignores."""
    program, npm = shutil.which("node"), shutil.which("npm")
    if program is None or npm is None:
        pytest.skip("Node.js is not installed (apt-get install nodejs npm)")
    with (ROOT / ".venv" / "node_modules.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not all((ROOT / "node_modules" / package.partition("@")[0]).is_dir() for package in PACKAGES):
            options = ["--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--prefix", str(ROOT)]
            done = subprocess.run([npm, "install", *options, *PACKAGES], capture_output=True, text=True, check=False)
            if done.returncode:
                pytest.skip(f"npm could not install {', '.join(PACKAGES)}")
    return program


Run = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def run_node(node: str) -> Iterator[Run]:
    """Starts a script and leaves it to the test."""
    started: list[subprocess.Popen[str]] = []

    def run(script: Path, *arguments: str, **settings: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [node, script, *arguments],
            env=os.environ | settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


@dataclass
class Clients:
    """Sessions that run in one Node process."""

    process: subprocess.Popen[str]
    sessions: list[Session]

    def read(self, *, until: str | None = None) -> list[Session]:
        """Reads on until every session has got an event, or to the end."""
        assert self.process.stdout is not None
        while until is None or not all(session.all(until) for session in self.sessions):
            line = self.process.stdout.readline()
            if not line:
                break
            who, at, name, payload = json.loads(line)
            self.sessions[who].events.append(Got(at, name, payload or {}))
        return self.sessions


@pytest.fixture
def clients(run_node: Run) -> Callable[..., Clients]:
    """Starts sessions on a server: one for each dictionary, with the key in the query unless it says otherwise."""

    def run(server: Server, *sessions: dict, **settings: str) -> Clients:
        plan = {
            "url": server.url,
            "sessions": [
                {"options": {"query": {"apiKey": server.key}}, "start": {"targetLanguage": "es"}} | session
                for session in sessions
            ],
        }
        process = run_node(Path(__file__).with_name("sessions.mjs"), json.dumps(plan), **settings)
        return Clients(process, [Session() for _ in sessions])

    return run


@pytest.fixture
def silence(tmp_path: Path) -> Callable[[float], str]:
    """A file of so many seconds; the scripted engines do not listen anyway."""

    def write(seconds: float) -> str:
        path = tmp_path / f"{seconds}.pcm"
        path.write_bytes(bytes(round(seconds * 24_000) * 2))
        return str(path)

    return write
