"""Counted where operators look."""

from prometheus_client import REGISTRY
from tests.service.virtual_time import play
from tests.service.world import Client, calm_server, new_customer

from dragoman.core.options import RunOptions


def counted(name, **labels):
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_what_became_of_sessions_is_counted(fast_folder, sqlite_template):
    before = counted("dragoman_live_sessions_ended_total", reason="exhausted")
    seconds = counted("dragoman_live_seconds_total")
    refused = counted("dragoman_live_sessions_refused_total", code="unsupported_language")

    async def scene():
        async with calm_server(fast_folder, sqlite_template) as server:
            client = Client(server, await new_customer(server, "acme", 5))
            await client.session(RunOptions(source="en", targets=("xx",), recognition="live"))
            await client.session()

    play(scene)
    assert counted("dragoman_live_sessions_ended_total", reason="exhausted") == before + 1
    assert counted("dragoman_live_seconds_total") == seconds + 5
    assert counted("dragoman_live_sessions_refused_total", code="unsupported_language") == refused + 1
    assert counted("dragoman_live_sessions") == 0
