"""Tokens in blocks, on a real ledger that is not always there."""

import sqlite3

import anyio
import pytest
from tests.service.unthreaded_sqlite import PowerSupply
from tests.service.virtual_time import play
from tests.service.world import calm_server, new_customer

from dragoman.billing.holds import Session
from dragoman.billing.journal import Balance
from dragoman.billing.rates import Charge
from dragoman.core.errors import DatabaseBusy, DatabaseUnavailable, HoldClosed, InsufficientTokens
from dragoman.live.meter import Meter


@pytest.fixture
def on_ledger(fast_folder, sqlite_template):
    """Plays a scene with a server and a customer of so many tokens."""

    def run(scene, tokens=100, power=None):
        async def whole():
            async with calm_server(fast_folder, sqlite_template, power=power) as server:
                customer = await new_customer(server, "acme", tokens)
                await scene(server, customer)
                assert (await server.ledger.reconcile()).findings == ()

        play(whole)

    return run


def meter(server, customer, rate=1, block=10.0, id_="s1"):
    session = Session(id_, customer.id, "live_speech", rate, "en", ("es",), (), "test", customer.key_id)
    return Meter(server.ledger, session, server.clocks, block=block)


def locked(folder):
    other = sqlite3.connect(folder / "dragoman.db", isolation_level=None, timeout=0)
    other.execute("BEGIN IMMEDIATE")
    return other


def test_a_block_is_held_and_the_rest_given_back(on_ledger):
    async def scene(server, customer):
        one = meter(server, customer, rate=3)
        await one.open(("ears",))
        assert await server.ledger.balance(customer.id) == Balance(available=70, reserved=30)
        one.start()
        await anyio.sleep(4.2)
        assert await one.close() == Charge(5, 15)
        assert await server.ledger.balance(customer.id) == Balance(available=85)
        (used,) = await server.ledger.usage(customer.id)
        assert (used.engines, used.seconds, used.tokens) == (("ears",), 5, 15)

    on_ledger(scene)


def test_the_last_second_costs_what_is_left(on_ledger):
    async def scene(server, customer):
        one = meter(server, customer, rate=3, block=60.0)
        await one.open(())
        one.start()
        await anyio.sleep(3.1)
        one.stop(at=one.runs_out_at)
        assert await one.close() == Charge(3, 8)
        assert await server.ledger.balance(customer.id) == Balance()

    on_ledger(scene, tokens=8)


def test_less_than_a_second_is_no_beginning(on_ledger):
    async def scene(server, customer):
        one = meter(server, customer, rate=3)
        with pytest.raises(InsufficientTokens):
            await one.open(())
        assert not one.holding
        assert await one.close() == Charge(0, 0)
        assert await server.ledger.balance(customer.id) == Balance(available=2)

    on_ledger(scene, tokens=2)


def test_more_is_held_before_it_runs_out_and_a_late_grant_counts(on_ledger):
    async def scene(server, customer):
        one = meter(server, customer)
        await one.open(())
        one.start()
        assert one.top_up_at == pytest.approx(anyio.current_time() + 5)
        await anyio.sleep(5)
        assert not one.dry
        await one.top_up()
        assert one.dry
        assert one.runs_out_at - anyio.current_time() == pytest.approx(10, abs=0.1)  # all 15 are held now
        await anyio.sleep(6)
        await one.top_up()
        assert one.dry
        assert anyio.current_time() < one.top_up_at < one.runs_out_at
        await server.ledger.grant("late", customer.id, 7, server.clocks.utc())
        await one.top_up()
        assert one.runs_out_at - anyio.current_time() == pytest.approx(11, abs=0.1)
        await anyio.sleep(8)
        assert (await one.close()).tokens == 20

    on_ledger(scene, tokens=15)


@pytest.mark.parametrize(("tokens", "blocks"), [(5, 0), (15, 1), (25, 2)])
def test_less_than_a_block_is_the_last(on_ledger, fast_folder, tokens, blocks):
    """That nothing is left is known at once: the ledger may be too busy to say it again before the tokens run out."""

    async def scene(server, customer):
        one = meter(server, customer)
        await one.open(())
        one.start()
        for _ in range(blocks):
            assert not one.dry
            await one.top_up()
        assert one.dry
        other = locked(fast_folder)
        await one.top_up()
        other.close()
        assert one.dry
        await server.ledger.grant("late", customer.id, 100, server.clocks.utc())
        await one.top_up()
        assert not one.dry
        await one.close()

    on_ledger(scene, tokens=tokens)


def test_a_whole_block_says_nothing_of_what_is_left(on_ledger):
    async def scene(server, customer):
        one = meter(server, customer)
        await one.open(())
        assert not one.dry
        await one.top_up()
        assert one.dry
        await one.close()

    on_ledger(scene, tokens=10)


def test_a_free_product_never_runs_out(on_ledger):
    async def scene(server, customer):
        one = meter(server, customer, rate=0)
        await one.open(())
        one.start()
        await anyio.sleep(10.5)
        assert one.runs_out_at == one.top_up_at == float("inf")
        assert not one.dry
        assert await one.close() == Charge(11, 0)

    on_ledger(scene, tokens=0)


def test_a_session_that_never_began_gives_all_back(on_ledger):
    async def scene(server, customer):
        one = meter(server, customer)
        await one.open(())
        assert await one.close() == Charge(0, 0)
        assert await one.close() == Charge(0, 0)
        assert await server.ledger.balance(customer.id) == Balance(available=100)
        assert await server.ledger.usage(customer.id) == []

    on_ledger(scene)


def test_a_ledger_that_is_away_is_asked_until_it_answers(on_ledger, fast_folder):
    async def scene(server, customer):
        one = meter(server, customer)
        await one.open(())
        one.start()
        await anyio.sleep(2)
        one.stop()
        other = locked(fast_folder)
        async with anyio.create_task_group() as group:
            group.start_soon(one.close)
            await anyio.sleep(30)
            other.close()
        assert await server.ledger.balance(customer.id) == Balance(available=98)

    on_ledger(scene)


def test_a_hold_that_nobody_confirmed_is_given_back_or_was_never_made(on_ledger, fast_folder):
    async def scene(server, customer):
        one = meter(server, customer)
        other = locked(fast_folder)
        with pytest.raises(DatabaseBusy):
            await one.open(())
        other.close()
        assert await one.close() == Charge(0, 0)
        assert await server.ledger.balance(customer.id) == Balance(available=100)

    on_ledger(scene)


def test_a_hold_that_was_made_without_our_knowing_is_given_back(on_ledger):
    power = PowerSupply(lambda: 0.001)

    async def scene(server, customer):
        one = meter(server, customer)
        power.hesitation = lambda: 12.0
        with pytest.raises(DatabaseUnavailable):
            await one.open(())
        power.hesitation = lambda: 0.0
        await one.close()
        await anyio.sleep(5)
        assert await server.ledger.balance(customer.id) == Balance(available=100)
        assert await server.ledger.open_holds(customer.id) == []

    on_ledger(scene, power=power)


def test_a_top_up_without_an_answer_is_asked_again_and_held_once(on_ledger, fast_folder):
    async def scene(server, customer):
        one = meter(server, customer)
        await one.open(())
        one.start()
        other = locked(fast_folder)
        await one.top_up()
        other.close()
        assert not one.dry
        assert one.top_up_at > anyio.current_time()
        await one.top_up()
        assert await server.ledger.balance(customer.id) == Balance(available=80, reserved=20)
        await one.close()

    on_ledger(scene)


def test_what_the_reaper_has_charged_is_what_was_charged(on_ledger):
    async def scene(server, customer):
        one = meter(server, customer)
        await one.open(())
        one.start()
        await server.ledger.heartbeat({"s1": 4000}, server.clocks.utc())
        await anyio.sleep(60)
        assert await server.ledger.open_holds(customer.id) == []
        with pytest.raises(HoldClosed):
            await one.top_up()
        assert await one.close() == Charge(4, 4)

    on_ledger(scene)
