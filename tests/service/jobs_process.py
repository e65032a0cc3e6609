"""A process of jobs that a test can kill: ``python -m tests.service.jobs_process FOLDER URL QUEUE work|submit …``

``work`` works on jobs; ``submit COUNT ACCOUNT…`` submits so many, each under a key of its own, prints their ids as they
are accepted, and ends. The engines are the scripted ones. Whoever asked to be told finds a file in FOLDER/told.
"""

import sys
from pathlib import Path

import anyio
from tests.unit.jobs.yard import now, scripted

from dragoman.app import log_to_stderr
from dragoman.billing.ledger import Ledger
from dragoman.billing.rates import Rates
from dragoman.core.options import Fetch, JobOptions, Notification, RunOptions
from dragoman.engines import routing
from dragoman.engines.loading import open_loader
from dragoman.jobs.batch import Batch
from dragoman.jobs.limits import BatchLimits
from dragoman.jobs.model import Job, Submission
from dragoman.jobs.opening import Premises, open_jobs
from dragoman.jobs.purse import Purse
from dragoman.jobs.takeover import Pace
from dragoman.storage.blobs import Blobs
from dragoman.storage.database import open_database

PACE = Pace(beat=0.5, silence=4.0, look=1.0)
RUN = RunOptions("en", ("es", "fr"), speak=("es",))
SECONDS = 9
"""Of each recording; cut into parts of four."""


async def main(folder: Path, url: str, queue: str, what: str, *arguments: str) -> None:
    async def notify(job: Job, notification: Notification) -> None:
        name = folder / "told" / f"{job.id}-{notification.url[-1]}"
        await anyio.Path(name).write_text(job.status)

    async def fetch(source: Fetch, key: str) -> int:
        raise NotImplementedError

    async with (
        open_database(url) as database,
        open_loader(routing.survey(scripted()), parallel=2) as loader,
        open_jobs(
            Premises(
                database,
                Blobs(str(folder / "blobs")),
                queue,
                Purse(Ledger(database), Rates(batch=2)),
                loader,
                BatchLimits(at_once=2 if what == "work" else 0, part=4.0),
                now,
                fetch,
                notify,
                PACE,
            )
        ) as batch,
    ):
        if what == "submit":
            await submit(batch, folder, int(arguments[0]), arguments[1:])
        else:
            print("working", flush=True)
            await anyio.sleep_forever()


async def submit(batch: Batch, folder: Path, count: int, accounts: tuple[str, ...]) -> None:
    recording = await anyio.Path(folder / "a.wav").read_bytes()
    notifications = tuple(Notification(f"https://example.com/{n}") for n in range(2))
    for n in range(count):
        async with batch.intake() as intake:
            async with intake.recording() as writer:
                await writer.write(recording)
            accepted = await intake.submit(
                Submission(
                    accounts[n % len(accounts)],
                    "{}",
                    JobOptions(RUN, notifications=notifications),
                    idempotency_key=f"key-{n}",
                    request_digest=bytes([n]),
                )
            )
            print(accepted.job.id, flush=True)


if __name__ == "__main__":
    log_to_stderr()
    anyio.run(main, Path(sys.argv[1]), *sys.argv[2:])
