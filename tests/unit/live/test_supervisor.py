"""Many sessions at once, and what is done for all of them."""

import anyio
import anyio.lowlevel
import pytest
from structlog.testing import capture_logs
from tests.service.inline_engines import Mood
from tests.service.virtual_time import play
from tests.service.world import OPTIONS, Client, calm_server, new_customer

from dragoman.core.errors import DatabaseUnavailable
from dragoman.core.events import FinalTranslation, Notice
from dragoman.core.options import RunOptions
from dragoman.live.events import Closed, Initializing, Refused, Trouble
from dragoman.live.limits import LiveLimits


@pytest.fixture
def on_stage(fast_folder, sqlite_template):
    def run(scene, mood=None, limits=None, **more):
        async def whole():
            async with calm_server(fast_folder, sqlite_template, mood, limits, **more) as server:
                customers = [await new_customer(server, name, 100) for name in ("acme", "bolt")]
                async with anyio.create_task_group() as group:
                    await scene(server, customers, group)
                assert (await server.ledger.reconcile()).findings == ()

        play(whole)

    return run


def start(server, customer, group, options=OPTIONS):
    client = Client(server, customer)
    group.start_soon(client.session, options)
    return client


def translations(client):
    return [event.translation for event in client.heard.events if isinstance(event, FinalTranslation)]


def test_two_sessions_do_not_disturb_each_other(on_stage):
    async def scene(server, customers, group):
        clients = [
            start(server, customer, group, RunOptions(source="en", targets=(target,), recognition="live"))
            for customer, target in zip(customers, ("es", "fr"), strict=True)
        ]
        await clients[0].listening()
        for client in clients:
            group.start_soon(client.speak, 10.2)
        await anyio.sleep(11)
        for client in clients:
            client.stop()
        await anyio.sleep(1)
        for client, target in zip(clients, ("es", "fr"), strict=True):
            assert {translation.language for translation in translations(client)} == {target}
            assert len(translations(client)) == 3
            assert client.heard.events[-1] == Closed("stopped", 11, 11)

    on_stage(scene)


def test_an_engine_that_crashes_under_one_session_is_nothing_to_its_neighbour(on_stage):
    async def scene(server, customers, group):
        clients = [start(server, customer, group) for customer in customers]
        await clients[0].listening()
        await clients[0].speak(1.0)
        server.hosts["recognizer scripted"].crashing = 2
        await clients[0].speak(5.0)
        for client in clients:
            client.stop()
        await anyio.sleep(1)
        assert [type(event) for event in clients[0].heard.events].count(Notice) == 1
        assert {type(event) for event in clients[1].heard.events} & {Notice, Trouble} == set()

    on_stage(scene)


def test_a_session_that_is_still_starting_has_no_heartbeat(on_stage):
    """It has no hold yet, and must not be taken for one that somebody else has settled."""

    async def scene(server, customers, group):
        client = start(server, customers[0], group)
        await client.speak(10.0)
        client.stop()
        await client.until(Closed, Refused)
        assert client.heard.events[-1].reason == "stopped"

    on_stage(scene, mood=Mood(latency=lambda: 1.3))


def test_an_account_has_so_many_places_and_a_refused_session_takes_none(on_stage):
    async def scene(server, customers, group):
        first, second = start(server, customers[0], group), start(server, customers[1], group)
        await first.listening()
        refused = Client(server, customers[0], read=5.0)  # takes its time to hear that it is
        group.start_soon(refused.session)
        await anyio.sleep(6)
        assert refused.heard.events[-1].error.code == "too_many_sessions"
        first.stop()
        await first.until(Closed)
        third = start(server, customers[0], group)
        await anyio.lowlevel.checkpoint()
        await third.listening()
        for client in (second, third):
            client.stop()
            await client.until(Closed)
        assert server.supervisor._places == {}

    on_stage(scene, limits=LiveLimits(sessions_per_account=1))


@pytest.mark.parametrize("bounds", [{"limits": LiveLimits(sessions_per_account=1)}, {"capacity": 1}], ids=str)
def test_who_comes_back_at_once_finds_the_place_of_the_broken_connection(on_stage, bounds):
    """Not settled yet, because the ledger takes its time."""

    async def scene(server, customers, group):
        first = start(server, customers[0], group)
        await first.listening()
        first.inbox.close(vanished=True)
        second = start(server, customers[0], group)
        await second.listening()
        second.stop()
        await second.until(Closed)
        assert server.supervisor._places == {}

    on_stage(scene, **bounds)


def test_beyond_capacity_a_start_is_refused_at_once(on_stage):
    async def scene(server, customers, group):
        first = start(server, customers[0], group)
        await anyio.sleep(0.01)
        before = anyio.current_time()
        second = start(server, customers[1], group)
        await second.until(Refused)
        assert anyio.current_time() == before
        assert [type(event) for event in second.heard.events] == [Initializing, Refused]
        assert second.heard.events[-1].error.code == "at_capacity"
        await first.listening()
        first.stop()

    on_stage(scene, mood=Mood(latency=lambda: 0.3), capacity=1)


def test_a_session_that_others_have_settled_is_ended(on_stage):
    async def scene(server, customers, group):
        client = start(server, customers[0], group)
        await client.listening()
        await client.speak(3.5)
        (running,) = server.supervisor._running.values()
        await server.ledger.release("elsewhere", running.session.meter.session.id, server.clocks.utc())
        await client.speak(10.0)
        trouble, closed = client.heard.events[-2:]
        assert trouble.error.code == "hold_closed"
        assert (closed.reason, closed.tokens) == ("failed", 0)

    on_stage(scene)


def test_the_reaper_settles_what_a_dead_server_left(on_stage):
    async def scene(server, customers, group):
        from dragoman.billing.holds import Session

        dead = Session("s1", customers[0].id, "live_speech", 1, "en", ("es",), (), "dead server")
        await server.ledger.hold("h", dead, 60, server.clocks.utc())
        await server.ledger.heartbeat({"s1": 4900}, server.clocks.utc())
        await anyio.sleep(25)
        balance = await server.ledger.balance(customers[0].id)
        assert (balance.available, balance.reserved) == (96, 0)

    on_stage(scene)


def test_a_connection_with_a_bug_ends_alone_and_its_words_are_not_logged(on_stage):
    async def buggy():
        raise KeyError("what somebody said")

    async def scene(server, customers, group):
        client = start(server, customers[0], group)
        await client.listening()
        with capture_logs() as logs:
            server.supervisor.adopt(buggy)
            await client.speak(3.0)
        client.stop()
        await client.until(Closed)
        assert client.heard.events[-1].reason == "stopped"
        (line,) = logs
        assert (line["event"], line["kind"]) == ("connection_failed", "KeyError")
        assert "somebody" not in str(line)

    on_stage(scene)


def test_a_session_with_a_bug_is_settled_and_its_neighbour_goes_on(on_stage):
    async def scene(server, customers, group):
        clients = [start(server, customer, group) for customer in customers]
        await clients[0].listening()
        take = clients[0].deliver

        async def clumsy(event):
            if isinstance(event, FinalTranslation):
                raise TypeError(event.translation.content)
            await take(event)

        (running, _) = server.supervisor._running.values()
        running.session._deliver = clumsy
        with capture_logs() as logs:
            for client in clients:
                group.start_soon(client.speak, 6.2)
            await anyio.sleep(7)
        clients[1].stop()
        await clients[1].until(Closed)
        trouble, closed = clients[0].heard.events[-2:]
        assert (trouble.error.code, closed.reason) == ("internal_error", "failed")
        assert clients[1].heard.events[-1].reason == "stopped"
        assert "frase" not in str(logs)

    on_stage(scene)


def test_a_round_that_fails_is_made_again(on_stage):
    rounds = []

    async def work():
        rounds.append(anyio.current_time())
        raise [DatabaseUnavailable("gone"), ValueError("secret")][len(rounds) % 2]

    async def scene(server, customers, group):
        with capture_logs() as logs, anyio.move_on_after(4.5):
            await server.supervisor.every(1.0, work, "round_failed")
        assert len(rounds) == 5
        assert {line["event"] for line in logs} == {"round_failed"}
        assert "secret" not in str(logs)

    on_stage(scene)


def test_winding_up_twice_at_once(on_stage):
    async def scene(server, customers, group):
        client = start(server, customers[0], group)
        await client.listening()
        await client.speak(3.0)
        async with anyio.create_task_group() as both:
            both.start_soon(server.supervisor.wind_up)
            both.start_soon(server.supervisor.wind_up)
        assert client.heard.events[-1] == Closed("shutdown", 3, 3)
        await server.supervisor.wind_up()

    on_stage(scene)
