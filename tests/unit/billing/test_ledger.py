from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from dragoman.billing.amounts import MAX_TOKENS
from dragoman.billing.journal import Balance
from dragoman.billing.rates import Charge, charge
from dragoman.core.errors import (
    AccountClosed,
    AccountNotFound,
    HoldClosed,
    HoldExceeded,
    HoldExists,
    HoldNotFound,
    IdempotencyConflict,
    InsufficientTokens,
    InvalidAmount,
)
from dragoman.storage.database import transaction
from dragoman.storage.tables import accounts

pytestmark = pytest.mark.anyio

LATER = timedelta(minutes=1)


@pytest.fixture(autouse=True)
async def balanced(ledger):
    """Whatever a test does, the books balance in the end."""
    yield
    assert (await ledger.reconcile()).findings == ()


async def test_a_session_from_hold_to_settlement(ledger, session, now):
    held = await ledger.hold("h", session(), 20, now)
    assert (held.amount, held.balance) == (20, Balance(available=80, reserved=20))
    added = await ledger.top_up("t", "s1", 20, now)
    assert (added.amount, added.balance) == (20, Balance(available=60, reserved=40))
    settled = await ledger.settle("e", "s1", charge(15_001, 2, 40), now + LATER)
    assert (settled.amount, settled.balance) == (32, Balance(available=68))
    assert await ledger.balance("acme") == settled.balance
    assert settled.balance.balance == 68
    (used,) = await ledger.usage("acme")
    assert (used.seconds, used.tokens, used.tokens_per_second) == (16, 32, 2)
    assert (used.started_at, used.ended_at) == (now, now + LATER)
    assert (used.session_id, used.product, used.source) == ("s1", "live_speech", "en")
    assert (used.targets, used.engines, used.key_id) == (("es", "fr"), ("ears", "mt"), None)


async def test_a_session_that_never_began_costs_nothing(ledger, session, now):
    await ledger.hold("h", session(), 20, now)
    released = await ledger.release("r", "s1", now)
    assert (released.amount, released.balance) == (20, Balance(available=100))
    assert await ledger.usage("acme") == []


async def test_a_session_can_take_the_last_token(ledger, session, now):
    await ledger.hold("h", session(), 60, now)
    last = await ledger.top_up("t", "s1", 60, now, at_least=1)
    assert last.amount == 40
    with pytest.raises(InsufficientTokens):
        await ledger.top_up("t2", "s1", 60, now, at_least=1)
    assert (await ledger.settle("e", "s1", Charge(50, 100), now)).balance == Balance()


@pytest.mark.parametrize(("amount", "at_least", "held"), [(100, None, 100), (120, 2, 100), (120, 100, 100), (0, 0, 0)])
async def test_as_much_as_there_is(ledger, session, now, amount, at_least, held):
    assert (await ledger.hold("h", session(), amount, now, at_least=at_least)).amount == held


@pytest.mark.parametrize(("amount", "at_least"), [(101, None), (120, 101)])
async def test_what_there_is_not(ledger, session, now, amount, at_least):
    with pytest.raises(InsufficientTokens, match="100 are available"):
        await ledger.hold("h", session(), amount, now, at_least=at_least)
    assert await ledger.balance("acme") == Balance(available=100)
    assert await ledger.open_holds("acme") == []


async def test_an_account_without_tokens(ledger, session, now):
    assert await ledger.balance("poor") == Balance()
    with pytest.raises(InsufficientTokens):
        await ledger.hold("h", session(account="poor"), 1, now)
    assert (await ledger.hold("h", session(account="poor", rate=0), 0, now)).amount == 0
    assert (await ledger.settle("e", "s1", charge(90_000, 0, 0), now)).amount == 0
    assert [(used.seconds, used.tokens) for used in await ledger.usage("poor")] == [(90, 0)]


async def test_the_same_request_gets_the_same_answer(ledger, session, now):
    async def everything(at):
        return [
            await ledger.grant("g", "acme", 7, at),
            await ledger.hold("h", session(), 200, at, at_least=5),
            await ledger.grant("g2", "acme", 50, at),
            await ledger.top_up("t", "s1", 10, at),
            await ledger.settle("e", "s1", Charge(3, 6), at),
            await ledger.hold("h2", session("s2"), 5, at),
            await ledger.release("r", "s2", at),
        ]

    first = await everything(now)
    again = await everything(now + LATER)
    assert again == first
    assert (await ledger.reconcile()).transfers == 1 + len(first)


async def test_the_same_key_for_another_request(ledger, session, now):
    await ledger.hold("k", session(), 20, now)
    for request in (
        ledger.grant("k", "acme", 20, now),
        ledger.hold("k", session(), 21, now, at_least=20),
        ledger.hold("k", session("s2"), 20, now),
        ledger.hold("k", replace(session(), targets=("de",)), 20, now),
        ledger.top_up("k", "s1", 20, now),
        ledger.settle("k", "s1", Charge(0, 0), now),
        ledger.release("k", "s1", now),
        ledger.grant("k", "poor", 20, now),
    ):
        with pytest.raises(IdempotencyConflict, match="'k'"):
            await request
    assert await ledger.balance("acme") == Balance(available=80, reserved=20)
    assert [hold.session.id for hold in await ledger.open_holds("acme")] == ["s1"]


async def test_a_refused_request_does_not_use_up_its_key(ledger, session, now):
    with pytest.raises(InsufficientTokens):
        await ledger.hold("h", session(), 150, now)
    await ledger.grant("g", "acme", 100, now)
    assert (await ledger.hold("h", session(), 150, now)).amount == 150


async def test_a_session_is_paid_for_once(ledger, session, now):
    await ledger.hold("h", session(), 20, now)
    with pytest.raises(HoldExists):
        await ledger.hold("h2", session(), 20, now)
    with pytest.raises(InsufficientTokens):
        await ledger.hold("h3", session(account="poor"), 20, now)
    await ledger.settle("e", "s1", Charge(5, 10), now)
    for request in (
        ledger.settle("e2", "s1", Charge(5, 10), now),
        ledger.release("r", "s1", now),
        ledger.top_up("t", "s1", 1, now),
    ):
        with pytest.raises(HoldClosed, match="s1"):
            await request
    with pytest.raises(HoldExists):
        await ledger.hold("h4", session(), 20, now)


async def test_never_more_than_held_nor_than_it_costs(ledger, session, now):
    await ledger.hold("h", session(), 20, now)
    with pytest.raises(HoldExceeded, match="20 are held"):
        await ledger.settle("e", "s1", Charge(11, 22), now)
    with pytest.raises(InvalidAmount, match="5 seconds cost 10"):
        await ledger.settle("e", "s1", Charge(5, 11), now)
    with pytest.raises(InvalidAmount):
        await ledger.settle("e", "s1", Charge(5, -1), now)
    assert await ledger.balance("acme") == Balance(available=80, reserved=20)


async def test_what_does_not_exist(ledger, session, now):
    for request in (
        ledger.grant("k", "nobody", 1, now),
        ledger.balance("nobody"),
        ledger.hold("k", session(account="nobody"), 0, now),
    ):
        with pytest.raises(AccountNotFound, match="nobody"):
            await request
    for request in (
        ledger.top_up("k", "nothing", 1, now),
        ledger.settle("k", "nothing", Charge(0, 0), now),
        ledger.release("k", "nothing", now),
    ):
        with pytest.raises(HoldNotFound, match="nothing"):
            await request


@pytest.mark.parametrize("amount", [0, -1, 1.5, True, MAX_TOKENS + 1])
async def test_only_whole_amounts_in_range(ledger, amount, now):
    with pytest.raises(InvalidAmount):
        await ledger.grant("g", "acme", amount, now)


async def test_no_account_has_more_than_can_be_written_in_json(ledger, now):
    await ledger.grant("g", "poor", MAX_TOKENS, now)
    with pytest.raises(InvalidAmount, match="more tokens than it can"):
        await ledger.grant("g2", "poor", 1, now)


@pytest.mark.parametrize("at_least", [21, -1, 0.5])
async def test_a_least_amount_that_makes_no_sense(ledger, session, now, at_least):
    with pytest.raises(InvalidAmount):
        await ledger.hold("h", session(), 20, now, at_least=at_least)


async def test_a_closed_account_only_finishes(ledger, session, now):
    await ledger.hold("h", session(), 20, now)
    async with transaction(ledger.database) as connection:
        await connection.execute(update(accounts).values(closed_at=now))
    for request in (
        ledger.grant("g", "acme", 1, now),
        ledger.hold("h2", session("s2"), 1, now),
        ledger.top_up("t", "s1", 1, now),
    ):
        with pytest.raises(AccountClosed):
            await request
    assert (await ledger.hold("h", session(), 20, now)).amount == 20  # asked again
    assert (await ledger.settle("e", "s1", Charge(10, 20), now)).balance == Balance(available=80)


async def test_as_part_of_a_larger_transaction(ledger, session, now):
    with pytest.raises(ZeroDivisionError):
        await _hold_and_fail(ledger, session, now)
    assert await ledger.balance("acme") == Balance(available=100)
    async with transaction(ledger.database) as within:
        await ledger.hold("h", session(), 20, now, within=within)
        with pytest.raises(InsufficientTokens):
            await ledger.hold("h2", session("s2"), 500, now, within=within)
        with pytest.raises(IdempotencyConflict):
            await ledger.grant("h", "acme", 1, now, within=within)
        await ledger.settle("e", "s1", Charge(10, 20), now, within=within)
    assert await ledger.balance("acme") == Balance(available=80)


async def _hold_and_fail(ledger, session, now):
    async with transaction(ledger.database) as within:
        await ledger.grant("g", "acme", 10, now, within=within)
        await ledger.hold("h", session(), 20, now, within=within)
        raise ZeroDivisionError


async def test_usage_is_newest_first_and_of_one_account(ledger, session, now):
    await ledger.grant("g", "poor", 10, now)
    for number, account in enumerate(["acme", "poor", "acme", "acme"]):
        await ledger.hold(f"h{number}", session(f"s{number}", account), 2, now)
        await ledger.settle(f"e{number}", f"s{number}", Charge(1, 2), now + number * LATER)
    assert [used.session_id for used in await ledger.usage("acme")] == ["s3", "s2", "s0"]
    assert [used.session_id for used in await ledger.usage("acme", limit=1)] == ["s3"]
