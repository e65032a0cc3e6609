"""Random lives on PostgreSQL: its locks, its connections and its answers cannot be played, so time is real, and short.

Clients, an operator, and sometimes a server that is cut off from its database and dies; then another server on the same
database, and the end. DRAGOMAN_SEED=N says which life is the first.
"""

import os
from collections import Counter
from contextlib import ExitStack, suppress
from random import Random

import anyio
import anyio.lowlevel
import pytest
from sqlalchemy import select
from structlog.testing import capture_logs
from tests.databases import execute, postgres_database
from tests.service.chance import Life, grant, granted
from tests.service.inline_engines import Mood
from tests.service.promises import check, ends
from tests.service.world import Client, Server, new_customer, served_on

from dragoman.core.errors import AccountClosed, StorageError
from dragoman.live.limits import LiveLimits
from dragoman.storage.database import open_database, snapshot
from dragoman.storage.tables import holds

FIRST = int(os.environ.get("DRAGOMAN_SEED", "0"))
BOUNDED = 3
SOAKED = 200
AT_ONCE = 4
RATE = 3


def limits_of(dice: Random, *, dies: bool) -> LiveLimits:
    """Tight, so that much happens in a few seconds; one that is cut off gives up settling soon."""
    return LiveLimits(
        sessions_per_account=dice.choice([2, 10]),
        idle=dice.choice([0.8, 60.0]),
        drain=1.0,
        settling=0.3 if dies else 10.0,
        block=dice.choice([1.0, 2.0]),
        heartbeat=0.1,
        credentials=0.2,
        abandoned=2.0,
    )


async def live(seed: int, url: str, lives: list[Life]) -> None:
    dice = Random(seed)
    dies = seed % 2 == 1
    life = Life(seed, RATE, limits_of(dice, dies=dies), locked=dies)
    await first_server(life, dice, url, dies=dies)
    await second_server(life, dice, url)
    lives.append(life)


async def first_server(life: Life, dice: Random, url: str, *, dies: bool) -> None:
    clients: list[Client] = []
    with anyio.CancelScope() as everything:
        async with open_database(url) as database, served_on(database, Mood(), life.limits, rate=RATE) as server:
            for number in range(2):
                tokens = dice.choice([0, 4, 30, 1000])
                life.customers.append(await new_customer(server, f"customer {number}", tokens))
            async with anyio.create_task_group() as group:
                for _ in range(5):
                    clients.append(Client(server, dice.choice(life.customers)))
                    group.start_soon(behave, clients[-1], Random(dice.random()))
                await operate(life, server, dice)
                if dies:
                    await anyio.sleep(dice.uniform(0, 0.5))
                    await die(life, url, clients)
                    everything.cancel()
    life.sessions += [heard for client in clients for heard in client.sessions]
    if dies:
        await execute(f"ALTER DATABASE {name_in(url)} ALLOW_CONNECTIONS true")


async def second_server(life: Life, dice: Random, url: str) -> None:
    """Takes over, and ends when everything that the first left behind is settled."""
    clients: list[Client] = []
    async with open_database(url) as database, served_on(database, Mood(), life.limits, rate=RATE) as server:
        if life.cut_at is not None:
            async with snapshot(database) as connection:
                left = await connection.execute(
                    select(holds.c.session_id, holds.c.metered_ms).where(holds.c.closed_at.is_(None))
                )
                life.heartbeats = {row.session_id: row.metered_ms for row in left}
        async with anyio.create_task_group() as group:
            for customer in life.customers:
                clients.append(Client(server, customer))
                group.start_soon(behave, clients[-1], Random(dice.random()))
        with anyio.fail_after(30):
            for customer in life.customers:
                while await server.ledger.open_holds(customer.id):  # noqa: ASYNC110  the ledger tells nobody
                    await anyio.sleep(0.1)
        for customer in life.customers:
            life.granted[customer.id] = await granted(server, customer)
            life.balances[customer.id] = await server.ledger.balance(customer.id)
            life.usage[customer.id] = await server.ledger.usage(customer.id)
        life.audit = await server.ledger.reconcile()
    life.sessions += [heard for client in clients for heard in client.sessions]


async def behave(client: Client, dice: Random) -> None:
    await anyio.sleep(dice.uniform(0, 0.3))
    for _ in range(2):
        async with anyio.create_task_group() as group:
            group.start_soon(client.session)
            await anyio.lowlevel.checkpoint()
            await client.listening()
            await client.speak(dice.uniform(0, 1.5), chunk=0.2)
            match dice.choice(["stop", "stop", "drop", "vanish", "silence"]):
                case "drop":
                    client.drop()
                case "vanish":
                    await anyio.sleep(0.3)
                    client.drop(vanished=True)
                case "silence" if client.server.supervisor.limits.idle < 2:
                    pass
                case _:
                    client.stop()
        if client.inbox.gone.is_set():
            return
    client.drop()


async def operate(life: Life, server: Server, dice: Random) -> None:
    for step in range(4):
        await anyio.sleep(dice.uniform(0, 0.6))
        customer, now = dice.choice(life.customers), server.clocks.utc()
        with suppress(StorageError, AccountClosed):
            match dice.choice(["grant", "grant", "revoke", "close", "reap", "stop", "look"]):
                case "grant":
                    await grant(server, customer, dice.randint(1, 9), f"{life.seed}:{step}")
                case "revoke":
                    await server.keys.revoke(customer.key_id, now)
                case "close":
                    await server.accounts.close(customer.id, now)
                case "reap":
                    await server.supervisor.reap()
                case "stop":
                    await server.supervisor.wind_up()
                case _:
                    await server.ledger.balance(customer.id)


async def die(life: Life, url: str, clients: list[Client]) -> None:
    """The database hears nothing more of the server, and its clients neither."""
    name = name_in(url)
    await execute(
        f"ALTER DATABASE {name} ALLOW_CONNECTIONS false",
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'",
    )
    life.cut_at = anyio.current_time()
    for client in clients:
        client.deaf = True


def name_in(url: str) -> str:
    return url.rpartition("/")[2]


def live_and_check(seeds: range, template: str) -> Counter[str]:
    """Some at once, each on a database of its own. Returns what happened."""
    lives: list[Life] = []

    async def all_of(urls: list[str]) -> None:
        async with anyio.create_task_group() as group:
            for seed, url in zip(seeds, urls, strict=True):
                group.start_soon(live, seed, url, lives)

    with ExitStack() as databases, capture_logs():
        anyio.run(all_of, [databases.enter_context(postgres_database(template)) for _ in seeds])
    for life in lives:
        try:
            check(life, to_the_millisecond=False)
        except Exception as error:
            error.add_note(f"DRAGOMAN_SEED={life.seed}")
            raise
    return Counter(end for life in lives for heard in life.sessions for end in ends(heard))


def test_lives_on_postgres_keep_the_promises(postgres_template):
    assert live_and_check(range(FIRST, FIRST + BOUNDED), postgres_template).total()


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_many_lives_on_postgres(postgres_template):
    seen: Counter[str] = Counter()
    for first in range(FIRST + BOUNDED, FIRST + BOUNDED + SOAKED, AT_ONCE):
        seen += live_and_check(range(first, first + AT_ONCE), postgres_template)
    print(seen)
