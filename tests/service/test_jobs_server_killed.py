"""Whole servers and workers are killed, again and again, while clients upload to them: what was answered 201 is done
once, told and charged once, and of what was not answered nothing is left."""

import random
import signal
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import anyio
import pytest
from tests.databases import database, database_url, postgres_template, sqlite_template
from tests.e2e.servers import PROGRAM, SCRIPTED, environment, free_port
from tests.service.jobs_clients import TARGETS, Customer, Told
from tests.unit.jobs.yard import account_with, now, write_wav

from dragoman.accounts.keys import Keys
from dragoman.accounts.secrecy import Secrecy
from dragoman.billing.ledger import Ledger
from dragoman.jobs.model import Job
from dragoman.jobs.results import read_result
from dragoman.jobs.retention import Retention
from dragoman.jobs.store import Jobs
from dragoman.storage.blobs import Blobs
from dragoman.storage.database import Database

__all__ = ["database", "database_url", "postgres_template", "sqlite_template"]

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[2]
SECRET = "0123456789abcdef" * 2
TOKENS = 100_000
RATE = 2
SECONDS = 9
QUICK = (sys.executable, "-m", "tests.service.jobs_program")
REAL = (str(PROGRAM),)


@dataclass
class Site:
    """Servers and workers, each of which starts again as soon as it is killed."""

    folder: Path
    url: str
    chance: random.Random
    stack: ExitStack
    program: tuple[str, ...]
    commands: list[list[str]] = field(default_factory=list)
    processes: list[subprocess.Popen] = field(default_factory=list)
    servers: list[str] = field(default_factory=list)

    def add_server(self) -> None:
        port = free_port()
        self.servers.append(f"http://127.0.0.1:{port}")
        self._add("serve", "--port", str(port))

    def add_worker(self) -> None:
        self._add("worker")

    def kill(self, which: int) -> None:
        self.processes[which].send_signal(signal.SIGKILL)
        self.processes[which].wait()
        self.processes[which] = self._start(self.commands[which])

    async def disturb(self, kills: int, answered: "Customers", count: int) -> None:
        """Kills one at each moment at which a further share of the jobs was answered, and a little later."""
        for n in range(kills):
            while answered.count < count * (n + 1) // (kills + 1):  # noqa: ASYNC110  answers come from other processes
                await anyio.sleep(0.02)
            await anyio.sleep(self.chance.uniform(0.0, 0.5))
            # Each in turn, so that few kills spare nobody; which of the servers is by chance.
            is_server = n % 2 == 0
            those = range(len(self.servers)) if is_server else range(len(self.servers), len(self.processes))
            self.kill(self.chance.choice(those))

    def _add(self, *command: str) -> None:
        self.commands.append([*self.program, *command, "--data-dir", str(self.folder), *SCRIPTED])
        self.processes.append(self._start(self.commands[-1]))

    def _start(self, command: list[str]) -> subprocess.Popen:
        settings = environment(
            DATABASE_URL=self.url,
            SECRET=SECRET,
            LIVE_SESSIONS="1",
            RATES_BATCH=str(RATE),
            JOBS_ALLOWED_ADDRESSES="127.0.0.1",
        )
        with (self.folder / "log").open("a") as log:
            process = subprocess.Popen(command, cwd=ROOT, env=settings, stderr=log)
        self.stack.callback(process.wait)
        self.stack.callback(process.kill)
        return process


@dataclass
class Customers:
    all: list[Customer]

    @property
    def count(self) -> int:
        return sum(len(customer.answered) for customer in self.all)

    async def submit(self, count: int, site: Site) -> None:
        """Three at a time each, every second one under an idempotency key."""
        async with anyio.create_task_group() as group:
            for customer in self.all:
                names = iter([f"{customer.account}-{n}.wav" for n in range(count // len(self.all))])
                for _ in range(3):
                    group.start_soon(self._one_by_one, customer, names, site)

    async def _one_by_one(self, customer: Customer, names, site: Site) -> None:
        for name in names:
            await customer.submit(name, site.servers, idempotent=int(name[:-4].rpartition("-")[2]) % 2 == 0)


async def customers(database: Database, recording: bytes, told: Told, chance: random.Random) -> Customers:
    keys, found = Keys(database, Secrecy.of(SECRET.encode())), []
    for name in ("acme", "other"):
        account = await account_with(database, name, TOKENS)
        key = await keys.create(account, now())
        found.append(Customer(account, key.text, recording, told, random.Random(chance.random())))
    return Customers(found)


@dataclass
class Books:
    """What is to be true in the end."""

    database: Database
    blobs: Blobs
    told: Told

    async def are_over(self, customer: Customer) -> bool:
        mine = await Jobs(self.database).latest(customer.account, limit=1000)
        return all(job.status != "running" for job in mine) and all(
            self.told.heard[id_, "success"] >= 2 for id_ in customer.answered.values()
        )

    async def check(self, customer: Customer) -> list[Job]:
        mine = await Jobs(self.database).latest(customer.account, limit=1000)
        made = {job.id: job for job in mine}
        assert {job.status for job in mine} == {"done"}, [job.errors for job in mine]
        assert set(customer.answered.values()) <= made.keys()
        assert len(set(customer.answered.values())) == len(customer.answered)
        # Who asked again under a key got the same job; without one, what got no answer may have made one.
        keys = [job.submission.idempotency_key for job in mine if job.submission.idempotency_key]
        assert len(keys) == len(set(keys))
        assert len(mine) - len(customer.answered) <= customer.unheard
        for name, id_ in customer.answered.items():
            assert made[id_].submission.data_name == name
        await self._check_tokens(customer, mine)
        for job in mine:
            result = await read_result(self.blobs, job.id, job.submission.options)
            assert result.shortfalls == ()
            assert result.transcript.translations.keys() == set(TARGETS)
            assert {len(found) for found in result.transcript.translations.values()} == {3}
        return mine

    async def _check_tokens(self, customer: Customer, mine: list[Job]) -> None:
        ledger = Ledger(self.database)
        balance = await ledger.balance(customer.account)
        assert (balance.available, balance.reserved) == (TOKENS - RATE * SECONDS * len(mine), 0)
        charged = [entry.session_id for entry in await ledger.usage(customer.account, limit=1000)]
        assert sorted(charged) == sorted(job.id for job in mine)

    async def nothing_else_is_left(self, jobs: list[Job]) -> None:
        """Of uploads that broke off with their server, once they are old enough to be swept up."""
        later = now() + timedelta(days=2)
        await Retention(Jobs(self.database), self.blobs, lambda: later).sweep_up()
        assert set(await self.blobs.names("jobs")) == {job.folder for job in jobs}
        assert (await Ledger(self.database).reconcile()).findings == ()


@dataclass(frozen=True)
class Plan:
    program: tuple[str, ...]
    servers: int
    workers: int
    jobs: int
    kills: int
    patience: float


async def survive(database: Database, url: str, folder: Path, plan: Plan, seed: int) -> None:
    chance, told = random.Random(seed), Told()
    recording = write_wav(folder / "a.wav", SECONDS).read_bytes()
    with ExitStack() as stack:
        site = Site(folder, url, chance, stack, plan.program)
        for _ in range(plan.servers):
            site.add_server()
        for _ in range(plan.workers):
            site.add_worker()
        async with anyio.create_task_group() as group:
            await group.start(told.serve)
            those = await customers(database, recording, told, chance)
            books = Books(database, Blobs(str(folder / "blobs")), told)
            with anyio.fail_after(plan.patience):
                async with anyio.create_task_group() as acting:
                    acting.start_soon(site.disturb, plan.kills, those, plan.jobs)
                    await those.submit(plan.jobs, site)
                while not all([await books.are_over(customer) for customer in those.all]):  # noqa: ASYNC110  as above
                    await anyio.sleep(0.2)
            group.cancel_scope.cancel()
    assert those.count == plan.jobs
    jobs = [job for customer in those.all for job in await books.check(customer)]
    await books.nothing_else_is_left(jobs)


async def test_six_jobs_while_a_server_and_a_worker_are_killed(database, database_url, tmp_path):
    await survive(database, database_url, tmp_path, Plan(QUICK, 1, 1, 6, 2, 90), random.randrange(10**6))


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(3))
async def test_fifty_jobs_while_servers_and_workers_are_killed(database, database_url, tmp_path, seed):
    await survive(database, database_url, tmp_path, Plan(REAL, 2, 2, 50, 20, 700), seed)
