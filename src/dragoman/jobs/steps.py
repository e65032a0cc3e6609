"""The steps of a job, each of which may be done again from its beginning: after a crash, by another process, even by
two at the same time. They leave the same under the same keys, and only one of them ends the job.

A step returns keys and numbers, never what was said. None means that the job is over: rejected by that step, deleted
by its owner, or finished elsewhere.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Final, Protocol, TypedDict, TypeVar

import anyio
import structlog

from dragoman.core.errors import DragomanError, OutboundFailed, StorageError
from dragoman.core.options import Fetch
from dragoman.hosts.fence import report_bug
from dragoman.jobs import fetch, keys, notify
from dragoman.jobs.aligning import hear, place
from dragoman.jobs.decoding import decode
from dragoman.jobs.finishing import reject, settle, tidy
from dragoman.jobs.model import Job, JobError
from dragoman.jobs.outbound import failure
from dragoman.jobs.recognising import join, recognise
from dragoman.jobs.speaking import speak
from dragoman.jobs.texts import read_text
from dragoman.jobs.translating import translate
from dragoman.jobs.workshop import NotWanted, Workshop

_log = structlog.get_logger()

R = TypeVar("R")

_PAUSES: Final = (0.5, 2.0, 8.0, 30.0)
"""Seconds before a step is tried again; the last for all later times."""


class Plan(TypedDict):
    """What there is to do."""

    parts: int
    aligns: bool
    """A text, instead of recognising what is said."""
    targets: list[str]
    speak: list[str]


class Checkpoint(Protocol):
    """Has a step done once: where its result is known from an earlier life, that is returned instead."""

    async def __call__(self, name: str, step: Callable[[], Awaitable[R]], /) -> R: ...


Sleep = Callable[[float], Awaitable[None]]
"""Waits so many seconds; less when it has slept in an earlier life."""

Tell = Callable[[str, int], Awaitable[None]]
"""Has the owner of a job told, in so many notifications, that it is over."""


async def perform(job_id: str, steps: "Steps", checkpoint: Checkpoint, tell_all: Tell) -> None:
    """A job from beginning to end. What it does depends on nothing but the results of its steps."""
    await _make(job_id, steps, checkpoint)
    notifications = await checkpoint("finish", partial(steps.finish, job_id))
    if notifications:
        await tell_all(job_id, notifications)
    await checkpoint("tidy", partial(steps.tidy, job_id))


async def tell(job_id: str, index: int, steps: "Steps", checkpoint: Checkpoint, sleep: Sleep) -> None:
    """Sends one notification of a job that is over."""
    for attempt in count():
        pause = await checkpoint(f"attempt-{attempt}", partial(steps.notify, job_id, index, attempt))
        if pause is None:
            return
        await sleep(pause)


async def _make(job_id: str, steps: "Steps", checkpoint: Checkpoint) -> None:
    plan = await checkpoint("decode", partial(steps.decode, job_id))
    if plan is None:
        return
    if plan["aligns"]:
        await _align(job_id, plan["parts"], steps, checkpoint)
        return
    for index in range(plan["parts"]):
        if await checkpoint(f"recognise-{index}", partial(steps.recognise, job_id, index)) is None:
            return
    if await checkpoint("join", partial(steps.join, job_id)) is None:
        return
    for language in plan["targets"]:
        if await checkpoint(f"translate-{language}", partial(steps.translate, job_id, language)) is None:
            return
    for language in plan["speak"]:
        if await checkpoint(f"speak-{language}", partial(steps.speak, job_id, language)) is None:
            return


async def _align(job_id: str, parts: int, steps: "Steps", checkpoint: Checkpoint) -> None:
    for index in range(parts):
        if await checkpoint(f"hear-{index}", partial(steps.hear, job_id, index)) is None:
            return
    await checkpoint("place", partial(steps.place, job_id))


@dataclass(frozen=True, slots=True)
class Steps:
    shop: Workshop

    async def decode(self, job_id: str) -> Plan | None:
        """Fetches the recording first, if it was not uploaded."""
        return await self._done(job_id, self._decode)

    async def recognise(self, job_id: str, index: int) -> str | None:
        return await self._done(job_id, partial(recognise, self.shop, index=index))

    async def hear(self, job_id: str, index: int) -> str | None:
        return await self._done(job_id, partial(hear, self.shop, index=index))

    async def place(self, job_id: str) -> str | None:
        return await self._done(job_id, partial(place, self.shop))

    async def join(self, job_id: str) -> str | None:
        return await self._done(job_id, partial(join, self.shop))

    async def translate(self, job_id: str, language: str) -> str | None:
        return await self._done(job_id, partial(translate, self.shop, language=language))

    async def speak(self, job_id: str, language: str) -> str | None:
        return await self._done(job_id, partial(speak, self.shop, language=language))

    async def finish(self, job_id: str) -> int:
        """Ends the job, if nothing has. Returns how many notifications are to be sent."""
        await self._done(job_id, partial(settle, self.shop))
        job = await self.shop.jobs.get(job_id)
        return 0 if job.status == "deleted" else len(job.submission.options.notifications)

    async def notify(self, job_id: str, index: int, attempt: int) -> float | None:
        """Tries to send one notification; an attempt that fails is noted in the job. Returns after how many seconds to
        try again, None when it was sent or given up."""
        try:
            job = await self.shop.jobs.get(job_id)
            if job.status in ("done", "rejected"):
                await self.shop.notify(job, job.submission.options.notifications[index])
        except DragomanError as error:
            _log.warning("job_not_notified", job=job_id, code=error.code, attempt=attempt)
            await self._note(job_id, error)
            return notify.PAUSES[attempt] if error.retryable and attempt < len(notify.PAUSES) else None
        except Exception as error:  # noqa: BLE001  fences the queue from what is to be sent
            report_bug("job_not_notified", error, job=job_id)
        return None

    async def tidy(self, job_id: str) -> None:
        try:
            await tidy(self.shop, await self.shop.jobs.get(job_id))
        except DragomanError as error:  # what is left behind goes with the next cleaning
            _log.warning("blobs_left_behind", job=job_id, code=error.code)

    async def reject(self, job_id: str, error: DragomanError) -> None:
        """Ends a job whose steps cannot be done, if nothing has."""
        await reject(self.shop, await self.shop.jobs.get(job_id), error)

    async def _decode(self, job: Job) -> Plan:
        options, aligns = job.submission.options, job.submission.kind == "alignment"
        await self._fetch(job, options.fetch_text, keys.text(job.id))
        if aligns:
            await read_text(self.shop.blobs, job.id)  # one that is no good is told before anything is decoded
        await self._fetch(job, options.fetch, keys.recording(job.id))
        run, parts = options.run, await decode(self.shop, job)
        return Plan(parts=parts, aligns=aligns, targets=list(run.targets), speak=list(run.speak))

    async def _fetch(self, job: Job, wanted: Fetch | None, key: str) -> None:
        """Unless it is there. Attempts that failed are noted; the last is what the job is rejected for."""
        if wanted is None or await self.shop.blobs.exists(key):
            return
        for pause in (*fetch.PAUSES, None):
            await self.shop.come_to(job, "fetching", 1)
            try:
                await self.shop.fetch(wanted, key)
            except OutboundFailed as error:
                if pause is None or not error.retryable:
                    raise failure(error.message, retryable=False) from error
                await self._note(job.id, error)
            else:
                return
            await anyio.sleep(pause)

    async def _note(self, job_id: str, error: DragomanError) -> None:
        try:
            await self.shop.jobs.note(job_id, JobError(self.shop.now(), str(error)))
        except StorageError as unnoted:
            _log.warning("job_error_not_noted", job=job_id, code=unnoted.code)

    async def _done(self, job_id: str, work: Callable[[Job], Awaitable[R]]) -> R | None:
        """The fence around a step: what it raises is tried again, or rejects the job, and goes no further."""
        tries = 0
        while True:
            try:
                job = await self.shop.jobs.get(job_id)
                return await work(job) if job.status == "running" else None
            except NotWanted:
                return None
            except DragomanError as error:
                trouble = error
            except Exception as error:  # noqa: BLE001  fences one job from the others, and its words from the queue
                trouble = report_bug("job_failed", error, job=job_id)
            tries += 1
            if await self._given_up(job_id, trouble, tries):
                return None
            await anyio.sleep(_PAUSES[min(tries, len(_PAUSES)) - 1])

    async def _given_up(self, job_id: str, trouble: DragomanError, tries: int) -> bool:
        """Rejects the job, unless it may still succeed. A database that is away takes no rejection either, so it is
        waited for."""
        _log.warning("step_failed", job=job_id, code=trouble.code, tries=tries)
        if trouble.retryable and (isinstance(trouble, StorageError) or tries < self.shop.limits.tries):
            return False
        try:
            await self.reject(job_id, trouble)
        except StorageError as error:
            _log.warning("job_not_rejected", job=job_id, code=error.code)
            return False
        return True
