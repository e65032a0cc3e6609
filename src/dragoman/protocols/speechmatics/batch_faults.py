"""Errors of the batch face: ``{code, error, detail}`` for everything that is not a success.

``error`` comes from a closed list, against which one client checks it, and another shows ``detail`` alone; so both are
always there.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final, Literal

from fastapi.responses import JSONResponse
from pydantic import BaseModel

from dragoman.core.errors import DragomanError
from dragoman.protocols.admin.statuses import http_status
from dragoman.protocols.outward import outward

ErrorName = Literal[
    "Bad Request",
    "File Expired",
    "Forbidden",
    "Resource Locked",
    "Format Not Supported",
    "Internal Server Error",
    "Job error",
    "Job Expired",
    "Job In Progress",
    "Job is not of type alignment",
    "Job is not of type transcription",
    "Job not found",
    "Job rejected",
    "Job rejected due to invalid audio",
    "Job rejected due to invalid text",
    "Malformed request",
    "Missing callback",
    "Missing data_file",
    "Missing text_file",
    "No language selected",
    "Not Implemented",
    "Permission Denied",
    "Requested product not available",
    "Transcription not ready",
    "Log file not available",
    "Unprocessable Entity",
]
"""Those that every official client takes."""

_OF_CODES: Final[Mapping[str, tuple[int, ErrorName]]] = {
    "file_unreadable": (400, "Job rejected due to invalid audio"),
    "not_audio": (400, "Job rejected due to invalid audio"),
    "empty_audio": (400, "Job rejected due to invalid audio"),
    "media_limit_exceeded": (400, "Job rejected due to invalid audio"),
    "decoder_crashed": (400, "Job rejected due to invalid audio"),
    "invalid_text": (400, "Job rejected due to invalid text"),
    "invalid_option": (400, "Job rejected"),
    "insufficient_tokens": (403, "Forbidden"),
    "idempotency_conflict": (409, "Bad Request"),
    "job_not_found": (404, "Job not found"),
    "blob_not_found": (404, "Job not found"),
    "job_running": (423, "Resource Locked"),
    "job_expired": (410, "Job Expired"),
}

_OF_STATUSES: Final[Mapping[int, ErrorName]] = {
    400: "Bad Request",
    401: "Permission Denied",
    402: "Forbidden",
    403: "Forbidden",
    404: "Malformed request",
    405: "Malformed request",
    408: "Bad Request",
    409: "Bad Request",
    410: "Job Expired",
    413: "Bad Request",
    422: "Unprocessable Entity",
    423: "Resource Locked",
    # The documented name for this, "Max concurrent running jobs exceeded", is not in the list of the npm client, which
    # would throw the wrong kind of error.
    429: "Job error",
    501: "Not Implemented",
}

_WORDS: Final[Mapping[int, str]] = {
    404: "There is nothing at this path; GET /docs shows every path",
    405: "This path has not that method; GET /docs shows every path and its methods",
    408: "The request took too long; try again",
    413: "The request is too large",
}


class BatchFault(BaseModel):
    """The body of every answer of the batch face that is not a success."""

    code: int
    """The HTTP status."""
    error: ErrorName
    detail: str


class Refusal(Exception):
    """What the face itself has to say against a request."""

    def __init__(self, status: int, error: ErrorName, detail: str) -> None:
        super().__init__(status, error, detail)
        self.status = status
        self.error: ErrorName = error
        self.detail = detail


def batch_fault(error: DragomanError | Refusal) -> JSONResponse:
    if isinstance(error, Refusal):
        return _answer(error.status, error.error, error.detail)
    status = http_status(error)
    status, name = _OF_CODES.get(error.code, (status, _name(status)))
    return _answer(status, name, str(outward(error)))


def batch_http_fault(status: int, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """What is wrong with a request as such."""
    return _answer(status, _name(status), _WORDS.get(status, HTTPStatus(status).phrase), headers)


def _name(status: int) -> ErrorName:
    other: ErrorName = "Internal Server Error" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "Bad Request"
    return _OF_STATUSES.get(status, other)


def _answer(status: int, name: ErrorName, detail: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    challenge = {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else {}
    body = BatchFault(code=status, error=name, detail=detail)
    return JSONResponse(body.model_dump(), status, {**challenge, **(headers or {})})
