"""Servers that speak the Speechmatics protocol, shared by many tests, and the official clients to talk to them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from tests.e2e.servers import SCRIPTED, Server, Servers
from tests.e2e.speechmatics.plans import SPEECHMATICS, Talk, program

from dragoman.core.audio import SPEECH_RATE, AudioChunk

RAW = {"encoding": "pcm_s16le", "sample_rate": 8_000}
"""The scripted engines do not listen; little audio is quickly sent."""


@pytest.fixture(scope="session")
def shared_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Servers]]:
    """Each on a folder of its own."""
    made: list[Servers] = []

    def make() -> Servers:
        made.append(Servers(tmp_path_factory.mktemp("server")))
        return made[-1]

    yield make
    for servers in made:
        servers.kill()


@pytest.fixture(scope="session")
def scripted(shared_servers: Callable[[], Servers]) -> Server:
    """Says a numbered sentence every four seconds, in Spanish, French and German too.

    It lets in one session at a time: each that starts shows that the sessions before it gave their place back.
    """
    return shared_servers()(*SCRIPTED, tokens=1_000_000, LIVE_SESSIONS_PER_ACCOUNT="1")


@pytest.fixture(scope="session")
def embedded(shared_servers: Callable[[], Servers]) -> Server:
    return shared_servers()(tokens=1_000_000, LIVE_SESSIONS="20")


@pytest.fixture
def talks(tmp_path: Path) -> Iterator[Callable[..., Talk]]:
    """Starts a client's program and leaves it to the test."""
    started: list[Talk] = []

    def start(*command: str | Path, **settings: str) -> Talk:
        started.append(Talk(command, tmp_path, **settings))
        return started[-1]

    yield start
    for each in started:
        each.kill()


@pytest.fixture
def talk(talks: Callable[..., Talk], request: pytest.FixtureRequest) -> Callable[..., Talk]:
    """Starts one of the libraries on a server."""

    def start(client: str, server: Server, audio: Path | dict[str, Path], **plan: object) -> Talk:
        node = request.getfixturevalue("node") if client == "npm" else ""
        files = {name: str(path) for name, path in audio.items()} if isinstance(audio, dict) else str(audio)
        plan = {"url": f"{server.websocket}/v2", "key": server.key, "audio": files} | plan
        return talks(*program(client, plan, node))

    return start


@pytest.fixture
def transcribe(talks: Callable[..., Talk]) -> Callable[..., Talk]:
    """Starts ``speechmatics rt transcribe`` on a server."""

    def start(server: Server, *arguments: str | Path, key: str | None = None, **settings: str) -> Talk:
        where = ["--url", f"{server.websocket}/v2", "--ssl-mode", "none", "--auth-token", key or server.key]
        return talks(SPEECHMATICS, "rt", "transcribe", *where, *arguments, **settings)

    return start


@pytest.fixture
def raw(tmp_path: Path) -> Callable[[float], Path]:
    """A file of so many seconds in the form of ``RAW``."""

    def write(seconds: float) -> Path:
        path = tmp_path / f"{seconds}.raw"
        path.write_bytes(bytes(round(seconds * RAW["sample_rate"]) * 2))
        return path

    return write


Encode = Callable[[AudioChunk, str, str], Path]


@pytest.fixture
def encoded(tmp_path: Path) -> Encode:
    """Writes audio to a file of some format, such as ("speech.webm", "libopus")."""

    def write(audio: AudioChunk, name: str, codec: str) -> Path:
        path = tmp_path / name
        with av.open(path, "w") as container:
            stream = container.add_stream(codec, rate=48_000 if codec == "libopus" else SPEECH_RATE, layout="mono")
            frame = av.AudioFrame.from_ndarray(np.frombuffer(audio.pcm, np.int16)[None], "s16", "mono")
            frame.sample_rate = audio.sample_rate
            for packet in (*stream.encode(frame), *stream.encode(None)):
                container.mux(packet)
        return path

    return write


def sentences(count: int, form: str = "This is sentence number {}.") -> str:
    return " ".join(form.format(i + 1) for i in range(count))
