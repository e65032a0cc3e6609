"""Server processes of one's own, with an account and its key."""

import atexit
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = Path(sys.executable).with_name("dragoman")
SCRIPTED = [f"--{kind}=scripted" for kind in ("recognizer", "translator", "synthesizer", "voice-activity", "aligner")]


@dataclass
class Server:
    process: subprocess.Popen[str]
    url: str
    folder: Path
    key: str

    @property
    def websocket(self) -> str:
        return f"ws{self.url.removeprefix('http')}"

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    def ends(self, code: int) -> None:
        """Waits for the process, and checks its exit code."""
        assert self.process.wait(timeout=40) == code

    def account(self) -> dict:
        return json.loads(command(self.folder, "accounts", "show", "demo", "--json"))


def environment(**settings: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DRAGOMAN_")}
    return kept | {"COLUMNS": "100"} | {f"DRAGOMAN_{name}": value for name, value in settings.items()}


def command(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [PROGRAM, *arguments, "--data-dir", folder], env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@cache
def _with_account(tokens: int) -> tuple[Path, str]:
    """A data folder with one account, and its key; made by the program once for all who begin with a copy."""
    folder = Path(tempfile.mkdtemp(prefix="dragoman-e2e-"))
    atexit.register(shutil.rmtree, folder)
    command(folder, "accounts", "create", "demo", "--tokens", str(tokens))
    return folder, json.loads(command(folder, "keys", "create", "--account", "demo", "--json"))["key"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Servers:
    """Starts servers on one data folder with one account; calling it starts one."""

    folder: Path
    key: str | None = None
    processes: list[subprocess.Popen[str]] = field(default_factory=list)

    def __call__(
        self, *engines: str, tokens: int = 1000, base: str = "http", path: str = "", **settings: str
    ) -> Server:
        if self.key is None:
            template, self.key = _with_account(tokens)
            shutil.copytree(template, self.folder, dirs_exist_ok=True)
        port = free_port()
        with (self.folder / "log").open("a") as log:
            process = subprocess.Popen(
                [PROGRAM, "serve", "--port", str(port), "--data-dir", self.folder, *engines],
                env=environment(**settings),
                stderr=log,
                text=True,
            )
        self.processes.append(process)
        server = Server(process, f"{base}://127.0.0.1:{port}", self.folder, self.key)
        if base == "http":
            wait_until_ready(server, path)
        return server

    def kill(self) -> None:
        """Those that are left."""
        for process in self.processes:
            with process:
                process.kill()


def wait_until_ready(server: Server, path: str = "") -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert server.process.poll() is None, server.log
        try:
            with urllib.request.urlopen(f"{server.url}{path}/readyz") as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.05)
    pytest.fail(server.log)
