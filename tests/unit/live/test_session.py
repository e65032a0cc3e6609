"""How sessions begin, end, and what they cost, one at a time and in virtual time."""

import sqlite3

import anyio
import anyio.lowlevel
import pytest
from tests.service.inline_engines import Mood
from tests.service.virtual_time import play, stall
from tests.service.world import Client, calm_server, new_customer

from dragoman.billing.journal import Balance
from dragoman.core.audio import AudioChunk
from dragoman.core.events import FinalTranscript, FinalTranslation, Notice, SentenceSpoken
from dragoman.core.options import RunOptions
from dragoman.live.events import Attached, Closed, Exhausted, Initializing, Listening, Refused, TimeShort, Trouble
from dragoman.live.inbox import Stop
from dragoman.live.limits import LiveLimits


@pytest.fixture
def on_stage(fast_folder, sqlite_template):
    """Plays a scene with a server and one client, and looks into the books afterwards."""

    def run(scene, tokens=100, mood=None, limits=None, read=0.0, **more):
        async def whole():
            async with calm_server(fast_folder, sqlite_template, mood, limits, **more) as server:
                client = Client(server, await new_customer(server, "acme", tokens), read)
                async with anyio.create_task_group() as group:
                    group.start_soon(client.session)
                    await anyio.lowlevel.checkpoint()
                    await scene(server, client)
                await nothing_left_over(server, client)

        play(whole)

    return run


async def nothing_left_over(server, client):
    balance = await server.ledger.balance(client.customer.id)
    charged = sum(row.tokens for row in await server.ledger.usage(client.customer.id))
    assert (balance.reserved, balance.available) == (0, client.customer.granted - charged)
    assert (await server.ledger.reconcile()).findings == ()
    assert server.supervisor.governor.running == 0


async def over(client):
    """The last event, once it has come."""
    await client.until(Closed, Refused)
    return client.heard.events[-1]


def kinds(client):
    return [type(event) for event in client.heard.events]


def lock(folder):
    other = sqlite3.connect(folder / "dragoman.db", isolation_level=None, timeout=0)
    other.execute("BEGIN IMMEDIATE")
    return other


def test_what_was_said_before_the_stop_is_spoken_before_the_end(on_stage):
    async def scene(server, client):
        await client.listening()
        await client.speak(6.2)
        client.stop()
        assert await over(client) == Closed("stopped", 7, 7)
        assert kinds(client)[:3] == [Initializing, Attached, Listening]
        assert kinds(client).count(FinalTranslation) == kinds(client).count(SentenceSpoken) == 2
        assert kinds(client).index(Closed) == len(client.heard.events) - 1

    on_stage(scene)


def test_a_stop_counts_from_when_it_came_however_late_the_engines_are(on_stage):
    async def scene(server, client):
        await client.listening()
        for _ in range(20):
            client.say(1.0)
        client.stop()
        assert (await over(client)).seconds == 0
        assert kinds(client).count(FinalTranscript) == 5

    on_stage(scene, mood=Mood(latency=lambda: 0.05))


def test_at_the_end_of_the_tokens_the_tail_is_delivered_and_nothing_is_left(on_stage):
    async def scene(server, client):
        await client.listening()
        began = anyio.current_time()
        await client.speak(60.0)
        assert client.heard.events[-2:] == [Exhausted(), Closed("exhausted", 7, 20)]
        assert anyio.current_time() - began < 8
        assert kinds(client).count(SentenceSpoken) == 2
        assert await server.ledger.balance(client.customer.id) == Balance()

    on_stage(scene, tokens=20, rate=3, limits=LiveLimits(block=4.0))


def test_what_was_heard_becomes_final_when_audio_merely_stalls(on_stage):
    """The script's first sentence ends at 2.5 s; no silence is sent after it."""

    async def scene(server, client):
        await client.listening()
        await client.speak(2.5)
        await anyio.sleep(2.1)
        assert kinds(client).count(FinalTranslation) == 1
        await client.speak(4.5)
        client.stop()
        assert (await over(client)).reason == "stopped"
        assert kinds(client).count(FinalTranscript) == 2

    on_stage(scene)


@pytest.mark.parametrize(("latency", "seconds"), [(0.0, [0, 1]), (0.03, range(3, 20)), (0.5, [20])])
def test_a_stop_in_turn_ends_the_session_when_all_before_it_was_heard(on_stage, latency, seconds):
    """Twenty seconds of speech at once take the engines as long as they take; nobody pays for more than twenty."""

    async def scene(server, client):
        await client.listening()
        for _ in range(20):
            await client.inbox.put(AudioChunk(bytes(32_000), 16_000, client._sent))
            client._sent += 1
        await client.inbox.put(Stop(in_turn=True))
        closed = await over(client)
        assert closed.reason == "stopped"
        assert closed.seconds in seconds
        assert kinds(client).count(FinalTranscript) == 5

    on_stage(scene, mood=Mood(latency=lambda: latency))


def test_tokens_for_the_audio_are_enough_for_its_tail(on_stage):
    async def scene(server, client):
        await client.listening()
        await client.speak(7.5)
        await client.inbox.put(Stop(in_turn=True))
        assert await over(client) == Closed("stopped", 8, 8)
        assert kinds(client).count(FinalTranscript) == 2

    on_stage(scene, tokens=8, mood=Mood(latency=lambda: 0.03))


def test_whoever_stopped_gets_the_whole_tail_however_long_it_takes(on_stage):
    """Reading each event takes a second, longer than the drain in sum."""

    async def scene(server, client):
        await client.listening()
        for _ in range(24):
            client.say(1.0)
        client.read = 1.0
        client.stop()
        assert (await over(client)).reason == "stopped"
        assert kinds(client).count(SentenceSpoken) == 6

    on_stage(scene, limits=LiveLimits(drain=3.0))


def test_a_client_is_warned_before_its_limits(on_stage):
    async def scene(server, client):
        await client.listening()
        await client.speak(1.0)
        assert (await over(client)).reason == "idle"
        warned = [(event.limit, round(event.left)) for event in client.heard.events if isinstance(event, TimeShort)]
        assert warned == [("session", 90), ("idle", 30), ("idle", 10)]

    on_stage(scene, limits=LiveLimits(longest=100.0, warn_longest=(90, 10), warn_idle=(30, 10)))


def test_a_session_takes_a_place_for_each_channel(on_stage):
    async def scene(server, client):
        client.stop()
        await over(client)
        two = RunOptions(source="en", recognition="live", channels=("left", "right"))
        await client.session(two)
        assert client.heard.events[-1].error.code == "at_capacity"

    on_stage(scene, capacity=1)


def test_a_loop_that_was_held_up_gives_nobody_more_than_was_paid_for(on_stage):
    async def scene(server, client):
        await client.listening()
        await client.speak(3.9)
        stall(2.5)
        assert await over(client) == Closed("exhausted", 5, 5)

    on_stage(scene, tokens=5)


def test_a_session_that_is_cancelled_is_settled(on_stage):
    async def scene(server, client):
        client.stop()
        await over(client)
        async with anyio.create_task_group() as group:
            group.start_soon(client.session)
            await anyio.lowlevel.checkpoint()
            await client.listening()
            await client.speak(4.2)
            group.cancel_scope.cancel()
        assert [row.seconds for row in await server.ledger.usage(client.customer.id)] == [5, 0]

    on_stage(scene)


def test_tokens_granted_at_the_last_moment_let_it_go_on(on_stage):
    async def scene(server, client):
        await client.listening()
        await client.speak(8.0)
        await server.ledger.grant("more", client.customer.id, 5, server.clocks.utc())
        client.customer.granted += 5
        await client.speak(60.0)
        assert await over(client) == Closed("exhausted", 15, 15)

    on_stage(scene, tokens=10)


def test_without_tokens_for_a_second_nothing_starts(on_stage):
    async def scene(server, client):
        assert (await over(client)).error.code == "insufficient_tokens"
        assert kinds(client) == [Initializing, Refused]

    on_stage(scene, tokens=2, rate=3)


def test_what_no_engine_can_do_is_refused_and_costs_nothing(on_stage):
    async def scene(server, client):
        await over(client)
        await client.session(RunOptions(source="en", targets=("xx",), recognition="live"))
        assert client.heard.events[-1].error.code == "unsupported_language"
        assert kinds(client) == [Initializing, Refused]

    on_stage(scene, tokens=0)


@pytest.mark.parametrize(("vanished", "seconds"), [(False, 13), (True, 7)])
def test_a_client_that_is_gone(on_stage, vanished, seconds):
    """It left, or nobody knows since when it is not there: then its last packet was the last it used."""

    async def scene(server, client):
        await client.listening()
        await client.speak(8.0, chunk=1.0)
        await anyio.sleep(4.5)
        client.drop(vanished=vanished)
        with anyio.fail_after(1):
            while server.supervisor._running:  # noqa: ASYNC110  nobody tells us
                await anyio.sleep(0.1)
        (used,) = await server.ledger.usage(client.customer.id)
        assert used.seconds == seconds
        assert Closed not in kinds(client)

    on_stage(scene)


def test_a_client_that_goes_while_engines_load_is_noticed(on_stage):
    async def scene(server, client):
        await anyio.sleep(0.2)
        client.drop()
        with anyio.fail_after(0.1):
            while server.supervisor._running:  # noqa: ASYNC110  as above
                await anyio.sleep(0.01)
        assert kinds(client) == [Initializing]

    on_stage(scene, mood=Mood(latency=lambda: 5.0))


def test_a_silent_client_is_let_go_and_charged_to_its_last_packet(on_stage):
    async def scene(server, client):
        await client.listening()
        await client.speak(3.0, chunk=1.0)
        closed = await over(client)
        assert closed == Closed("idle", 2, 2)
        assert [event.error.code for event in client.heard.events if isinstance(event, Trouble)] == ["session_idle"]

    on_stage(scene)


def test_the_longest_session(on_stage):
    async def scene(server, client):
        await client.listening()
        await client.speak(90.0)
        assert await over(client) == Closed("too_long", 30, 30)

    on_stage(scene, limits=LiveLimits(longest=30.0))


def test_a_reader_that_takes_nothing_is_cut_off(on_stage):
    async def scene(server, client):
        await client.listening()
        client.read = 1e9
        await client.speak(30.0, chunk=1.0)
        assert client.heard.stalled
        (used,) = await server.ledger.usage(client.customer.id)
        assert used.seconds <= 12

    on_stage(scene)


def test_a_slow_reader_gets_everything(on_stage):
    async def scene(server, client):
        await client.listening()
        await client.speak(20.0)
        client.stop()
        assert (await over(client)).reason == "stopped"
        assert kinds(client).count(SentenceSpoken) == 5

    on_stage(scene, read=0.05)


def test_a_bad_message_is_answered_and_the_session_goes_on(on_stage):
    async def scene(server, client):
        client.complain()
        await client.listening()
        await client.speak(3.0)
        client.complain()
        client.stop()
        assert (await over(client)).reason == "stopped"
        assert kinds(client).count(Trouble) == 2
        assert FinalTranslation in kinds(client)

    on_stage(scene)


@pytest.mark.parametrize(
    ("act", "code"), [("revoke", "credential_revoked"), ("close", "account_closed"), ("expire", "credential_expired")]
)
def test_whoever_may_no_longer_is_out_within_seconds(on_stage, act, code):
    async def scene(server, client):
        await client.listening()
        await client.speak(6.0)
        now = server.clocks.utc()
        if act == "revoke":
            await server.keys.revoke(client.customer.key_id, now)
        elif act == "close":
            await server.accounts.close(client.customer.id, now)
        else:
            (running,) = server.supervisor._running.values()
            object.__setattr__(running.principal, "expires_at", now)
        done = anyio.current_time()
        await client.speak(60.0)
        assert anyio.current_time() - done < 3
        trouble, closed = client.heard.events[-2:]
        assert (trouble.error.code, closed.reason) == (code, "revoked")
        assert 6 <= closed.tokens <= 9

    on_stage(scene)


def test_a_server_that_stops_gives_the_tail(on_stage):
    async def scene(server, client):
        await client.listening()
        await client.speak(6.2)
        await server.supervisor.wind_up()
        assert client.heard.events[-1] == Closed("shutdown", 7, 7)
        assert kinds(client).count(SentenceSpoken) == 2
        await client.session()
        assert client.heard.events[-1].error.code == "shutting_down"

    on_stage(scene)


def test_an_utterance_that_no_engine_survives_is_named_and_the_session_goes_on(on_stage):
    """Twice, so that hearing it again does not help."""

    async def scene(server, client):
        await client.listening()
        await client.speak(1.0)
        server.hosts["recognizer scripted"].crashing = 2
        await client.speak(19.0)
        client.stop()
        assert await over(client) == Closed("stopped", 20, 20)
        assert [event.code for event in client.heard.events if isinstance(event, Notice)] == ["engine_crashed"]
        assert kinds(client).count(SentenceSpoken) == 4

    on_stage(scene)


def test_a_run_that_breaks_is_settled_and_says_so(on_stage):
    dying = []

    async def scene(server, client):
        await client.listening()
        await client.speak(3.0)
        dying.append(True)
        await client.speak(10.0)
        trouble, closed = client.heard.events[-2:]
        assert (trouble.error.code, closed.reason, closed.seconds) == ("engine_crashed", "failed", 4)

    on_stage(scene, mood=Mood(latency=lambda: 0.01, crashes=lambda: bool(dying)))


def test_engines_that_are_not_ready_in_time(on_stage):
    async def scene(server, client):
        assert (await over(client)).error.code == "engine_failed"
        assert anyio.current_time() < 4

    on_stage(scene, mood=Mood(latency=lambda: 60.0), limits=LiveLimits(start=3.0))


def test_a_ledger_that_does_not_answer_gives_no_time_away(on_stage, fast_folder):
    async def scene(server, client):
        await client.listening()
        other = lock(fast_folder)
        await client.speak(14.0)
        other.close()
        closed = await over(client)
        assert (closed.reason, closed.seconds) == ("failed", 10)
        assert [event.error.code for event in client.heard.events if isinstance(event, Trouble)] == ["database_busy"]

    on_stage(scene, limits=LiveLimits(block=10.0))


def test_a_short_silence_of_the_ledger_is_not_noticed(on_stage, fast_folder):
    async def scene(server, client):
        await client.listening()
        await client.speak(4.0)
        other = lock(fast_folder)
        await client.speak(3.0)
        other.close()
        await client.speak(13.5)
        client.stop()
        assert await over(client) == Closed("stopped", 21, 21)
        assert Trouble not in kinds(client)

    on_stage(scene, limits=LiveLimits(block=10.0))


def test_what_cannot_be_settled_is_left_to_the_reaper(on_stage, fast_folder):
    async def scene(server, client):
        await client.listening()
        await client.speak(5.5)
        other = lock(fast_folder)
        client.stop()
        assert await over(client) == Closed("stopped", 6, 6)
        await anyio.sleep(3)
        other.close()
        await anyio.sleep(30)
        (used,) = await server.ledger.usage(client.customer.id)
        assert used.seconds in (4, 5)

    on_stage(scene)


def test_one_connection_runs_session_after_session(on_stage):
    async def scene(server, client):
        await client.listening()
        client.stop()
        await over(client)
        async with anyio.create_task_group() as group:
            group.start_soon(client.session)
            await anyio.lowlevel.checkpoint()
            await client.listening()
            await client.speak(2.5)
            client.stop()
        assert [heard.events[-1].reason for heard in client.sessions] == ["stopped", "stopped"]
        assert len(await server.ledger.usage(client.customer.id)) == 2

    on_stage(scene)


def test_a_target_that_is_written_only(on_stage):
    async def scene(server, client):
        client.stop()
        await over(client)
        options = RunOptions(source="en", targets=("es",), recognition="live")
        async with anyio.create_task_group() as group:
            group.start_soon(client.session, options)
            await anyio.lowlevel.checkpoint()
            await client.listening()
            await client.speak(3.0)
            client.stop()
        (attached,) = [event for event in client.heard.events if isinstance(event, Attached)]
        assert attached.spoken == ()
        assert SentenceSpoken not in kinds(client)

    on_stage(scene)
