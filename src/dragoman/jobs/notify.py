"""Telling whoever asked for it that a job is over.

One call is one attempt; the workflow waits between two, so that a notification survives whatever is killed.
Source: shared/protocols/speechmatics.md, section 1.8.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import aiohttp

from dragoman.core.options import Notification
from dragoman.jobs.model import JobKind
from dragoman.jobs.outbound import Outbound, checked_headers, failed_status, outbound_errors

Outcome = Literal["success", "error", "fetch_error", "trim_error"]

PAUSES: Final = (5.0, 15.0, 45.0)
"""Seconds between one attempt and the next, when another may help."""

_JSON: Final = "application/json"
_TEXT: Final = "text/plain; charset=utf-8"

_ALIASES: Final = {
    "transcript": "transcript.json-v2",
    "transcript:json-v2": "transcript.json-v2",
    "alignment": "alignment.word_start_and_end",
}

CONTENTS: Final[Mapping[str, str]] = {
    "jobinfo": _JSON,
    "transcript.json-v2": _JSON,
    "transcript.txt": _TEXT,
    "transcript.srt": _TEXT,
    "text": _TEXT,
    "alignment.word_start_and_end": _TEXT,
    "alignment.one_per_line": _TEXT,
    "data": "application/octet-stream",
}
"""What can be sent, and as what."""

_USUAL: Final[Mapping[JobKind, str]] = {
    "transcription": "transcript.json-v2",
    "alignment": "alignment.word_start_and_end",
}
"""What is sent to whoever does not say."""

_READ: Final = 1 << 16
"""Bytes of an answer that are read; they mean nothing, and the connection is kept."""


@dataclass(frozen=True, slots=True)
class Document:
    name: str
    """One of :data:`CONTENTS`."""
    data: bytes | AsyncIterator[bytes]


def content_name(asked: str) -> str | None:
    """What a client means; None when there is no such content."""
    name = _ALIASES.get(asked, asked)
    return name if name in CONTENTS else None


def wanted(notification: Notification, outcome: Outcome, kind: JobKind = "transcription") -> tuple[str, ...]:
    """Names of the documents that it takes, those that there are after such an end of a job of that kind."""
    asked = (_USUAL[kind],) if notification.contents is None else notification.contents
    names = [name for name in map(content_name, asked) if name is not None and _is_of(name, kind)]
    return tuple(dict.fromkeys(names if outcome == "success" else [name for name in names if name == "jobinfo"]))


def _is_of(name: str, kind: JobKind) -> bool:
    """Whether such a job makes such a document."""
    others = ("transcript",) if kind == "alignment" else ("alignment", "text")
    return not name.startswith(others)


async def notify(
    outbound: Outbound, notification: Notification, job_id: str, outcome: Outcome, documents: tuple[Document, ...]
) -> None:
    """One attempt. Raises :class:`OutboundFailed`, whose ``retryable`` says whether another may help."""
    what = "error sending notification"
    headers = checked_headers(notification.auth_headers, "notification_config.auth_headers")
    body, kind = _body(notification, documents)
    if kind is not None:
        headers["Content-Type"] = kind
    url = f"{notification.url}{'&' if '?' in notification.url else '?'}id={job_id}&status={outcome}"
    timeout = aiohttp.ClientTimeout(total=outbound.limits.answer)
    with outbound_errors(what):
        async with outbound.session.request(
            notification.method.upper(), url, data=body, headers=headers, timeout=timeout, allow_redirects=False
        ) as answer:
            await answer.content.read(_READ)
            if not 200 <= answer.status < 300:
                raise failed_status(what, answer.status)


def _body(
    notification: Notification, documents: tuple[Document, ...]
) -> tuple[bytes | AsyncIterator[bytes] | aiohttp.MultipartWriter | None, str | None]:
    """What is sent, and its type where the library does not say it itself."""
    if not documents:
        return None, None
    if notification.contents is None:
        return _parts({"data_file": documents[0]}), None
    if len(notification.contents) == 1:
        return documents[0].data, CONTENTS[documents[0].name]
    return _parts({document.name: document for document in documents}), None


def _parts(documents: Mapping[str, Document]) -> aiohttp.MultipartWriter:
    writer = aiohttp.MultipartWriter("form-data")
    for field, document in documents.items():
        part = writer.append(document.data, {"Content-Type": CONTENTS[document.name]})
        part.set_content_disposition("form-data", name=field, filename=document.name)
    return writer
