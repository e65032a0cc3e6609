"""The real ``dragoman`` program, run as a user runs it, and recordings to give it."""

import fcntl
import json
import os
import shutil
import subprocess
import wave
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from tests.e2e.servers import PROGRAM, ROOT, Servers, environment

PACKAGES = (
    "socket.io-client@4",
    "socket.io@4",
    "@speechmatics/real-time-client@8",
    "@speechmatics/auth@0",
    "@speechmatics/batch-client@5",
)
LIBRIVOX = Path("/usr/share/pocketsphinx/test/data/librivox")


@dataclass(frozen=True)
class Ended:
    """What a run of the program left."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict:
        """Standard output, which holds one JSON object and nothing else."""
        return json.loads(self.out)

    @property
    def error(self) -> dict:
        """Standard error, which holds one error as JSON and nothing else."""
        return json.loads(self.err)["error"]


@pytest.fixture
def dragoman(tmp_path: Path) -> Callable[..., Ended]:
    """Runs the program in the test's folder, to its end."""

    def run(*arguments: str | Path, **options: object) -> Ended:
        ended = subprocess.run(
            [PROGRAM, *arguments],
            cwd=tmp_path,
            env=environment(),
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=100,
            check=False,
            **options,
        )
        assert "Traceback" not in ended.stderr, ended.stderr
        return Ended(ended.returncode, ended.stdout, ended.stderr)

    return run


@pytest.fixture
def start_dragoman(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts the program and leaves it to the test; whatever is left of it is ended."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str | Path) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [PROGRAM, *arguments],
            cwd=tmp_path,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        with process:
            process.kill()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Servers]:
    """Starts servers on the test's folder; those that are left are killed."""
    servers = Servers(tmp_path)
    yield servers
    servers.kill()


@pytest.fixture(scope="session")
def node() -> str:
    """Node.js with the clients of both protocols, which are installed once, into a folder that git ignores."""
    program, npm = shutil.which("node"), shutil.which("npm")
    if program is None or npm is None:
        pytest.skip("Node.js is not installed (apt-get install nodejs npm)")
    with (ROOT / ".venv" / "node_modules.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not all((ROOT / "node_modules" / package.rpartition("@")[0]).is_dir() for package in PACKAGES):
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


@pytest.fixture(scope="session")
def librivox() -> Path:
    """Folder of read speech with its transcripts, from Debian's package pocketsphinx-testdata."""
    if not LIBRIVOX.is_dir():
        pytest.skip(f"no recordings at {LIBRIVOX} (apt-get install pocketsphinx-testdata)")
    return LIBRIVOX


@pytest.fixture(scope="session")
def speech(librivox: Path) -> Path:
    """Seven seconds of one sentence: "Mr John Dashwood had then leisure to consider how much ..."."""
    return librivox / "sense_and_sensibility_01_austen_64kb-0870.wav"


@pytest.fixture
def wav(tmp_path: Path) -> Callable[..., Path]:
    """Writes 16 kHz mono samples to a file."""

    def write(name: str, pcm: bytes) -> Path:
        path = tmp_path / name
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, 16_000, 0, "NONE", ""))
            file.writeframes(pcm)
        return path

    return write


def family(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """Every process below ``process``."""
    return psutil.Process(process.pid).children(recursive=True)


def still_running(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that are not gone after a generous wait; a dead child that nobody has reaped is gone."""
    _, alive = psutil.wait_procs([process for process in processes if not _is_dead(process)], timeout=10)
    return [process for process in alive if not _is_dead(process)]


def _is_dead(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
