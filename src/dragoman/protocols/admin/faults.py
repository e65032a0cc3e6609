"""Every error over HTTP in one shape: ``{code, message, remedy, retryable}``, the framework's own ones too."""

from collections.abc import Callable, Coroutine, Mapping
from http import HTTPStatus
from typing import Any, Final

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from dragoman.core.errors import DragomanError, InvalidMessage
from dragoman.protocols.admin.statuses import http_status
from dragoman.protocols.outward import outward

_REFUSALS: Final = {
    400: ("bad_request", "The request cannot be read", "Send JSON in UTF-8"),
    404: ("not_found", "There is nothing at this path", "GET /docs shows every path"),
    405: ("method_not_allowed", "This path has not that method", "GET /docs shows every path and its methods"),
    408: ("request_timeout", "The request took too long", "Try again"),
    413: ("content_too_large", "The request is too large", "Send less"),
}
"""By status, what is refused before any of our code sees it: code, message, remedy."""


class Fault(BaseModel):
    """The body of every answer that is not a success."""

    code: str
    """Stable; the words are not."""
    message: str
    remedy: str
    retryable: bool
    """Whether the same request may succeed a moment later."""


def fault(error: DragomanError) -> JSONResponse:
    told, status = outward(error), http_status(error)
    headers = {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else None
    body = Fault(code=told.code, message=told.message, remedy=told.remedy, retryable=told.retryable)
    return _answer(status, body, headers)


def http_fault(status: int, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """What is wrong with a request as such. ``status`` is one of those that the framework and we refuse with."""
    code, message, remedy = _REFUSALS.get(status, (f"http_{status}", HTTPStatus(status).phrase, ""))
    body = Fault(code=code, message=message, remedy=remedy, retryable=status == HTTPStatus.REQUEST_TIMEOUT)
    return _answer(status, body, headers)


def _answer(status: int, body: Fault, headers: Mapping[str, str] | None) -> JSONResponse:
    return JSONResponse(body.model_dump(), status_code=status, headers=headers)


async def _of_ours(_: Request, error: Any) -> Response:
    return fault(error)


async def _of_framework(_: Request, error: Any) -> Response:
    return http_fault(error.status_code, error.headers)


async def _of_fields(_: Request, error: Any) -> Response:
    """The first field that is wrong; its value is not repeated, because it may be a secret."""
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"][1:]) or str(first["loc"][0])
    return fault(InvalidMessage(f"{place[:100]}: {first['msg']}", remedy="GET /docs shows what is expected"))


FAULTS: Final[Mapping[Any, Callable[[Request, Any], Coroutine[Any, Any, Response]]]] = {
    DragomanError: _of_ours,
    HTTPException: _of_framework,
    RequestValidationError: _of_fields,
}
"""For a Starlette or FastAPI application."""
