"""The heartbeat; the rest of a client's life is in tests/protocol."""

import anyio
import pytest
from tests.translator import open_translator

from dragoman.protocols.socketio import client, packets

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    # Whoever has not connected by the first ping is sent away, and connecting asks the database.
    monkeypatch.setattr(client, "PING_INTERVAL", 0.5)
    monkeypatch.setattr(client, "PING_TIMEOUT", 0.5)


async def test_a_client_that_answers_stays(tmp_path):
    async with open_translator(tmp_path) as translator:
        wire = await translator.connected()
        for _ in range(2):
            assert await wire.frame() == packets.PING
            wire.send(packets.PONG)
        assert not wire.aborted


async def test_a_client_that_does_not_answer_is_gone_and_settled(tmp_path):
    async with open_translator(tmp_path) as translator:
        wire = await translator.connected()
        wire.emit("translation_start", {"targetLanguage": "es"})
        await wire.drained()
        assert wire.aborted
        await translator.at_rest()


async def test_a_client_that_only_knocks_is_sent_away(tmp_path):
    async with open_translator(tmp_path) as translator:
        wire = translator.open()
        await wire.drained()
        assert wire.closed == 1000


async def test_a_client_that_cannot_even_be_pinged_is_dropped(tmp_path):
    async with open_translator(tmp_path) as translator:
        wire = await translator.connected()
        wire.reads = anyio.Event()
        await wire.drained()
        assert wire.aborted
