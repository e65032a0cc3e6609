"""Many at once: nothing is spent twice, no request is done twice."""

import random
from collections import Counter

import anyio
import pytest

from dragoman.billing.journal import Balance
from dragoman.billing.ledger import Ledger
from dragoman.billing.rates import Charge
from dragoman.core.errors import HoldClosed, IdempotencyConflict, InsufficientTokens
from dragoman.storage.database import open_database

from .conftest import add_accounts

pytestmark = pytest.mark.anyio


async def outcomes(*requests):
    """What each of several concurrent requests answered: a transfer, or the kind of its error."""
    answers = [None] * len(requests)

    async def ask(place, request):
        try:
            answers[place] = await request
        except (InsufficientTokens, IdempotencyConflict, HoldClosed) as error:
            answers[place] = type(error)

    async with anyio.create_task_group() as group:
        for place, request in enumerate(requests):
            group.start_soon(ask, place, request)
    return answers


async def test_two_sessions_never_spend_more_than_there_is(ledger, session, now):
    answers = await outcomes(*(ledger.hold(f"h{i}", session(f"s{i}"), 15, now) for i in range(20)))
    assert Counter(answer is InsufficientTokens for answer in answers) == {False: 6, True: 14}
    assert await ledger.balance("acme") == Balance(available=10, reserved=90)
    assert (await ledger.reconcile()).findings == ()


async def test_the_rest_goes_to_whoever_comes_first(ledger, session, now):
    answers = await outcomes(*(ledger.hold(f"h{i}", session(f"s{i}"), 30, now, at_least=1) for i in range(12)))
    amounts = sorted(answer.amount for answer in answers if answer is not InsufficientTokens)
    assert amounts == [10, 30, 30, 30]


async def test_one_request_many_times_at_once(ledger, session, now):
    answers = await outcomes(*(ledger.hold("h", session(), 15, now) for _ in range(12)))
    assert len(set(answers)) == 1
    answers = await outcomes(*(ledger.settle("e", "s1", Charge(5, 10), now) for _ in range(12)))
    assert len(set(answers)) == 1
    assert await ledger.balance("acme") == Balance(available=90)


async def test_two_settlements_of_one_session(ledger, session, now):
    await ledger.hold("h", session(), 40, now)
    answers = await outcomes(*(ledger.settle(f"e{i}", "s1", Charge(i, i), now) for i in range(1, 11)))
    assert Counter(answer is HoldClosed for answer in answers) == {False: 1, True: 9}
    assert (await ledger.reconcile()).findings == ()


async def test_one_key_on_two_accounts_at_once(ledger, now):
    answers = await outcomes(*(ledger.grant("k", account, 5, now) for account in ["acme", "poor"] * 5))
    done = {answer for answer in answers if answer is not IdempotencyConflict}
    assert len(done) == 1
    assert (await ledger.reconcile()).transfers == 2


async def test_accounts_that_get_their_first_tokens_at_once(ledger, now):
    await outcomes(*(ledger.grant(f"g{i}", "poor", 1, now) for i in range(10)))
    assert await ledger.balance("poor") == Balance(available=10)


@pytest.mark.parametrize("seed", range(3))
async def test_whole_sessions_of_several_processes(database_url, session, now, seed):
    """Each task has a database of its own, as another process would."""
    chance = random.Random(seed)
    customers = ["a", "b"]
    async with open_database(database_url) as first:
        await add_accounts(first, *customers)
        for customer in customers:
            await Ledger(first).grant(f"g:{customer}", customer, 200, now)

    async def run(process):
        async with open_database(database_url) as database:
            ledger = Ledger(database)
            for number in range(8):
                await one_session(ledger, f"{process}-{number}", chance.choice(customers))

    async def one_session(ledger, id_, customer):
        try:
            held = (
                await ledger.hold(f"h:{id_}", session(id_, customer), chance.randint(1, 40), now, at_least=1)
            ).amount
        except InsufficientTokens:
            return
        more = await outcomes(ledger.top_up(f"t:{id_}", id_, chance.randint(1, 40), now))
        held += 0 if more == [InsufficientTokens] else more[0].amount
        end = chance.choice(["settle", "release", "crash"])
        if end == "settle":
            await ledger.settle(f"e:{id_}", id_, Charge(held, chance.randint(0, held)), now)
        elif end == "release":
            await ledger.release(f"r:{id_}", id_, now)
        else:
            await ledger.heartbeat({id_: chance.randint(0, 10_000)}, now)

    async with anyio.create_task_group() as group:
        for process in range(3):
            group.start_soon(run, process)

    async with open_database(database_url) as database:
        ledger = Ledger(database)
        assert (await ledger.reconcile()).findings == ()
        for customer in customers:
            charged = sum(used.tokens for used in await ledger.usage(customer))
            assert (await ledger.balance(customer)).balance == 200 - charged
