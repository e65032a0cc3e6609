"""Where jobs are tried out: a real database, real blobs, the real decoder, scripted engines, and one account."""

import json
import wave
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import anyio

from dragoman.accounts.account import Accounts
from dragoman.billing.ledger import Ledger
from dragoman.billing.rates import Rates
from dragoman.core.errors import OutboundFailed
from dragoman.core.options import Fetch, JobOptions, Notification, RunOptions
from dragoman.engines import routing
from dragoman.engines.loading import EngineLoader, open_loader
from dragoman.engines.routing import EngineNames
from dragoman.jobs.admission import Accepted, Admission
from dragoman.jobs.batch import Batch
from dragoman.jobs.limits import BatchLimits
from dragoman.jobs.model import Job, Submission
from dragoman.jobs.purse import Purse
from dragoman.jobs.steps import Steps, perform
from dragoman.jobs.store import Jobs
from dragoman.jobs.waiting import Waiting
from dragoman.jobs.workshop import Workshop
from dragoman.media.decoder_forks import DecoderForks
from dragoman.storage.blobs import Blobs
from dragoman.storage.database import Database

TOKENS = 10_000


def scripted(script: Path | None = None) -> EngineNames:
    name = "scripted" if script is None else f"scripted:{script}"
    return EngineNames(name, name, name, name, name)


def write_wav(path: Path, seconds: float, channels: int = 1, rate: int = 8000) -> Path:
    """Silence; the scripted engines hear their script in anything."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(bytes(round(seconds * rate) * 2 * channels))
    return path


def write_script(path: Path, *utterances: tuple[float, float, str], repeat_every: float | None = None) -> Path:
    lines = [
        {"start_time": start, "end_time": end, "text": text, "translations": {"es": f"es {text}", "fr": f"fr {text}"}}
        for start, end, text in utterances
    ]
    path.write_text(json.dumps({"language": "en", "repeat_every": repeat_every, "utterances": lines}))
    return path


@dataclass
class Outside:
    """What others would answer."""

    fetched: bytes | None = None
    failures: list[bool] = field(default_factory=list)
    """Whether the next attempts may be repeated; when it is empty, they succeed."""
    told: list[tuple[str, Notification]] = field(default_factory=list)


@dataclass
class Yard:
    database: Database
    blobs: Blobs
    ledger: Ledger
    account: str
    loader: EngineLoader
    outside: Outside
    limits: BatchLimits
    forks: DecoderForks
    enqueued: list[str] = field(default_factory=list)
    unreachable: bool = False
    """Whether the queue is."""

    @property
    def jobs(self) -> Jobs:
        return Jobs(self.database)

    @property
    def purse(self) -> Purse:
        return Purse(self.ledger, Rates(batch=2))

    @property
    def batch(self) -> Batch:
        admission = Admission(self.jobs, self.blobs, self.purse, self.limits, now, self._enqueue, self.forks)
        return Batch(self.jobs, self.blobs, self.purse, admission, Waiting(self.jobs), now)

    @property
    def steps(self) -> Steps:
        return Steps(
            Workshop(
                self.jobs,
                self.blobs,
                self.purse,
                self.loader.attach,
                self.limits,
                now,
                self._fetch,
                self._notify,
                self.loader.attach_aligner,
                self.forks,
            )
        )

    def submission(self, run: RunOptions | None = None, **more) -> Submission:
        options = JobOptions(
            run or RunOptions("en", ("es",)),
            **{name: more.pop(name) for name in ("fetch", "fetch_text", "notifications", "shortfalls") if name in more},
        )
        return Submission(self.account, '{"type": "transcription"}', options, **({"data_name": "a.wav"} | more))

    async def submit(self, recording: bytes | Path, run: RunOptions | None = None, **more) -> Accepted:
        content = recording if isinstance(recording, bytes) else await anyio.Path(recording).read_bytes()
        async with self.batch.intake() as intake:
            async with intake.recording() as writer:
                await writer.write(content)
            return await intake.submit(self.submission(run, **more))

    async def submit_aligned(self, recording: bytes | Path, text: str | bytes, **more) -> Job:
        """With a text."""
        content = recording if isinstance(recording, bytes) else await anyio.Path(recording).read_bytes()
        async with self.batch.intake() as intake:
            async with intake.recording() as writer:
                await writer.write(content)
            async with intake.text() as writer:
                await writer.write(text if isinstance(text, bytes) else text.encode())
            submission = self.submission(RunOptions("en"), kind="alignment", text_name="a.txt", **more)
            return (await intake.submit(submission)).job

    async def submit_fetched(self, url: str, run: RunOptions | None = None, **more) -> Job:
        async with self.batch.intake() as intake:
            return (await intake.submit(self.submission(run, fetch=Fetch(url), data_name="", **more))).job

    async def perform(self, job: Job, steps: Steps | None = None) -> Job:
        """Without a queue."""

        async def once(name, step):
            return await step()

        async def tell_all(job_id: str, notifications: int) -> None:
            self.outside.told += [(job_id, None)] * notifications

        await perform(job.id, steps or self.steps, once, tell_all)
        return await self.jobs.get(job.id)

    async def spent(self) -> int:
        balance = await self.ledger.balance(self.account)
        assert balance.reserved == 0
        return TOKENS - balance.available

    async def names(self, job: Job) -> set[str]:
        return {key.rpartition("/")[2] for key in await self.blobs.names(job.folder)}

    def limited(self, **limits) -> "Yard":
        self.limits = replace(self.limits, **limits)
        return self

    async def _enqueue(self, job: Job) -> None:
        if self.unreachable:
            raise ConnectionError
        self.enqueued.append(job.id)

    async def _fetch(self, wanted: Fetch, key: str) -> int:
        self._maybe_fail(f"unable to fetch {wanted.what}")
        assert self.outside.fetched is not None
        await self.blobs.write(key, self.outside.fetched)
        return len(self.outside.fetched)

    async def _notify(self, job: Job, notification: Notification) -> None:
        self._maybe_fail("error sending notification")
        self.outside.told.append((job.id, notification))

    def _maybe_fail(self, what: str) -> None:
        if self.outside.failures:
            error = OutboundFailed(f"{what}: http status code 500")
            error.retryable = self.outside.failures.pop(0)
            raise error


def now() -> datetime:
    return datetime.now(UTC)


async def account_with(database: Database, name: str, tokens: int) -> str:
    account = await Accounts(database).create(name, now())
    await Ledger(database).grant(f"grant:{account.id}", account.id, tokens, now())
    return account.id


@asynccontextmanager
async def open_yard(database: Database, folder: Path, names: EngineNames | None = None) -> AsyncIterator[Yard]:
    account = await account_with(database, "acme", TOKENS)
    blobs, ledger = Blobs(str(folder / "blobs")), Ledger(database)
    async with open_loader(routing.survey(names or scripted()), parallel=2) as loader, DecoderForks() as forks:
        yield Yard(database, blobs, ledger, account, loader, Outside(), BatchLimits(), forks)


def texts(sentences: Sequence) -> list[str]:
    return [sentence.text for sentence in sentences]
