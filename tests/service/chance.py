"""One random life of a server, drawn from a seed: clients, an operator, a slow and sometimes locked database, engines
that crash, a power cut; then another server on the same database, and the end."""

import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random

import anyio
import anyio.lowlevel
from sqlalchemy import func, select
from tests.service.inline_engines import Mood
from tests.service.unthreaded_sqlite import PowerSupply, unthreaded
from tests.service.virtual_time import stall
from tests.service.world import Client, Customer, Heard, Server, new_customer, served

from dragoman.billing.audit import Audit
from dragoman.billing.journal import Balance
from dragoman.billing.usage import Usage
from dragoman.core.errors import AccountClosed, StorageError
from dragoman.live.limits import LiveLimits
from dragoman.storage.database import snapshot
from dragoman.storage.tables import transfers


@dataclass
class Life:
    """What was seen of it."""

    seed: int
    rate: int
    limits: LiveLimits
    customers: list[Customer] = field(default_factory=list)
    sessions: list[Heard] = field(default_factory=list)
    locked: bool = False
    """Whether the database was kept from everybody for a while, or its answers were."""
    cut_at: float | None = None
    heartbeats: dict[str, int] = field(default_factory=dict)
    """Of the sessions that the power cut ended: milliseconds metered, as the database knew."""
    granted: dict[str, int] = field(default_factory=dict)
    """As the books say: the answer to the last grant may have been lost with the power."""
    balances: dict[str, Balance] = field(default_factory=dict)
    usage: dict[str, list[Usage]] = field(default_factory=dict)
    open_holds: int = 0
    audit: Audit | None = None


def limits_of(dice: Random) -> LiveLimits:
    return LiveLimits(
        sessions_per_account=dice.choice([1, 2, 10]),
        longest=dice.choice([12.0, 4000.0]),
        idle=dice.choice([4.0, 60.0]),
        start=dice.choice([0.3, 30.0, 30.0, 30.0]),
        drain=dice.choice([0.5, 5.0]),
        stall=dice.choice([1.0, 10.0]),
        block=dice.choice([2.0, 5.0, 60.0]),
    )


async def live(seed: int, file: Path) -> Life:
    """Plays it. The same seed gives the same life."""
    dice = Random(seed)
    random.seed(seed)  # storage draws its pauses there
    life = Life(seed, dice.choice([1, 1, 3]), limits_of(dice))
    hurry = dice.choice([0.0005, 0.005, 0.05])
    lossy = dice.choice([0.0, 0.0, 0.02])
    power = PowerSupply(lambda: dice.expovariate(1 / hurry))
    life.locked = lossy > 0
    clumsy = dice.choice([0.0, 0.0, 0.01])
    mood = Mood(lambda: dice.choice([0.0, 0.02, 0.3]), lambda: dice.random() < clumsy)
    with unthreaded(power):
        await _first_server(life, dice, file, mood, power, lossy)
    with unthreaded(PowerSupply(lambda: 0.001)):
        await _second_server(life, dice, file)
    return life


async def _first_server(life: Life, dice: Random, file: Path, mood: Mood, power: PowerSupply, lossy: float) -> None:
    cut_after = dice.choice([None, dice.uniform(0.5, 30)])
    clients: list[Client] = []
    with anyio.CancelScope() as everything:
        async with served(file, mood, life.limits, rate=life.rate, capacity=dice.choice([2, 10])) as server:
            for number in range(dice.randint(1, 2)):
                life.customers.append(
                    await new_customer(server, f"customer {number}", dice.choice([0, 2, 7, 20, 100, 1000]))
                )
            power.hesitation = lambda: 12.0 if dice.random() < lossy else 0.0
            async with anyio.create_task_group() as group:
                for _ in range(dice.randint(1, 4)):
                    read = dice.choice([0.0, 0.0, 0.05, 0.4, 1e6])
                    clients.append(Client(server, dice.choice(life.customers), read))
                    group.start_soon(_behave, clients[-1], Random(dice.random()))
                if cut_after is not None:
                    group.start_soon(_cut_power, life, cut_after, power, file, clients, everything)
                await _operate(life, server, file, dice)
    life.sessions += [heard for client in clients for heard in client.sessions]


async def _second_server(life: Life, dice: Random, file: Path) -> None:
    """Takes over; ends when everything that the first left behind must have been settled."""
    clients: list[Client] = []
    async with served(file, Mood(), life.limits, rate=life.rate) as server:
        async with anyio.create_task_group() as group:
            for customer in life.customers:
                clients.append(Client(server, customer))
                group.start_soon(_behave, clients[-1], Random(dice.random()))
        await anyio.sleep(2 * life.limits.abandoned)
        for customer in life.customers:
            life.granted[customer.id] = await granted(server, customer)
            life.balances[customer.id] = await server.ledger.balance(customer.id)
            life.usage[customer.id] = await server.ledger.usage(customer.id)
            life.open_holds += len(await server.ledger.open_holds(customer.id))
        life.audit = await server.ledger.reconcile()
    life.sessions += [heard for client in clients for heard in client.sessions]


async def _behave(client: Client, dice: Random) -> None:
    """One connection: up to three sessions, one after another, until it is dropped or cut off."""
    await anyio.sleep(dice.choice([0.0, dice.uniform(0, 3)]))
    for _ in range(dice.randint(1, 3)):
        async with anyio.create_task_group() as group:
            group.start_soon(client.session)
            await anyio.lowlevel.checkpoint()
            await _converse(client, dice)
        if client.inbox.gone.is_set() or client.heard.stalled:
            return
    client.drop()


async def _converse(client: Client, dice: Random) -> None:
    if dice.random() < 0.2:
        await anyio.sleep(dice.uniform(0, 0.5))  # does not wait to be asked
    else:
        await client.listening()
    if dice.random() < 0.3:
        client.complain()
    await client.speak(dice.uniform(0, 12), chunk=dice.choice([0.3, 1.0]))
    match dice.choice(["stop", "stop", "drop", "vanish", "silence", "stop and drop", "go on"]):
        case "stop":
            client.stop()
        case "drop":
            client.drop()
        case "vanish":
            await anyio.sleep(dice.uniform(0, 45))
            client.drop(vanished=True)
        case "stop and drop":
            client.stop()
            await anyio.sleep(dice.uniform(0, 2))
            client.drop()
        case "go on":
            await client.speak(dice.uniform(0, 100), chunk=1.0)
            client.stop()
        case _:
            pass


async def _operate(life: Life, server: Server, file: Path, dice: Random) -> None:
    """Somebody at the console, who does a few things and then stops the server or lets it come to its end."""
    for step in range(dice.randint(0, 5)):
        await anyio.sleep(dice.uniform(0, 10))
        customer = dice.choice(life.customers)
        now = server.clocks.utc()
        act = dice.choice(["grant", "grant", "revoke", "close", "reap", "lock", "stall", "stop", "look"])
        with suppress(StorageError, AccountClosed):
            match act:
                case "grant":
                    tokens = dice.randint(1, 30)
                    await grant(server, customer, tokens, f"{life.seed}:{step}")
                case "revoke":
                    await server.keys.revoke(customer.key_id, now)
                case "close":
                    await server.accounts.close(customer.id, now)
                case "reap":
                    await server.ledger.reap(now, timedelta(seconds=life.limits.abandoned))
                case "lock":
                    life.locked = True
                    await _lock(file, dice.choice([0.1, 2.0, 9.0, 25.0]))
                case "stall":
                    stall(dice.choice([0.1, 1.5]))
                case "stop":
                    await server.supervisor.wind_up()
                case _:
                    await server.ledger.balance(customer.id)


async def granted(server: Server, customer: Customer) -> int:
    grants = select(func.sum(transfers.c.amount)).where(
        transfers.c.kind == "grant", transfers.c.account_id == customer.id
    )
    async with snapshot(server.database) as connection:
        return (await connection.execute(grants)).scalar() or 0


async def grant(server: Server, customer: Customer, tokens: int, key: str) -> None:
    """Asked until it is known to be done, under one key."""
    while True:
        try:
            await server.ledger.grant(key, customer.id, tokens, server.clocks.utc())
        except StorageError:
            await anyio.sleep(1)
        else:
            customer.granted += tokens
            return


async def _lock(file: Path, seconds: float) -> None:
    """Another process writes, for so long."""
    other = sqlite3.connect(file, isolation_level=None, timeout=0)
    try:
        other.execute("BEGIN IMMEDIATE")
        await anyio.sleep(seconds)
    except sqlite3.OperationalError:
        pass  # the server was faster
    finally:
        other.close()


async def _cut_power(
    life: Life, after: float, power: PowerSupply, file: Path, clients: list[Client], everything: anyio.CancelScope
) -> None:
    await anyio.sleep(after)
    power.cut()
    for client in clients:
        client.deaf = True
    life.cut_at = anyio.current_time()
    with _reading(file) as query:
        rows = query("SELECT session_id, metered_ms FROM holds WHERE closed_at IS NULL")
        life.heartbeats = dict(rows)
    everything.cancel()


class _reading:  # noqa: N801  reads like a function
    def __init__(self, file: Path) -> None:
        self._connection = sqlite3.connect(file)

    def __enter__(self) -> Callable[[str], list[tuple[str, int]]]:
        return lambda query: self._connection.execute(query).fetchall()

    def __exit__(self, *_: object) -> None:
        self._connection.close()


def fresh_database(template: Path, folder: Path, name: str) -> Path:
    file = folder / f"{name}.db"
    shutil.copy(template, file)
    return file
