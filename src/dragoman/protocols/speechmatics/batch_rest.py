"""Jobs as they are, until they are deleted."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Query, Response

from dragoman.protocols.speechmatics.batch_bodies import JobAnswer, JobList
from dragoman.protocols.speechmatics.batch_create import Wait
from dragoman.protocols.speechmatics.batch_desk import BatchCaller, TheDesk, TheJob
from dragoman.protocols.speechmatics.batch_documents import details
from dragoman.protocols.speechmatics.batch_faults import Refusal
from dragoman.protocols.speechmatics.batch_routes import batch_router, json_answer, route

router = batch_router()

Moment = Annotated[str | None, Query(max_length=50, description="RFC 3339")]


@route(router, "GET", "/v2/jobs", response_model=JobList)
async def list_jobs(
    caller: BatchCaller,
    desk: TheDesk,
    limit: Annotated[int, Query(ge=1, le=100)] = 100,
    created_before: Moment = None,
    created_after: Moment = None,
    include_deleted: bool = False,  # noqa: FBT001, FBT002  a query parameter
) -> Response:
    """Newest first, without their configurations. The next page is that before the last job's ``created_at``."""
    found = await desk.batch.jobs.latest(
        caller.account_id,
        limit=limit,
        before=_moment(created_before, "created_before"),
        since=_moment(created_after, "created_after"),
        client_ref=caller.client_ref,
        include_deleted=include_deleted,
    )
    return json_answer({"jobs": [details(job, with_config=False) for job in found]})


@route(router, "GET", "/v2/jobs/{job_id}", response_model=JobAnswer)
async def show_job(job: TheJob, desk: TheDesk, wait: Wait = None) -> Response:
    """The job, when it is over or after ``wait``, else two seconds; 0 answers at once."""
    job = await desk.batch.wait(job, desk.waits(wait, desk.short_wait))
    return json_answer({"job": details(job, with_config=True)})


@route(router, "DELETE", "/v2/jobs/{job_id}", response_model=JobAnswer)
async def delete_job(
    job: TheJob,
    desk: TheDesk,
    force: bool = False,  # noqa: FBT001, FBT002  a query parameter
) -> Response:
    """The job and all that came of it. One that runs only with ``force``; it costs nothing then."""
    return json_answer({"job": details(await desk.batch.delete(job, force=force), with_config=False)})


def _moment(text: str | None, name: str) -> datetime | None:
    """What is finer than a microsecond is cut off."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        detail = f"{name} in query should be a time such as 2026-01-02T03:04:05.678Z"
        raise Refusal(422, "Unprocessable Entity", detail) from error
