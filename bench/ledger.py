"""Hold and settle: pairs per second of the ledger, by tasks that wait for each answer.

Beside it, in the same run and in turns, the least that could hold and settle at all: one thread on Python's own sqlite3
with the same durability, two transactions of two statements each, no postings, no idempotency, no usage rows. Figures
of a busy machine mean little; the ratio does, and the CPU time of this process (not PostgreSQL's own).

    .venv/bin/python bench/ledger.py [--tasks 20] [--seconds 3] [--rounds 5]

PostgreSQL is measured where DRAGOMAN_TEST_POSTGRES names a server; databases are made in it and dropped.
"""

import argparse
import os
import secrets
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio
import asyncpg  # type: ignore[import-untyped]
from record import write_record

from dragoman.accounts.account import Accounts
from dragoman.billing.amounts import MAX_TOKENS
from dragoman.billing.holds import Session
from dragoman.billing.ledger import Ledger
from dragoman.billing.rates import charge
from dragoman.storage.database import open_database

BLOCK, METERED_MS = 60, 12_300


class Figures:
    """Of one way: pairs per second of each round, how long each pair took, and CPU seconds of all together."""

    def __init__(self) -> None:
        self.rounds: list[float] = []
        self.seconds: list[float] = []
        self.cpu = 0.0

    @contextmanager
    def round(self) -> Iterator[None]:
        before, started, cpu = len(self.seconds), time.perf_counter(), time.process_time()
        yield
        self.rounds.append((len(self.seconds) - before) / (time.perf_counter() - started))
        self.cpu += time.process_time() - cpu

    def summary(self) -> dict[str, float]:
        percentiles = statistics.quantiles(self.seconds, n=100)
        return {
            "pairs_per_second": round(statistics.median(self.rounds), 1),
            "slowest_round": round(min(self.rounds), 1),
            "fastest_round": round(max(self.rounds), 1),
            "p50_ms": round(1000 * percentiles[49], 2),
            "p99_ms": round(1000 * percentiles[98], 2),
            "cpu_ms": round(1000 * self.cpu / len(self.seconds), 2),
        }


async def one_pair(ledger: Ledger, account: str) -> None:
    id_, now = secrets.token_hex(8), datetime.now(UTC)
    session = Session(id_, account, "live_speech", 1, "en", ("es",), ("pocketsphinx", "apertium"), "bench")
    held = await ledger.hold(f"hold:{id_}", session, BLOCK, now)
    await ledger.settle(f"settle:{id_}", id_, charge(METERED_MS, 1, held.amount), now)


async def measure_ledger(url: str, *, tasks: int, seconds: float, accounts: int, into: Figures) -> None:
    async with open_database(url) as database:
        ledger, now = Ledger(database), datetime.now(UTC)
        names = [secrets.token_hex(8) for _ in range(accounts)]
        customers = [(await Accounts(database).create(name, now)).id for name in names]
        for customer in customers:
            await ledger.grant(f"grant:{customer}", customer, MAX_TOKENS // 2, now)
        started = time.perf_counter()

        async def work(customer: str) -> None:
            while (begun := time.perf_counter()) < started + seconds:
                await one_pair(ledger, customer)
                into.seconds.append(time.perf_counter() - begun)

        with into.round():
            async with anyio.create_task_group() as group:
                for number in range(tasks):
                    group.start_soon(work, customers[number % accounts])
        assert (await ledger.reconcile()).findings == ()


def measure_bare(file: Path, *, seconds: float, into: Figures) -> None:
    database = sqlite3.connect(file, isolation_level=None)
    database.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;")
    database.executescript(
        "CREATE TABLE balances (id, available, held); INSERT INTO balances VALUES (1, 1000000000, 0);"
    )
    database.execute("CREATE TABLE journal (key PRIMARY KEY, amount)")
    started = time.perf_counter()
    with into.round():
        while (begun := time.perf_counter()) < started + seconds:
            for step, amount in (("hold", BLOCK), ("settle", -13)):
                database.execute("BEGIN IMMEDIATE")
                database.execute("UPDATE balances SET available = available - ?, held = held + ?", (amount, amount))
                database.execute("INSERT INTO journal VALUES (?, ?)", (f"{step}:{secrets.token_hex(8)}", amount))
                database.execute("COMMIT")
            into.seconds.append(time.perf_counter() - begun)
    database.close()


@contextmanager
def postgres_database(server: str) -> Iterator[str]:
    name = f"dragoman_bench_{secrets.token_hex(4)}"

    async def execute(statement: str) -> None:
        connection = await asyncpg.connect(f"{server}/postgres")
        await connection.execute(statement)
        await connection.close()

    anyio.run(execute, f"CREATE DATABASE {name}")
    try:
        yield f"{server}/{name}"
    finally:
        anyio.run(execute, f"DROP DATABASE {name} WITH (FORCE)")


def measure(tasks: int, seconds: float, rounds: int) -> dict[str, Any]:
    server = os.environ.get("DRAGOMAN_TEST_POSTGRES")
    figures: dict[str, Figures] = {}

    def ledger(name: str, url: str, accounts: int) -> None:
        into = figures.setdefault(f"{name}, {'one account' if accounts == 1 else 'an account each'}", Figures())

        async def run() -> None:
            await measure_ledger(url, tasks=tasks, seconds=seconds, accounts=accounts, into=into)

        anyio.run(run)

    for _ in range(rounds):
        with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
            measure_bare(Path(folder) / "bare.db", seconds=seconds, into=figures.setdefault("bare sqlite3", Figures()))
            for accounts in (tasks, 1):
                ledger("SQLite", f"sqlite:///{folder}/{accounts}.db", accounts)
        if server is not None:
            for accounts in (tasks, 1):
                with postgres_database(server) as url:
                    ledger("PostgreSQL", url, accounts)
    return {name: figure.summary() for name, figure in figures.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    results = measure(options.tasks, options.seconds, options.rounds)
    for name, figure in results.items():
        print(f"{name:28}", *(f"{key} {value}" for key, value in figure.items()), sep="  ")
    about = {"tasks": options.tasks, "seconds": options.seconds, "rounds": options.rounds}
    print(write_record("ledger", {**about, "ways": results}))


if __name__ == "__main__":
    main()
