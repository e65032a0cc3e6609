"""What the routes of the batch face work with, who calls them, and which job they are about."""

import string
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Request

from dragoman.accounts.principal import Principal
from dragoman.billing.ledger import Ledger
from dragoman.core.capabilities import Capabilities
from dragoman.core.errors import InsufficientTokens, JobExpired, JobNotFound
from dragoman.jobs.batch import Batch
from dragoman.jobs.model import Job
from dragoman.protocols.admin.office import Caller
from dragoman.protocols.speechmatics.batch_upload import Uploads

_LETTERS: Final = frozenset(string.ascii_letters + string.digits)


@dataclass(frozen=True, slots=True)
class BatchDesk:
    """Of one server; its lifespan puts it into the state of every request, under ``batch``."""

    batch: Batch
    capabilities: Capabilities
    uploads: Uploads
    longest_wait: float = 120.0
    """Seconds that an answer may be held back, whatever a client asks: proxies close what is silent for long."""
    short_wait: float = 2.0
    """Seconds that the state of a job is held back when a client does not say."""
    strict_targets: bool = False
    """Whether a target language that cannot be translated to is refused."""

    def waits(self, wait: int | None, otherwise: float = 0.0) -> float:
        return min(otherwise if wait is None else float(wait), self.longest_wait)

    async def must_have_tokens(self, account_id: str) -> None:
        """Before anything is uploaded. Raises :class:`InsufficientTokens`."""
        purse = self.batch.purse
        if purse.rates.of("batch") and (await Ledger(self.batch.jobs.database).balance(account_id)).available <= 0:
            raise InsufficientTokens("the account has no tokens left", remedy="Add tokens")


def desk_of(request: Request) -> BatchDesk:
    desk: BatchDesk = request.state.batch
    return desk


TheDesk = Annotated[BatchDesk, Depends(desk_of)]


async def _caller(caller: Caller) -> Principal:
    caller.require("batch")
    return caller


BatchCaller = Annotated[Principal, Depends(_caller)]
"""Whoever has a credential with the scope ``batch``."""


async def _job(job_id: str, caller: BatchCaller, desk: TheDesk) -> Job:
    # Databases choke on some of the characters that a path can have.
    job = await desk.batch.jobs.get(job_id, caller.account_id) if _LETTERS.issuperset(job_id) else None
    if job is None or caller.client_ref not in (None, job.submission.client_ref):
        raise JobNotFound("there is no such job", remedy="GET /v2/jobs lists yours")
    if job.status == "deleted":
        raise JobExpired(f"the job {job.id} was deleted", remedy="Submit the recording again")
    return job


TheJob = Annotated[Job, Depends(_job)]
"""The one in the path, if it is the caller's and has not been deleted."""
