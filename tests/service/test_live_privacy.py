"""After a session, its sound and its words are nowhere: in no file, no row, no log line and no metric."""

import base64
import json
import logging
from array import array
from contextlib import suppress

import anyio
import anyio.lowlevel
import pytest
from prometheus_client import generate_latest
from structlog.testing import capture_logs
from tests.service.world import Client, Server, new_customer

from dragoman.accounts.account import Accounts
from dragoman.accounts.authentication import Authenticator
from dragoman.accounts.keys import Keys
from dragoman.accounts.secrecy import Secrecy
from dragoman.app import open_dragoman
from dragoman.billing.ledger import Ledger
from dragoman.billing.rates import Rates
from dragoman.core.audio import OUTPUT_RATE, AudioChunk
from dragoman.core.events import FinalTranslation, SynthesizedAudio
from dragoman.engines.routing import EngineNames
from dragoman.hosts.governor import Governor
from dragoman.live.clocks import Clocks
from dragoman.live.events import Closed
from dragoman.live.limits import LiveLimits
from dragoman.live.supervisor import Bank, open_supervisor
from dragoman.storage.database import open_database

pytestmark = pytest.mark.anyio

SPOKEN = "Quokkas seldom whistle"
TRANSLATED = "Los quokkas rara vez silban"


class Bursts(logging.Handler):
    """Whatever any library logs, at any level."""

    def __init__(self):
        super().__init__(0)
        self.lines = []

    def emit(self, record):
        self.lines.append(f"{record.getMessage()} {record.args} {record.exc_text or record.exc_info}")


@pytest.fixture
def everything_logged():
    bursts, root = Bursts(), logging.getLogger()
    before = root.level
    root.addHandler(bursts)
    root.setLevel(logging.DEBUG)
    yield bursts.lines
    root.removeHandler(bursts)
    root.setLevel(before)


@pytest.fixture
def engines(tmp_path_factory):
    """The script is what the engine knows, so it lies outside of what the server writes."""
    file = tmp_path_factory.mktemp("script") / "script.json"
    line = {"start_time": 0.2, "end_time": 1.2, "text": f"{SPOKEN}.", "translations": {"es": f"{TRANSLATED}."}}
    file.write_text(json.dumps({"language": "en", "repeat_every": 2.0, "utterances": [line]}))
    return EngineNames(*[f"scripted:{file}"] * 4)


def loud(seconds):
    """Sound that is like no other bytes."""
    return array("h", [(i * 7919) % 30011 - 15000 for i in range(round(seconds * OUTPUT_RATE))]).tobytes()


def traces(sound):
    """What to look for: a stretch of the sound as it is, and as text of any alignment."""
    middle = sound[len(sound) // 2 :][:48]
    yield middle
    for shift in range(3):
        yield base64.b64encode(sound[len(sound) // 2 + shift :][:48])[4:-4]
    yield middle.hex().encode()


def contents(folder):
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError, IsADirectoryError):  # SQLite removes its log with the last connection
            yield path.name, path.read_bytes()


async def converse(client, *, crash_of=None):
    async with anyio.create_task_group() as group:
        group.start_soon(client.session)
        await anyio.lowlevel.checkpoint()
        await client.listening()
        client.complain()
        for second in range(4):
            client.inbox.post(AudioChunk(loud(1.0), OUTPUT_RATE, float(second)))
        if crash_of is not None:
            await client.until(FinalTranslation)
            crash_of(client)
        client.stop()
        await client.until(Closed)


def make_deliver_fail(client):
    (running,) = client.server.supervisor._running.values()

    async def failing(event):
        if isinstance(event, SynthesizedAudio):
            raise RuntimeError(f"{event} {TRANSLATED}")  # noqa: TRY004  a bug of any kind
        await client.deliver(event)

    running.session._deliver = failing
    for second in range(4, 8):
        client.inbox.post(AudioChunk(loud(1.0), OUTPUT_RATE, float(second)))


async def test_nothing_of_a_session_is_left(tmp_path, engines, everything_logged, capfd):
    with capture_logs() as logs:
        async with (
            open_database(f"sqlite:///{tmp_path}/dragoman.db") as database,
            open_dragoman(engines, parallel=1) as dragoman,
        ):
            secrecy = Secrecy.of(bytes(32))
            ledger, authenticator = Ledger(database), Authenticator(database, secrecy)
            bank = Bank(authenticator, ledger, Rates())
            attach = dragoman.loader.attach
            limits = LiveLimits(heartbeat=0.05, drain=60.0)
            async with open_supervisor(attach, bank, Governor(4), limits) as supervisor:
                server = Server(
                    database,
                    ledger,
                    Accounts(database),
                    Keys(database, secrecy),
                    authenticator,
                    supervisor,
                    Clocks(),
                    {},
                )
                client = Client(server, await new_customer(server, "acme", 100))
                await converse(client)
                broken = Client(server, client.customer)
                await converse(broken, crash_of=make_deliver_fail)
    assert any(isinstance(event, FinalTranslation) for event in client.heard.events)
    spoken = b"".join(event.audio.pcm for event in client.heard.events if isinstance(event, SynthesizedAudio))
    sought = [b"Quokkas", b"silban", *traces(loud(1.0)), *traces(spoken)]
    places = dict(contents(tmp_path))
    places["logs"] = repr(logs).encode() + "\n".join(everything_logged).encode()
    places["screen"] = "".join(capfd.readouterr()).encode()
    places["metrics"] = generate_latest()
    assert [line for line in logs if line["event"] == "session_failed"], "the bug was not played"
    assert [(name, trace) for name, content in places.items() for trace in sought if trace in content] == []


async def test_the_search_would_find_them(tmp_path):
    sound = loud(1.0)
    assert all(trace in sound + base64.b64encode(sound) + sound.hex().encode() for trace in list(traces(sound))[:2])
