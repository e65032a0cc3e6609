"""Errors over HTTP as Speechmatics' clients read them: ``{code, error, detail}``, ``error`` from a closed list."""

from http import HTTPStatus
from typing import Any, Final

import orjson

from dragoman.core.errors import DragomanError
from dragoman.protocols.admin.statuses import http_status
from dragoman.protocols.outward import outward

_NAMES: Final = {
    400: "Bad Request",
    401: "Permission Denied",
    403: "Forbidden",
    404: "Malformed request",
    422: "Unprocessable Entity",
    429: "Max concurrent running jobs exceeded",
    500: "Internal Server Error",
}
"""By status. One client checks the word against its list, and another shows ``detail`` alone."""


def fault(status: int, detail: str) -> bytes:
    """JSON. ``message`` repeats ``detail`` for a client that looks for it there."""
    name = _NAMES.get(status, _NAMES[500] if status >= HTTPStatus.INTERNAL_SERVER_ERROR else _NAMES[400])
    return orjson.dumps({"code": status, "error": name, "detail": detail, "message": detail})


def fault_of(error: DragomanError) -> tuple[int, bytes]:
    """Status and body."""
    status = http_status(error)
    return status, fault(status, str(outward(error)))


def headers(status: int) -> list[tuple[bytes, bytes]]:
    found: list[Any] = [(b"content-type", b"application/json")]
    if status == HTTPStatus.UNAUTHORIZED:
        found.append((b"www-authenticate", b"Bearer"))
    return found
