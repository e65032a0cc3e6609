"""What a job is, and how it may move. Pure."""

import secrets
import string
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from dragoman.core.options import JobOptions

JobKind = Literal["transcription", "alignment"]

JobStatus = Literal["running", "done", "rejected", "deleted"]
"""A job runs from when it was accepted, also while it waits."""

Stage = Literal[
    "queued", "fetching", "decoding", "recognising", "aligning", "translating", "speaking", "finishing", "over"
]

MOVES: Final[dict[JobStatus, frozenset[JobStatus]]] = {
    "running": frozenset({"done", "rejected", "deleted"}),
    "done": frozenset({"deleted"}),
    "rejected": frozenset({"deleted"}),
    "deleted": frozenset(),
}

_NORMAL: Final = 100
"""Priority of a job whose submitter does not say."""
_BEGINNING: Final = datetime(2026, 1, 1, tzinfo=UTC)
_STEP: Final = 10.0
"""Seconds that each further job of an account counts as if it had come later."""
_URGENCY: Final = 3600.0
"""The same for each step of priority."""
_LAST_PLACE: Final = 2**31 - 1

_ID_LENGTH: Final = 10
_ALPHABET: Final = string.ascii_lowercase + string.digits


@dataclass(frozen=True, slots=True)
class JobError:
    """One thing that went wrong, for the job's owner."""

    timestamp: datetime
    message: str


@dataclass(frozen=True, slots=True)
class Submission:
    """A job as it is asked for."""

    account_id: str
    config: str
    """JSON, exactly as the client wrote it."""
    options: JobOptions
    kind: JobKind = "transcription"
    data_name: str = ""
    """The name that the client gave its recording; empty when it is fetched."""
    text_name: str | None = None
    key_id: str | None = None
    client_ref: str | None = None
    idempotency_key: str | None = None
    request_digest: bytes | None = None
    """Of everything submitted under that key."""
    duration: float | None = None
    """Seconds, as far as looking at the recording told."""
    priority: int = _NORMAL
    """1 is the most urgent."""

    @property
    def called(self) -> str:
        """What messages to its owner call the recording."""
        return self.data_name or "the recording"


@dataclass(frozen=True, slots=True)
class Job:
    id: str
    """Ten lower-case letters and digits; it starts with a letter."""
    submission: Submission
    status: JobStatus
    stage: Stage
    progress: int
    """Percent of the whole."""
    errors: tuple[JobError, ...]
    created_at: datetime
    finished_at: datetime | None = None
    """When it was done or rejected."""
    expires_at: datetime | None = None
    deleted_at: datetime | None = None

    @property
    def folder(self) -> str:
        """Of its blobs."""
        return folder_of(self.id)

    def place(self, rank: int) -> int:
        """Its place in the queue, the lowest first; ``rank``: so many jobs of its account are not over.

        First come, first served, only that every job that an account has already counts as if this one had come later:
        who submits a hundred does not hold up who submits one, and nobody waits for ever.
        """
        waited = (self.created_at - _BEGINNING).total_seconds()
        later = rank * _STEP + (self.submission.priority - _NORMAL) * _URGENCY
        return min(max(1, round(waited + later)), _LAST_PLACE)


def folder_of(job_id: str) -> str:
    return f"jobs/{job_id}"


def new_id() -> str:
    """Not to be guessed, though nobody relies on that: a job is shown to its account only."""
    first = secrets.choice(string.ascii_lowercase)
    return first + "".join(secrets.choice(_ALPHABET) for _ in range(_ID_LENGTH - 1))
