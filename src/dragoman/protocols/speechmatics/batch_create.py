"""``POST /v2/jobs``"""

import re
from dataclasses import dataclass
from typing import Annotated, Any, Final

import orjson
from fastapi import Header, Query, Request, Response

from dragoman.accounts.principal import Principal
from dragoman.core.errors import DragomanError
from dragoman.jobs.admission import Accepted
from dragoman.jobs.model import Job, Submission
from dragoman.protocols.speechmatics.batch_bodies import NewJob
from dragoman.protocols.speechmatics.batch_config import JobConfig, read_config, refused
from dragoman.protocols.speechmatics.batch_desk import BatchCaller, BatchDesk, TheDesk
from dragoman.protocols.speechmatics.batch_documents import FORMS, Form, document
from dragoman.protocols.speechmatics.batch_faults import Refusal
from dragoman.protocols.speechmatics.batch_options import agree
from dragoman.protocols.speechmatics.batch_routes import batch_router, form_of, json_answer, route
from dragoman.protocols.speechmatics.batch_upload import Uploaded, receive

router = batch_router()

_KEY: Final = re.compile(r"[\x21-\x7e]{1,128}")

_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["config"],
                    "properties": {
                        "config": {"type": "string", "description": "JSON"},
                        "data_file": {"type": "string", "format": "binary"},
                        "text_file": {"type": "string", "format": "binary"},
                    },
                    "additionalProperties": False,
                }
            }
        },
    }
}

Wait = Annotated[int | None, Query(ge=0, le=86_400, description="Seconds until the job is over, at most")]
Format = Annotated[str, Query(alias="format", max_length=50, description=f"Of the transcript: {', '.join(FORMS)}")]


@dataclass(frozen=True, slots=True)
class _Asked:
    caller: Principal
    priority: int
    idempotency_key: str | None


@route(router, "POST", "/v2/jobs", status_code=201, response_model=NewJob, openapi_extra=_BODY)
async def create_job(
    request: Request,
    caller: BatchCaller,
    desk: TheDesk,
    wait: Wait = None,
    wanted: Format = "json-v2",
    priority: Annotated[int, Query(ge=1, le=1000, description="1 is the most urgent")] = 100,
    idempotency_key: Annotated[
        str | None, Header(description="The same request with it again makes no new job")
    ] = None,
) -> Response:
    """A job. Its form has the parts ``config``, ``data_file`` and, to align, ``text_file``, in whatever order."""
    form = form_of(wanted)
    asked = _Asked(caller, priority, _own_key(caller, idempotency_key))
    accepted = await _accept(request, desk, asked)
    answer: dict[str, Any] = {"id": accepted.job.id}
    if wait is not None:
        job = await desk.batch.wait(accepted.job, desk.waits(wait))
        answer["status"] = "created" if job.status == "running" else job.status
        if job.status == "done" and job.submission.kind == "transcription":
            answer |= await _transcript(desk, job, form)
    return json_answer(answer, 201)


async def _accept(request: Request, desk: BatchDesk, asked: _Asked) -> Accepted:
    account_id = asked.caller.account_id
    await desk.must_have_tokens(account_id)
    with desk.uploads.arriving(account_id):
        async with desk.batch.intake() as intake:
            uploaded = await receive(request, intake, desk.uploads.limits)
            return await intake.submit(_submission(uploaded, asked, desk))


def _submission(uploaded: Uploaded, asked: _Asked, desk: BatchDesk) -> Submission:
    config = read_config(uploaded.config)
    options = agree(config, desk.capabilities, strict_targets=desk.strict_targets)
    _check_sources(config, uploaded)
    aligns = config.type == "alignment"
    return Submission(
        account_id=asked.caller.account_id,
        config=uploaded.config,
        options=options,
        kind="alignment" if aligns else "transcription",
        data_name=uploaded.data_name or "",
        text_name=uploaded.text_name or ("" if aligns else None),
        key_id=asked.caller.key_id,
        client_ref=asked.caller.client_ref,
        idempotency_key=asked.idempotency_key,
        request_digest=uploaded.digest if asked.idempotency_key else None,
        priority=asked.priority,
    )


def _check_sources(config: JobConfig, uploaded: Uploaded) -> None:
    if config.type != "alignment" and uploaded.text_name is not None:
        raise refused("text_file belongs to jobs of type alignment")
    if config.type == "alignment" and config.fetch_text is None and uploaded.text_name is None:
        raise Refusal(400, "Missing text_file", "Send the text as text_file, or name it in fetch_text")
    if config.fetch_text is not None and uploaded.text_name is not None:
        raise refused("text_file and fetch_text are both there; send one")
    if config.fetch_data is None and uploaded.data_name is None:
        raise Refusal(400, "Missing data_file", "Send the recording as data_file, or name it in fetch_data")
    if config.fetch_data is not None and uploaded.data_name is not None:
        raise refused("data_file and fetch_data are both there; send one")


def _own_key(caller: Principal, key: str | None) -> str | None:
    """Of whoever sees only their own jobs, apart from those of the account's others."""
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        raise Refusal(400, "Bad Request", "Idempotency-Key should be 1 to 128 visible ASCII characters")
    return key if caller.client_ref is None else orjson.dumps([caller.client_ref, key]).decode()


async def _transcript(desk: BatchDesk, job: Job, form: Form) -> dict[str, Any]:
    """Best effort: the job is accepted, so nothing here may refuse it."""
    try:
        made = await document(job, await desk.batch.result(job), form)
    except DragomanError:
        return {}
    return {form: orjson.Fragment(made) if form == "json-v2" else made.decode()}
