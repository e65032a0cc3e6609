"""What the queue does towards others: one attempt to fetch, one attempt to tell."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass

from dragoman.core.options import Fetch, Notification
from dragoman.jobs import keys
from dragoman.jobs.fetch import fetch
from dragoman.jobs.model import Job
from dragoman.jobs.notify import Document, Outcome, notify, wanted
from dragoman.jobs.outbound import Outbound
from dragoman.jobs.results import AlignedText, Result, read_aligned, read_result
from dragoman.storage.blobs import Blobs

Documents = Callable[
    [Job, Result | AlignedText | None, Sequence[str], AsyncIterator[bytes] | None], Awaitable[tuple[Document, ...]]
]
"""Writes what a notification carries: of a job, what came of it (None when it was rejected), the names of the
documents, and the recording where it is one of them."""


@dataclass(frozen=True, slots=True)
class Correspondence:
    outbound: Outbound
    blobs: Blobs
    documents: Documents

    async def fetch(self, source: Fetch, key: str) -> int:
        return await fetch(self.outbound, source, self.blobs, key)

    async def notify(self, job: Job, notification: Notification) -> None:
        outcome = await self._outcome(job)
        names = wanted(notification, outcome, job.submission.kind)
        async with AsyncExitStack() as stack:
            result: Result | AlignedText | None = None
            data = None
            if any(name.startswith("transcript") for name in names):
                result = await read_result(self.blobs, job.id, job.submission.options)
            elif any(name.startswith(("alignment", "text")) for name in names):
                result = await read_aligned(self.blobs, job.id)
            if "data" in names:
                data = await stack.enter_async_context(aclosing(self.blobs.pieces(keys.recording(job.id))))
            documents = await self.documents(job, result, names, data)
            await notify(self.outbound, notification, job.id, outcome, documents)

    async def _outcome(self, job: Job) -> Outcome:
        if job.status == "done":
            return "success"
        options = job.submission.options
        for fetched, key in ((options.fetch_text, keys.text(job.id)), (options.fetch, keys.recording(job.id))):
            if fetched is not None and not await self.blobs.exists(key):
                return "fetch_error"
        return "error"
