"""The npm client of Socket.IO, and what it got."""

import base64
import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.e2e.conftest import Run
from tests.e2e.servers import Server


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
