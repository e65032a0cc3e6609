"""Batch jobs per second: one-second clips through the whole of it, with engines that take no time.

Each round: so many clips are submitted (probed, held, written, enqueued), by one process that only accepts, and done by
one or two others; measured is the time from the first submission to the last job done, how long each took, and the CPU
time of all processes but the database's. What it measures is the machinery: the engines take no time.

    .venv/bin/python bench/jobs.py [--jobs 60] [--rounds 3]

PostgreSQL is measured where DRAGOMAN_TEST_POSTGRES names a server; databases are made in it and dropped.
"""

import argparse
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio
import asyncpg  # type: ignore[import-untyped]
import psutil
from record import write_record

from dragoman.accounts.account import Accounts
from dragoman.batch import open_batch
from dragoman.billing.ledger import Ledger
from dragoman.billing.rates import Rates
from dragoman.config import Settings
from dragoman.core.options import JobOptions, RunOptions
from dragoman.engines import routing
from dragoman.engines.loading import open_loader
from dragoman.engines.routing import EngineNames
from dragoman.jobs.batch import Batch
from dragoman.jobs.model import Job, Submission
from dragoman.storage.database import Database, open_database

SCRIPTED = EngineNames("scripted", "scripted", "scripted", "scripted")
POSTGRES = os.environ.get("DRAGOMAN_TEST_POSTGRES")
AT_ONCE = 4
SUBMITTERS = 8


def clip(folder: Path) -> bytes:
    path = folder / "clip.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(bytes(32_000))
    return path.read_bytes()


@contextmanager
def databases(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder}/dragoman.db"
        return
    name = f"dragoman_bench_{secrets.token_hex(6)}"
    anyio.run(execute, f"CREATE DATABASE {name}")
    try:
        yield f"{POSTGRES}/{name}"
    finally:
        anyio.run(execute, f"DROP DATABASE {name} WITH (FORCE)")


async def execute(statement: str) -> None:
    connection = await asyncpg.connect(f"{POSTGRES}/postgres")
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@contextmanager
def workers(count: int, folder: Path, url: str) -> Iterator[None]:
    names = [f"--{kind}=scripted" for kind in ("recognizer", "translator", "synthesizer", "voice-activity")]
    program = Path(sys.executable).with_name("dragoman")
    command = [program, "worker", "--data-dir", str(folder), "--at-once", str(AT_ONCE)]
    with ExitStack() as stack:
        for _ in range(count):
            process = subprocess.Popen(
                [*command, *names], env={**os.environ, "DRAGOMAN_DATABASE_URL": url}, stderr=subprocess.PIPE, text=True
            )
            stack.callback(process.wait)
            stack.callback(process.terminate)
            assert process.stderr is not None
            stack.callback(process.stderr.close)
            while "working" not in process.stderr.readline():
                pass
        yield


@asynccontextmanager
async def accepting(settings: Settings) -> AsyncIterator[tuple[Database, Batch]]:
    async with (
        open_database(settings.database) as database,
        open_loader(routing.survey(SCRIPTED)) as loader,
        open_batch(settings, database, loader, Rates(), working=False) as batch,
    ):
        yield database, batch


async def one_round(batch: Batch, account: str, recording: bytes, count: int) -> dict[str, float]:
    options = JobOptions(RunOptions("en", ("es",)))
    accepted: list[Job] = []
    left = iter(range(count))

    async def submit() -> None:
        for _ in left:
            async with batch.intake() as intake:
                async with intake.recording() as writer:
                    await writer.write(recording)
                accepted.append((await intake.submit(Submission(account, "{}", options))).job)

    began = time.monotonic()
    async with anyio.create_task_group() as group:
        for _ in range(SUBMITTERS):
            group.start_soon(submit)
    submitted = time.monotonic() - began
    over = [await batch.wait(job, 600) for job in accepted]
    total = time.monotonic() - began
    assert all(job.status == "done" for job in over)
    waits = [(job.finished_at - job.created_at).total_seconds() for job in over if job.finished_at]
    return {
        "jobs_per_second": count / total,
        "submitted_per_second": count / submitted,
        "median_wait_seconds": statistics.median(waits),
    }


def cpu_seconds() -> float:
    """Of this process, the workers, and all that they have started."""
    total = 0.0
    for process in [psutil.Process(), *psutil.Process().children(recursive=True)]:
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


async def measure(settings: Settings, recording: bytes, *, jobs: int, rounds: int) -> dict[str, Any]:
    async with accepting(settings) as (database, batch):
        account = (await Accounts(database).create("bench", datetime.now(UTC))).id
        await Ledger(database).grant("grant", account, 10_000_000, datetime.now(UTC))
        await one_round(batch, account, recording, 8)  # engines are loaded by the first
        began = cpu_seconds()
        measured = [await one_round(batch, account, recording, jobs) for _ in range(rounds)]
        spent = cpu_seconds() - began
    return summary(measured) | {"cpu_ms_per_job": round(1000 * spent / (jobs * rounds))}


def summary(measured: list[dict[str, float]]) -> dict[str, Any]:
    each = [found["jobs_per_second"] for found in measured]
    return {
        "jobs_per_second": round(statistics.median(each), 2),
        "slowest_round": round(min(each), 2),
        "fastest_round": round(max(each), 2),
        "submitted_per_second": round(statistics.median(found["submitted_per_second"] for found in measured), 2),
        "median_wait_seconds": round(statistics.median(found["median_wait_seconds"] for found in measured), 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    results: dict[str, Any] = {"jobs": arguments.jobs, "rounds": arguments.rounds, "at_once": AT_ONCE}
    for kind in ("sqlite", *(["postgresql"] if POSTGRES else [])):
        for count in (1, 2):
            with tempfile.TemporaryDirectory() as name, databases(kind, Path(name)) as url:
                folder = Path(name)
                settings = Settings(data_dir=folder, database_url=url, jobs={"per_account": 10_000})
                anyio.run(migrated, url)
                with workers(count, folder, url):
                    found = anyio.run(lambda: measure(settings, clip(folder), **bounds(arguments)))  # noqa: B023
                results[f"{kind}, {count} worker{'s' if count > 1 else ''}"] = found
                print(kind, count, results[f"{kind}, {count} worker{'s' if count > 1 else ''}"])
    print(write_record("jobs", results))


def bounds(arguments: argparse.Namespace) -> dict[str, int]:
    return {"jobs": arguments.jobs, "rounds": arguments.rounds}


async def migrated(url: str) -> None:
    async with open_database(url):
        pass


if __name__ == "__main__":
    main()
