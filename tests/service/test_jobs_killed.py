"""Whatever is killed, at whatever moment: every job is done once, every end is told, every account is charged once."""

import random
import signal
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import anyio
import pytest
from tests.databases import database, database_url, postgres_template, sqlite_template
from tests.service.jobs_process import PACE, RUN, SECONDS
from tests.unit.jobs.yard import account_with, write_wav

from dragoman.billing.ledger import Ledger
from dragoman.jobs import keys
from dragoman.jobs.results import read_result
from dragoman.jobs.store import Jobs
from dragoman.storage.blobs import Blobs

__all__ = ["database", "database_url", "postgres_template", "sqlite_template"]

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[2]
TOKENS = 100_000


@dataclass
class Site:
    """The processes of one test."""

    folder: Path
    url: str
    chance: random.Random
    stack: ExitStack
    workers: list[subprocess.Popen] = field(default_factory=list)

    @property
    def queue(self) -> str:
        return f"sqlite:///{self.folder}/jobs.db" if self.url.startswith("sqlite") else self.url

    def start(self, *arguments: str) -> subprocess.Popen:
        command = [
            sys.executable,
            "-m",
            "tests.service.jobs_process",
            str(self.folder),
            self.url,
            self.queue,
            *arguments,
        ]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        self.stack.callback(process.wait)
        self.stack.callback(process.kill)
        self.stack.callback(process.stdout.close)
        return process

    def start_worker(self) -> None:
        self.workers.append(self.start("work"))

    def kill_one(self) -> None:
        worker = self.workers.pop(self.chance.randrange(len(self.workers)))
        worker.send_signal(signal.SIGKILL)
        self.start_worker()

    async def freeze_one(self) -> None:
        """Long enough to be taken for dead; then it comes back and goes on with what others have taken over."""
        await anyio.sleep(self.chance.uniform(3.0, 6.0))
        worker = self.chance.choice(self.workers)
        worker.send_signal(signal.SIGSTOP)
        await anyio.sleep(PACE.silence + 3 * PACE.look)
        worker.send_signal(signal.SIGCONT)

    async def submit(self, count: int, accounts: list[str], *, killed: bool) -> None:
        """By a process that is killed once on the way and asks for the same again."""
        if killed:
            process = self.start("submit", str(count), *accounts)
            for _ in range(self.chance.randrange(1, count)):
                await anyio.to_thread.run_sync(process.stdout.readline)
            await anyio.sleep(self.chance.uniform(0, 0.3))
            process.kill()
        process = self.start("submit", str(count), *accounts)
        out, _ = await anyio.to_thread.run_sync(process.communicate)
        assert len(set(out.split())) == count

    async def disturb(self, kills: int) -> None:
        for _ in range(kills):
            await anyio.sleep(self.chance.uniform(0.5, 3.0))
            self.kill_one()


async def survive(database, database_url, folder: Path, *, seed: int, count: int, kills: int, patience: float) -> None:
    accounts = [await account_with(database, name, TOKENS) for name in ("acme", "other")]
    write_wav(folder / "a.wav", SECONDS)
    (folder / "told").mkdir()
    jobs, ledger, blobs = Jobs(database), Ledger(database), Blobs(str(folder / "blobs"))
    with ExitStack() as stack:
        site = Site(folder, database_url, random.Random(seed), stack)
        for _ in range(2):
            site.start_worker()
        async with anyio.create_task_group() as group:
            group.start_soon(site.disturb, kills)
            group.start_soon(site.freeze_one)
            await site.submit(count, accounts, killed=True)
        with anyio.fail_after(patience):
            while len(list((folder / "told").iterdir())) < 2 * count:  # noqa: ASYNC110  other processes write there
                await anyio.sleep(0.2)
    for account in accounts:
        mine = await jobs.latest(account, limit=1000)
        assert len(mine) == count // 2
        assert {job.status for job in mine} == {"done"}, [job.errors for job in mine]
        assert all(job.errors == () for job in mine)
        balance = await ledger.balance(account)
        assert (balance.available, balance.reserved) == (TOKENS - 2 * SECONDS * len(mine), 0)
        assert {entry.session_id for entry in await ledger.usage(account, limit=1000)} == {job.id for job in mine}
        for job in mine:
            result = await read_result(blobs, job.id, job.submission.options)
            assert len(result.transcript.sentences) == len(result.transcript.translations["fr"]) == 3
            assert result.shortfalls == ()
            assert await blobs.exists(keys.speech(job.id, RUN.speak[0]))
    assert (await ledger.reconcile()).findings == ()


async def test_ten_jobs_while_their_workers_are_killed(database, database_url, tmp_path):
    await survive(database, database_url, tmp_path, seed=random.randrange(10**6), count=10, kills=4, patience=90)


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(3))
async def test_fifty_jobs_while_everything_is_killed(database, database_url, tmp_path, seed):
    await survive(database, database_url, tmp_path, seed=seed, count=50, kills=25, patience=700)
