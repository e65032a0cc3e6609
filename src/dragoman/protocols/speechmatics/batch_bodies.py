"""Answers of the batch face, as its description shows them. Times are RFC 3339 in UTC, to the millisecond."""

from typing import Any, Literal

from pydantic import BaseModel

from dragoman.jobs.model import JobStatus, Stage


class NewJob(BaseModel):
    """With ``wait``: also the status, and the transcript under the name of its format."""

    id: str
    status: Literal["created", "done", "rejected", "deleted"] | None = None


class JobErrorBody(BaseModel):
    timestamp: str
    message: str


class Progress(BaseModel):
    """Ours."""

    stage: Stage
    percent: int


class JobDetails(BaseModel):
    created_at: str
    data_name: str
    """Empty when the recording is fetched."""
    text_name: str | None = None
    """The same of the text of a job that aligns one."""
    duration: int
    """Whole seconds; 0 while it is not known."""
    id: str
    status: JobStatus
    config: Any | None = None
    """As submitted; lists leave it out."""
    errors: list[JobErrorBody] | None = None
    progress: Progress


class JobAnswer(BaseModel):
    job: JobDetails


class JobList(BaseModel):
    jobs: list[JobDetails]


class UsageItem(BaseModel):
    mode: Literal["batch"] = "batch"
    type: str
    language: str | None = None
    count: int
    duration_hrs: float


class UsageAnswer(BaseModel):
    since: str
    until: str
    summary: list[UsageItem]
    """By type."""
    details: list[UsageItem]
    """By type and language."""
