"""Any order of anything: the ledger beside a model of it that fits on one page.

The model is a dictionary per idea and knows no database. After every step both must have given the same answer, and
the books must balance.
"""

import random
import shutil
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

import pytest
from anyio.from_thread import start_blocking_portal
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select
from tests.databases import postgres_database

from dragoman.billing.holds import Session
from dragoman.billing.journal import Balance
from dragoman.billing.ledger import Ledger
from dragoman.billing.rates import Charge, charge
from dragoman.core.errors import (
    HoldClosed,
    HoldExceeded,
    HoldExists,
    HoldNotFound,
    IdempotencyConflict,
    InsufficientTokens,
    MoneyError,
)
from dragoman.storage.database import open_database, snapshot
from dragoman.storage.tables import postings

from .conftest import NOW, add_accounts

ACCOUNTS = ("a", "b")
SILENCE = timedelta(seconds=10)
amounts = st.integers(0, 30)
customers = st.sampled_from(ACCOUNTS)
picks = st.tuples(st.sampled_from(["open", "any", "none"]), st.integers(0, 99))
"""Which session a request is about: one that runs, or any, or one that never was."""


@dataclass
class ModelHold:
    account: str
    rate: int
    held: int
    metered_ms: int
    heard_of: timedelta
    closed: bool = False


@dataclass
class Model:
    """What the ledger ought to do."""

    available: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ACCOUNTS, 0))
    granted: int = 0
    charged: int = 0
    holds: dict[str, ModelHold] = field(default_factory=dict)

    def balance(self, account):
        reserved = sum(hold.held for hold in self.holds.values() if hold.account == account)
        return Balance(self.available[account], reserved)

    def take(self, account, amount, least):
        if self.available[account] < least:
            raise InsufficientTokens("")
        taken = min(amount, self.available[account])
        self.available[account] -= taken
        return taken

    def open(self, session):
        if session not in self.holds:
            raise HoldNotFound("")
        if self.holds[session].closed:
            raise HoldClosed("")
        return self.holds[session]

    def grant(self, account, amount):
        self.available[account] += amount
        self.granted += amount
        return amount

    def hold(self, session, account, rate, amount, least, now):
        if self.available[account] < least:
            raise InsufficientTokens("")
        if session in self.holds:
            raise HoldExists("")
        held = self.take(account, amount, least)
        self.holds[session] = ModelHold(account, rate, held, 0, now)
        return held

    def top_up(self, session, amount, least):
        hold = self.open(session)
        added = self.take(hold.account, amount, least)
        hold.held += added
        return added

    def settle(self, session, billed):
        hold = self.open(session)
        if billed.tokens > hold.held:
            raise HoldExceeded("")
        self.available[hold.account] += hold.held - billed.tokens
        self.charged += billed.tokens
        hold.held, hold.closed = 0, True
        return billed.tokens

    def release(self, session):
        hold = self.open(session)
        given_back = hold.held
        self.available[hold.account] += given_back
        hold.held, hold.closed = 0, True
        return given_back


class Interleavings(RuleBasedStateMachine):
    """Requests of any kind, each asked once or again, under its own key or another's."""

    new_url = None
    """Set by the test: a function that makes a new database."""

    def __init__(self):
        super().__init__()
        self.model = Model()
        self.clock = timedelta(0)
        self.asked = []
        """Every request that was answered: its key, how to ask it again, and the answer."""

    @initialize()
    def open(self):
        self.portal_context = start_blocking_portal()
        self.portal = self.portal_context.__enter__()
        self.database_context = self.portal.wrap_async_context_manager(open_database(self.new_url()))
        self.database = self.database_context.__enter__()
        self.ledger = Ledger(self.database)
        self.portal.call(add_accounts, self.database, *ACCOUNTS)
        for account in ACCOUNTS:
            self.grant(account, 60)

    def teardown(self):
        if hasattr(self, "database"):
            self.database_context.__exit__(None, None, None)
            self.portal_context.__exit__(None, None, None)

    def picked(self, pick):
        which, number = pick
        running = sorted(id_ for id_, hold in self.model.holds.items() if not hold.closed)
        among = {"open": running, "any": sorted(self.model.holds), "none": []}[which]
        return among[number % len(among)] if among else "nothing"

    def now(self):
        return NOW + self.clock

    def ask(self, request, expected):
        """Asks the ledger under a new key, and the model; both must say the same."""
        key = f"k{len(self.asked)}.{self.clock.total_seconds()}"
        assert self.outcome(request, key) == self.predicted(expected)

    def outcome(self, request, key):
        try:
            answer = self.portal.call(request, key, self.now())
        except MoneyError as error:
            return type(error)
        self.asked.append((key, request, answer))
        return answer.amount

    @staticmethod
    def predicted(expected):
        try:
            return expected()
        except MoneyError as error:
            return type(error)

    @rule(account=customers, amount=st.integers(1, 60))
    def grant(self, account, amount):
        self.ask(
            lambda key, now: self.ledger.grant(key, account, amount, now), lambda: self.model.grant(account, amount)
        )

    @rule(number=st.integers(0, 15), account=customers, amount=amounts, spare=amounts, rate=st.integers(0, 3))
    def hold(self, number, account, amount, spare, rate):
        id_ = f"s{number}"
        session = Session(id_, account, "realtime", rate, "en", ("es",), ("mt",), "me")
        least = max(0, amount - spare)
        self.ask(
            lambda key, now: self.ledger.hold(key, session, amount, now, at_least=least),
            lambda: self.model.hold(id_, account, rate, amount, least, self.clock),
        )

    @rule(pick=picks, amount=amounts, spare=amounts)
    def top_up(self, pick, amount, spare):
        id_ = self.picked(pick)
        least = max(0, amount - spare)
        self.ask(
            lambda key, now: self.ledger.top_up(key, id_, amount, now, at_least=least),
            lambda: self.model.top_up(id_, amount, least),
        )

    @rule(pick=picks, metered_ms=st.integers(0, 40_000))
    def settle(self, pick, metered_ms):
        id_ = self.picked(pick)
        hold = self.model.holds.get(id_)
        billed = charge(metered_ms, hold.rate, hold.held) if hold else Charge(0, 0)
        self.ask(lambda key, now: self.ledger.settle(key, id_, billed, now), lambda: self.model.settle(id_, billed))

    @rule(pick=picks, excess=st.integers(1, 5))
    def charge_too_much(self, pick, excess):
        id_ = self.picked(pick)
        hold = self.model.holds.get(id_)
        billed = Charge(1000, hold.held + excess if hold else excess)
        self.ask(lambda key, now: self.ledger.settle(key, id_, billed, now), lambda: self.model.settle(id_, billed))

    @rule(pick=picks)
    def release(self, pick):
        id_ = self.picked(pick)
        self.ask(lambda key, now: self.ledger.release(key, id_, now), lambda: self.model.release(id_))

    @rule(beats=st.lists(st.tuples(picks, st.integers(0, 40_000)), max_size=4))
    def heartbeat(self, beats):
        readings = {self.picked(pick): metered_ms for pick, metered_ms in beats}
        over = self.portal.call(self.ledger.heartbeat, readings, self.now())
        running = {id_: hold for id_, hold in self.model.holds.items() if not hold.closed}
        assert over == readings.keys() - running.keys()
        for id_ in readings.keys() & running.keys():
            running[id_].metered_ms = max(running[id_].metered_ms, readings[id_])
            running[id_].heard_of = self.clock

    @rule(seconds=st.integers(0, 12))
    def reap(self, seconds):
        self.clock += timedelta(seconds=seconds)
        silent = {
            id_: Charge(hold.metered_ms // 1000, min(hold.metered_ms // 1000 * hold.rate, hold.held))
            for id_, hold in self.model.holds.items()
            if not hold.closed and hold.heard_of <= self.clock - SILENCE
        }
        reaped = self.portal.call(self.ledger.reap, self.now(), SILENCE)
        assert {transfer.session_id: transfer.amount for transfer in reaped} == {
            id_: self.model.settle(id_, billed) for id_, billed in silent.items()
        }

    @precondition(lambda self: self.asked)
    @rule(data=st.data())
    def ask_again(self, data):
        self.repeat(data.draw(st.sampled_from(self.asked)))

    @precondition(lambda self: self.asked)
    @rule(data=st.data(), account=customers, amount=st.integers(61, 90))
    def ask_something_else_under_a_used_key(self, data, account, amount):
        self.reuse_key(data.draw(st.sampled_from(self.asked)), account, amount)

    def repeat(self, asked):
        key, request, answer = asked
        assert self.portal.call(request, key, self.now()) == answer

    def reuse_key(self, asked, account, amount):
        key, _, _ = asked
        with pytest.raises(IdempotencyConflict):
            self.portal.call(self.ledger.grant, key, account, amount, self.now())

    @invariant()
    def the_books_balance(self):
        if not hasattr(self, "database"):
            return
        findings, total, *balances = self.portal.call(self.look)
        assert findings == ()
        assert total == 0
        assert balances == [self.model.balance(account) for account in ACCOUNTS]
        assert sum(balance.balance for balance in balances) == self.model.granted - self.model.charged

    async def look(self):
        async with snapshot(self.database) as connection:
            total = (await connection.execute(select(func.coalesce(func.sum(postings.c.amount), 0)))).scalar_one()
        balances = [await self.ledger.balance(account) for account in ACCOUNTS]
        return [(await self.ledger.reconcile()).findings, total, *balances]


def explore(new_url, examples):
    """Short sequences that Hypothesis makes up, and shrinks when one fails."""

    class Machine(Interleavings):
        pass

    Machine.new_url = staticmethod(new_url)
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=examples, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


def walk(new_url, seed, steps=300):
    """A long sequence in which every kind of request has its turn."""
    chance = random.Random(seed)
    machine = Interleavings()
    machine.new_url = new_url
    machine.open()
    number, customer = partial(chance.randint, 0), partial(chance.choice, ACCOUNTS)

    def pick():
        return chance.choice(["open", "open", "open", "any", "none"]), number(99)

    requests = (
        lambda: machine.grant(customer(), number(59) + 1),
        lambda: machine.hold(number(200), customer(), number(30), number(30), number(3)),
        lambda: machine.top_up(pick(), number(30), number(30)),
        lambda: machine.settle(pick(), number(20_000)),
        lambda: machine.charge_too_much(pick(), number(4) + 1),
        lambda: machine.release(pick()),
        lambda: machine.heartbeat([(pick(), number(20_000)) for _ in range(number(4))]),
        lambda: machine.reap(number(6)),
        lambda: machine.repeat(chance.choice(machine.asked)),
        lambda: machine.reuse_key(chance.choice(machine.asked), customer(), number(30) + 61),
    )
    try:
        for step in range(steps):
            chance.choice(requests)()
            if step % 10 == 0:
                machine.the_books_balance()
        machine.the_books_balance()
    finally:
        machine.teardown()


@pytest.fixture
def new_sqlite(sqlite_template, tmp_path):
    made = iter(range(1_000_000))

    def new_url():
        file = tmp_path / f"{next(made)}.db"
        shutil.copy(sqlite_template, file)
        return f"sqlite:///{file}"

    return new_url


@pytest.fixture
def new_postgres(postgres_template):
    with ExitStack() as databases:
        yield lambda: databases.enter_context(postgres_database(postgres_template))


def test_any_interleaving_on_sqlite(new_sqlite):
    explore(new_sqlite, examples=15)


def test_any_interleaving_on_postgresql(new_postgres):
    explore(new_postgres, examples=3)


@pytest.mark.parametrize("seed", range(4))
def test_long_interleavings_on_sqlite(new_sqlite, seed):
    walk(new_sqlite, seed)


@pytest.mark.parametrize("seed", range(4, 6))
def test_long_interleavings_on_postgresql(new_postgres, seed):
    walk(new_postgres, seed)
