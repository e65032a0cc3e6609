"""What requests to the batch face may take, and what all its answers have in common."""

import re
import secrets
from collections.abc import Callable, Coroutine, Mapping
from http import HTTPStatus
from typing import Any, Final

import anyio
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dragoman.protocols.admin.bounds import Allowance
from dragoman.protocols.speechmatics.batch_faults import Refusal, batch_fault, batch_http_fault
from dragoman.protocols.speechmatics.route import objection

Faults = Mapping[Any, Callable[[Request, Any], Coroutine[Any, Any, Response]]]

_OURS: Final = re.compile(r"/(v2|v1/discovery|v1/api[-_]keys)(/|$)")
_WITHOUT_END: Final = re.compile(r"/v2/jobs/[^/]+/(data|speech/[^/]+)/?$")
_UPLOAD: Final = re.compile(r"/v2/jobs/?$")
_ID: Final = re.compile(r"[\x21-\x7e]{1,200}")

_LONGEST: Final = 180.0
"""Seconds of a request that neither uploads nor downloads; more than an answer is held back for."""
_MOST_DRAINED: Final = 64 << 20
"""Bytes of a body that are read although they are refused."""
_LONGEST_DRAINED: Final = 10.0
"""Seconds for that."""


def _path(scope: Scope) -> str:
    """Below the path under which the application is mounted."""
    return str(scope["path"]).removeprefix(str(scope.get("root_path", "")))


def allowance(scope: Scope) -> Allowance:
    path = _path(scope)
    if not _OURS.match(path):
        return Allowance()
    if scope["method"] == "POST" and _UPLOAD.match(path):
        return Allowance(None, None, batch_http_fault, batch_fault)
    time = None if _WITHOUT_END.match(path) else _LONGEST
    return Allowance(time=time, refusal=batch_http_fault, fault=batch_fault)


def with_batch(others: Faults) -> Faults:
    """Handlers of exceptions for all paths, of those for the others."""

    def either(handler: Callable[[Request, Any], Coroutine[Any, Any, Response]]) -> Any:
        async def answer(request: Request, error: Any) -> Response:
            return _answer(error) if _OURS.match(_path(request.scope)) else await handler(request, error)

        return answer

    async def refused(_: Request, error: Any) -> Response:
        return batch_fault(error)

    return {Refusal: refused, **{kind: either(handler) for kind, handler in others.items()}}


def _answer(error: Any) -> Response:
    if isinstance(error, RequestValidationError):
        return batch_fault(Refusal(422, "Unprocessable Entity", objection(error)))
    if hasattr(error, "status_code"):
        return batch_http_fault(error.status_code, error.headers)
    return batch_fault(error)


class Answers:
    """ASGI middleware around all paths. Answers of this face bear an id, and the client's own; a refusal waits for a
    body that is still on its way, for some clients look at no answer before they have sent all."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _OURS.match(_path(scope)):
            answer = _Answer(scope, receive, send)
            await self._app(scope, answer.receive, answer.send)
        else:
            await self._app(scope, receive, send)


class _Answer:
    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        self._receive = receive
        self._send = send
        self._own_id = headers.get("x-request-id", "")
        self._more = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
        self._waits = headers.get("expect", "").lower() == "100-continue"
        """Whether the client sends no body before it is asked for it."""

    async def receive(self) -> Message:
        message = await self._receive()
        self._waits = False
        self._more = bool(message.get("more_body"))
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if message["status"] >= HTTPStatus.BAD_REQUEST and self._more and not self._waits:
                await self._drain()
            headers = MutableHeaders(scope=message)
            headers["Request-Id"] = secrets.token_hex(16)
            if _ID.fullmatch(self._own_id):
                headers["X-Request-Id"] = self._own_id
            if self._more:
                headers["Connection"] = "close"
        await self._send(message)

    async def _drain(self) -> None:
        read = 0
        with anyio.move_on_after(_LONGEST_DRAINED):
            while self._more and read < _MOST_DRAINED:
                message = await self.receive()
                read += len(message.get("body", b""))
