"""What came of a job, and what it came of."""

from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal
from urllib.parse import quote

from fastapi import Query, Response

from dragoman.core.errors import BlobNotFound, JobRunning
from dragoman.core.transcript import Sentence, Translation
from dragoman.jobs.model import Job, JobKind
from dragoman.jobs.results import Result
from dragoman.protocols.speechmatics.batch_create import Format, Wait
from dragoman.protocols.speechmatics.batch_desk import BatchDesk, TheDesk, TheJob
from dragoman.protocols.speechmatics.batch_documents import MEDIA_TYPES, Tags, aligned, document, log, subtitles
from dragoman.protocols.speechmatics.batch_faults import ErrorName, Refusal
from dragoman.protocols.speechmatics.batch_routes import Pieces, batch_router, form_of, route
from dragoman.protocols.speechmatics.languages import tag_of

router = batch_router()

_TEXT: Final = "text/plain; charset=utf-8"
_JSON: Final = "application/json"


def _answers(*types: str) -> dict[str, Any]:
    """Of a route that answers in other forms than one of JSON."""
    schemas = {kind: {"schema": {"type": "object" if kind == _JSON else "string"}} for kind in types}
    return {"response_class": Response, "responses": {200: {"content": schemas}}}


@route(router, "GET", "/v2/jobs/{job_id}/transcript", **_answers(_JSON, "text/plain", "text/vtt"))
async def transcript(job: TheJob, desk: TheDesk, wanted: Format = "json-v2", wait: Wait = None) -> Response:
    """The transcript; 404 until the job is done."""
    form = form_of(wanted)
    _check_kind(job, "transcription")
    job = await desk.batch.wait(job, desk.waits(wait))
    return Response(await document(job, await _result(desk, job), form), media_type=MEDIA_TYPES[form])


@route(router, "GET", "/v2/jobs/{job_id}/subtitles/{language}.{form}", **_answers("text/plain", "text/vtt"))
async def subtitles_of(job: TheJob, language: str, form: Literal["srt", "vtt"], desk: TheDesk) -> Response:
    """Ours: subtitles in the language that was spoken, or in one that was translated to."""
    result = await _result(desk, job)
    tag, parts = _said(job, result, language)
    return Response(await subtitles(parts, tag, form), media_type=MEDIA_TYPES[form])


@route(router, "GET", "/v2/jobs/{job_id}/speech/{language}", **_answers("audio/wav"))
async def speech(job: TheJob, language: str, desk: TheDesk) -> Response:
    """Ours: a translation spoken, as long as the recording; with ``speech_config`` only."""
    result = await _result(desk, job)
    tag = tag_of(language)
    _check_that_it_is_there("speech", language, result)
    if tag is None or tag not in job.submission.options.run.speak:
        asked = ", ".join(job.submission.options.run.speak) or "none"
        raise Refusal(404, "Job not found", f"No speech in {language[:50]!r} was asked for. Asked for: {asked}")
    return await _blob(desk, job, desk.batch.speech(job, tag), "audio/wav", f"{job.id}.{tag}.wav")


@route(router, "GET", "/v2/jobs/{job_id}/data", **_answers("application/octet-stream"))
async def data(job: TheJob, desk: TheDesk) -> Response:
    """The recording, as it was sent or fetched."""
    name = job.submission.data_name or job.id
    return await _blob(desk, job, desk.batch.recording(job), "application/octet-stream", name)


@route(router, "GET", "/v2/jobs/{job_id}/log", **_answers("text/plain"))
async def job_log(job: TheJob, desk: TheDesk) -> Response:
    """What became of the job, what of its configuration was without effect, and what was broken in the recording."""
    aligns, is_done = job.submission.kind == "alignment", job.status == "done"
    result = await _result(desk, job) if is_done and not aligns else None
    found = await desk.batch.aligned(job) if is_done and aligns else None
    return Response(log(job, result, found), media_type=_TEXT)


@route(router, "GET", "/v2/jobs/{job_id}/alignment", **_answers("text/plain"))
async def alignment(
    job: TheJob, desk: TheDesk, tags: Annotated[Tags, Query()] = "word_start_and_end", wait: Wait = None
) -> Response:
    """The text with its times; 404 until the job is done."""
    _check_kind(job, "alignment")
    job = await desk.batch.wait(job, desk.waits(wait))
    try:
        found = await desk.batch.aligned(job)
    except JobRunning as error:
        raise _not_yet(job, "alignment") from error
    return Response(await aligned(found, tags), media_type=_TEXT)


@route(router, "GET", "/v2/jobs/{job_id}/text", **_answers("text/plain"))
async def text(job: TheJob, desk: TheDesk) -> Response:
    """The text that was to be aligned, as it was sent or fetched."""
    _check_kind(job, "alignment")
    return await _blob(desk, job, desk.batch.text(job), _TEXT, job.submission.text_name or f"{job.id}.txt")


@route(router, "GET", "/v2/jobs/{job_id}/object-urls", **_answers(_JSON))
async def object_urls(job: TheJob) -> Response:
    """404: no addresses are made that need no key."""
    detail = f"No addresses without a key are made here. With one, the recording is /v2/jobs/{job.id}/data"
    raise Refusal(404, "Malformed request", f"{detail}, and the transcript /v2/jobs/{job.id}/transcript")


async def _result(desk: BatchDesk, job: Job) -> Result:
    """Raises :class:`Refusal` before the job is done, and for one that makes no transcript."""
    _check_kind(job, "transcription")
    try:
        return await desk.batch.result(job)
    except JobRunning as error:
        raise _not_yet(job, "transcript") from error


def _said(job: Job, result: Result, language: str) -> tuple[str, Sequence[Sentence | Translation]]:
    """Its canonical tag, and what is to be shown."""
    tag, run = tag_of(language), job.submission.options.run
    if tag == run.source:
        return tag, result.transcript.sentences
    _check_that_it_is_there("translation", language, result)
    if tag is None or tag not in run.targets:
        possible = ", ".join((run.source, *run.targets))
        raise Refusal(404, "Job not found", f"There is nothing in {language[:50]!r}. There is {possible}")
    return tag, result.transcript.translations[tag]


def _check_that_it_is_there(feature: str, language: str, result: Result) -> None:
    for each in result.shortfalls:
        if each.feature == feature and each.language and language in (each.language, tag_of(each.language)):
            raise Refusal(404, "Job not found", each.message)


async def _blob(desk: BatchDesk, job: Job, key: str, media_type: str, name: str) -> Response:
    blobs = desk.batch.blobs
    try:
        size = await blobs.size(key)
    except BlobNotFound as error:
        if job.status == "running":
            raise Refusal(404, "Job not found", "It is not there yet") from error
        raise Refusal(410, "File Expired", "It is not there any more") from error
    return Pieces(blobs.pieces(key), size, media_type, f"attachment; filename*=UTF-8''{quote(name, safe='')}")


def _not_yet(job: Job, what: str) -> Refusal:
    return Refusal(404, "Job not found", f"The job {job.id} is not over, so there is no {what} yet")


def _check_kind(job: Job, kind: JobKind) -> None:
    """Raises :class:`Refusal`."""
    if job.submission.kind != kind:
        name: ErrorName = "Job is not of type alignment" if kind == "alignment" else "Job is not of type transcription"
        raise Refusal(404, name, f"The job {job.id} is of type {job.submission.kind}")
