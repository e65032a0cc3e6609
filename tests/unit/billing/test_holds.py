"""Heartbeats, and what happens to sessions that have none any more."""

import dataclasses
from datetime import timedelta

import anyio
import pytest

from dragoman.billing.journal import Balance
from dragoman.billing.rates import Charge
from dragoman.core.errors import HoldClosed

pytestmark = pytest.mark.anyio

SECOND = timedelta(seconds=1)
SILENCE = 10 * SECOND


@pytest.fixture(autouse=True)
async def balanced(ledger):
    yield
    assert (await ledger.reconcile()).findings == ()


async def test_a_heartbeat_says_how_far_a_session_has_come(ledger, session, now):
    await ledger.hold("h", session(), 20, now)
    assert await ledger.heartbeat({"s1": 1500}, now + SECOND) == frozenset()
    (hold,) = await ledger.open_holds("acme")
    assert (hold.metered_ms, hold.heartbeat_at, hold.opened_at) == (1500, now + SECOND, now)
    assert (hold.held, hold.session) == (20, session())


async def test_a_meter_never_runs_backwards(ledger, session, now):
    await ledger.hold("h", session(), 20, now)
    await ledger.heartbeat({"s1": 1500}, now + SECOND)
    await ledger.heartbeat({"s1": 1400}, now + 2 * SECOND)
    (hold,) = await ledger.open_holds("acme")
    assert (hold.metered_ms, hold.heartbeat_at) == (1500, now + 2 * SECOND)


async def test_many_at_once_and_which_are_over(ledger, session, now):
    for number in range(5):
        await ledger.hold(f"h{number}", session(f"s{number}"), 10, now)
    await ledger.release("r", "s1", now)
    await ledger.settle("e", "s3", Charge(1, 2), now)
    over = await ledger.heartbeat({f"s{number}": 100 * number for number in range(7)}, now)
    assert over == {"s1", "s3", "s5", "s6"}
    assert [hold.metered_ms for hold in await ledger.open_holds("acme")] == [0, 200, 400]
    assert await ledger.heartbeat({}, now) == frozenset()


async def test_a_silent_session_is_settled_at_its_last_heartbeat(ledger, session, now):
    await ledger.hold("h", session(), 20, now)
    await ledger.heartbeat({"s1": 3999}, now + 4 * SECOND)
    assert await ledger.reap(now + 13 * SECOND, SILENCE) == []
    (settled,) = await ledger.reap(now + 14 * SECOND, SILENCE)
    assert (settled.kind, settled.amount, settled.balance) == ("settle", 6, Balance(available=94))
    (used,) = await ledger.usage("acme")
    assert (used.seconds, used.tokens, used.ended_at) == (3, 6, now + 4 * SECOND)
    assert await ledger.reap(now + 15 * SECOND, SILENCE) == []
    with pytest.raises(HoldClosed):
        await ledger.settle("e", "s1", Charge(10, 20), now)
    assert await ledger.heartbeat({"s1": 9000}, now + 15 * SECOND) == {"s1"}


async def test_a_session_that_crashed_before_its_first_heartbeat_costs_nothing(ledger, session, now):
    await ledger.hold("h", session(), 20, now)
    (settled,) = await ledger.reap(now + SILENCE, SILENCE)
    assert (settled.amount, settled.balance) == (0, Balance(available=100))


async def test_nobody_pays_for_more_than_was_held(ledger, session, now):
    await ledger.hold("h", session(), 20, now)
    await ledger.heartbeat({"s1": 60_000}, now)
    (settled,) = await ledger.reap(now + SILENCE, SILENCE)
    assert settled.amount == 20


async def test_a_server_settles_for_its_predecessor_at_once(ledger, session, now):
    await ledger.hold("h1", session("s1", owner="gateway-1"), 20, now)
    await ledger.hold("h2", session("s2", owner="gateway-2"), 20, now)
    stale = await ledger.stale(now, timedelta(0), owner="gateway-1")
    assert [hold.session.id for hold in stale] == ["s1"]
    await ledger.reap(now, timedelta(0), owner="gateway-1")
    assert [hold.session.id for hold in await ledger.open_holds("acme")] == ["s2"]


async def test_several_reapers_at_once(ledger, session, now):
    for number in range(6):
        await ledger.hold(f"h{number}", session(f"s{number}"), 10, now)
        await ledger.heartbeat({f"s{number}": 1000}, now)
    reaped = []

    async def reap():
        reaped.extend(await ledger.reap(now + SILENCE, SILENCE))

    async with anyio.create_task_group() as group:
        for _ in range(4):
            group.start_soon(reap)
    assert sorted(transfer.session_id for transfer in reaped) == [f"s{number}" for number in range(6)]
    assert await ledger.balance("acme") == Balance(available=88)


async def test_a_heartbeat_in_the_last_moment_saves_a_session(ledger, session, now):
    await ledger.hold("h", session(), 20, now)
    stale = await ledger.stale(now + SILENCE, SILENCE)
    await ledger.heartbeat({"s1": 10_000}, now + SILENCE)
    assert len(stale) == 1
    assert await ledger._reap_one("s1", now + SILENCE, SILENCE) is None
    assert len(await ledger.open_holds("acme")) == 1


async def test_a_job_may_wait_in_silence_as_long_as_it_takes(ledger, session, now):
    job = dataclasses.replace(session("job"), product="batch")
    await ledger.hold("h", job, 20, now)
    assert await ledger.reap(now + timedelta(days=2), SILENCE) == []
    (hold,) = await ledger.open_holds("acme")
    assert hold.session == job
