"""A job as it is told: its details, and the documents that came of it."""

from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final, Literal, get_args

import orjson
from anyio.to_thread import run_sync

import dragoman
from dragoman.core.options import Shortfall
from dragoman.core.transcript import Sentence, Translation
from dragoman.jobs.model import Job
from dragoman.jobs.notify import Document
from dragoman.jobs.results import AlignedText, Result
from dragoman.protocols.speechmatics.languages import tag_of
from dragoman.render.alignment import to_one_per_line, to_word_start_and_end
from dragoman.render.cues import cues
from dragoman.render.json_v2 import Feature, FeatureError, JobRecord, to_json_v2
from dragoman.render.speaker_txt import to_speaker_txt
from dragoman.render.srt import to_srt
from dragoman.render.style import SubtitleStyle, srt_style, style_for
from dragoman.render.vtt import to_vtt

Form = Literal["json-v2", "txt", "srt", "vtt"]
"""Of a transcript; vtt is ours."""

Tags = Literal["word_start_and_end", "one_per_line"]
"""Of an alignment."""

FORMS: Final[tuple[Form, ...]] = get_args(Form)

MEDIA_TYPES: Final[dict[Form, str]] = {
    "json-v2": "application/json",
    "txt": "text/plain; charset=utf-8",
    "srt": "text/plain; charset=utf-8",
    "vtt": "text/vtt; charset=utf-8",
}


def details(job: Job, *, with_config: bool) -> dict[str, Any]:
    """For orjson. The configuration is what was submitted, byte for byte: one client refuses every key that it does not
    know, also those that a friendly server would add."""
    submission = job.submission
    optional: dict[str, Any] = {
        "text_name": submission.text_name,
        "config": orjson.Fragment(submission.config) if with_config else None,
        "errors": [{"timestamp": milliseconds(error.timestamp), "message": error.message} for error in job.errors],
    }
    return {
        "created_at": milliseconds(job.created_at),
        "data_name": submission.data_name,
        "duration": _seconds(submission.duration),
        "id": job.id,
        "status": job.status,
        **{name: value for name, value in optional.items() if value},
        "progress": {"stage": job.stage, "percent": job.progress},
    }


async def document(job: Job, result: Result, form: Form) -> bytes:
    """A transcript; long ones take their time, and no other's."""
    return await run_sync(partial(_document, job, result, form))


async def aligned(found: AlignedText, tags: Tags) -> bytes:
    """The text with its times."""
    written = to_word_start_and_end if tags == "word_start_and_end" else to_one_per_line
    return (await run_sync(written, found.text, found.alignment.times)).encode()


async def subtitles(parts: Sequence[Sentence | Translation], language: str, form: Literal["srt", "vtt"]) -> bytes:
    """Of one language, by its canonical tag."""
    return await run_sync(partial(_subtitles, parts, style_for(language), form))


def log(job: Job, result: Result | None, found: AlignedText | None = None) -> str:
    """What became of the job and of everything that it asked for, in lines."""
    lines = [f"{milliseconds(job.created_at)} accepted"]
    lines += [f"{milliseconds(error.timestamp)} {error.message}" for error in job.errors]
    if job.finished_at is not None:
        lines.append(f"{milliseconds(job.finished_at)} {job.status}")
    missing = job.submission.options.shortfalls if result is None else result.shortfalls
    lines += [f"{each.feature}: {each.kind}: {each.message}" for each in missing]
    notices = found.alignment.notices if found else result.transcript.notices if result else ()
    lines += [f"notice: {notice}" for notice in notices]
    if found:
        times = found.alignment.times
        lines.append(f"alignment: {sum(time is not None for time in times)} of {len(times)} words were found")
    return "".join(f"{line}\n" for line in lines)


def milliseconds(time: datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03}Z"


async def notified(
    job: Job, result: Result | AlignedText | None, names: Sequence[str], data: AsyncIterator[bytes] | None = None
) -> tuple[Document, ...]:
    """What a notification carries, of what there is: ``result`` None when the job was rejected, ``data`` the
    recording."""
    tags: Tags
    found: list[Document] = []
    for name in names:
        kind, _, form = name.partition(".")
        if name == "jobinfo":
            found.append(Document(name, orjson.dumps({"job": details(job, with_config=True)})))
        elif kind == "transcript" and isinstance(result, Result) and form in FORMS:
            found.append(Document(name, await document(job, result, form)))
        elif name == "text" and isinstance(result, AlignedText):
            found.append(Document(name, result.text.encode()))
        elif kind == "alignment" and isinstance(result, AlignedText):
            tags = "one_per_line" if form == "one_per_line" else "word_start_and_end"
            found.append(Document(name, await aligned(result, tags)))
        elif name == "data" and data is not None:
            found.append(Document(name, data))
    return tuple(found)


def _document(job: Job, result: Result, form: Form) -> bytes:
    config = orjson.loads(job.submission.config)
    transcript = result.transcript
    match form:
        case "json-v2":
            return orjson.dumps(_json_v2(job, result, config))
        case "txt":
            return to_speaker_txt(transcript).encode()
        case "srt":
            wanted = (config.get("output_config") or {}).get("srt_overrides") or {}
            style = srt_style(
                transcript.language,
                max_line_length=wanted.get("max_line_length"),
                max_lines=wanted.get("max_lines"),
            )
            return _subtitles(transcript.sentences, style, "srt")
        case "vtt":
            return _subtitles(transcript.sentences, style_for(transcript.language), "vtt")


def _json_v2(job: Job, result: Result, config: dict[str, Any]) -> dict[str, Any]:
    submission = job.submission
    record = JobRecord(
        id=job.id,
        created_at=milliseconds(job.created_at),
        data_name=submission.data_name,
        duration=_seconds(submission.duration),
        config=config,
        text_name=submission.text_name,
    )
    made = job.finished_at or job.created_at
    return to_json_v2(
        result.transcript,
        record,
        created_at=f"{made:%Y-%m-%dT%H:%M:%S.%f}Z",
        version=dragoman.__version__,
        language=config["transcription_config"]["language"],
        errors=tuple(_errors(result.shortfalls, config)),
    )


def _errors(shortfalls: Sequence[Shortfall], config: dict[str, Any]) -> Iterator[FeatureError]:
    """Those that the document has a place for; the others stand in the log."""
    codes = (config.get("translation_config") or {}).get("target_languages") or ()
    for each in shortfalls:
        feature: Feature
        for feature in get_args(Feature):
            if each.feature == feature:
                # What a step has found out it tells of the language as it is called inside.
                named = [code for code in dict.fromkeys(codes) if each.language in (code, tag_of(code))]
                yield from (FeatureError(feature, each.kind, each.message, code) for code in named or [each.language])


def _subtitles(parts: Sequence[Sentence | Translation], style: SubtitleStyle, form: Literal["srt", "vtt"]) -> bytes:
    made = cues(parts, style)
    return (to_srt(made) if form == "srt" else to_vtt(made)).encode()


def _seconds(duration: float | None) -> int:
    """Whole ones; one client reckons with them, also while nobody knows."""
    return round(duration or 0.0)
