"""Memory of a worker by the length of a recording, through the job path with the engines that come along.

For each length: a fresh worker, one job of a recording as in bench/batch_speed.py, and the peak proportional set size
of the worker and all its children together. What matters is how it grows from one length to the next.

    .venv/bin/python bench/jobs_memory.py [--minutes 10,30,60] [--to es] [--speak]
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import anyio
from batch_speed import PeakMemory, make_recording
from record import write_record

from dragoman.accounts.account import Accounts
from dragoman.batch import open_batch
from dragoman.billing.ledger import Ledger
from dragoman.billing.rates import Rates
from dragoman.config import Settings
from dragoman.core.options import JobOptions, RunOptions
from dragoman.engines import routing
from dragoman.engines.loading import open_loader
from dragoman.jobs.model import Submission
from dragoman.jobs.store import Jobs
from dragoman.storage.database import open_database

PIECE = 1 << 20


@contextmanager
def worker(folder: Path) -> Iterator[PeakMemory]:
    command = [Path(sys.executable).with_name("dragoman"), "worker", "--data-dir", str(folder)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DRAGOMAN_")}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        while "working" not in process.stderr.readline():
            pass
        memory = PeakMemory(process.pid)
        try:
            yield memory
        finally:
            memory.stop()
            process.terminate()
            process.communicate()


async def submit(folder: Path, recording: Path, options: RunOptions) -> str:
    """The id of its job."""
    settings = Settings(data_dir=folder)
    async with (
        open_database(settings.database) as database,
        open_loader(routing.survey()) as loader,
        open_batch(settings, database, loader, Rates(), working=False) as batch,
    ):
        account = (await Accounts(database).create("bench", datetime.now(UTC))).id
        await Ledger(database).grant("grant", account, 10_000_000, datetime.now(UTC))
        async with batch.intake() as intake:
            async with intake.recording() as writer, await anyio.open_file(recording, "rb") as file:
                while piece := await file.read(PIECE):
                    await writer.write(piece)
            return (await intake.submit(Submission(account, "{}", JobOptions(options)))).job.id


async def over(folder: Path, job_id: str) -> None:
    async with open_database(Settings(data_dir=folder).database) as database:
        while (job := await Jobs(database).get(job_id)).status == "running":  # noqa: ASYNC110  by a worker
            await anyio.sleep(0.5)
        assert job.status == "done", (job.status, job.errors)


def one_length(minutes: float, options: RunOptions) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        recording = folder / "recording.wav"
        seconds = make_recording(recording, minutes).seconds
        job_id = anyio.run(submit, folder, recording, options)
        with worker(folder) as memory:
            began = time.monotonic()
            anyio.run(over, folder, job_id)
            took = time.monotonic() - began
        return {
            "minutes": round(seconds / 60, 1),
            "peak_memory_mb": round(memory.bytes / 1e6, 1),
            "times_real_time": round(seconds / took, 2),
        }


def growth(measured: Sequence[dict[str, float]]) -> float:
    """MB for each further hour, from the shortest to the longest."""
    first, last = measured[0], measured[-1]
    hours = (last["minutes"] - first["minutes"]) / 60
    return round((last["peak_memory_mb"] - first["peak_memory_mb"]) / hours, 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", default="10,30,60")
    parser.add_argument("--to", default="es")
    parser.add_argument("--speak", action="store_true")
    arguments = parser.parse_args()
    lengths = sorted(map(float, arguments.minutes.split(",")))
    if len(lengths) < 2:
        parser.error("--minutes takes two lengths or more")
    options = RunOptions("en", (arguments.to,), speak=(arguments.to,) if arguments.speak else ())
    measured = []
    for minutes in lengths:
        measured.append(one_length(minutes, options))
        print(measured[-1], flush=True)
    results = {"lengths": measured, "spoken": arguments.speak, "mb_per_further_hour": growth(measured)}
    print(write_record("memory_of_jobs", results))


if __name__ == "__main__":
    main()
