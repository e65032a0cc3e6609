"""What a request over HTTP may take: bytes and time. And what is left of one in which we have a bug."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import anyio
from fastapi import HTTPException
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dragoman.core.errors import DragomanError
from dragoman.hosts.fence import report_bug
from dragoman.protocols.admin.faults import fault, http_fault

LARGEST_BODY = 64 * 1024
"""Bytes. Every body of ours is a few fields."""

LONGEST_REQUEST = 30.0
"""Seconds from the head of a request to the end of its answer."""

LONGEST_STALL = 60.0
"""Seconds in which a client must take a piece of its answer."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """Of one request."""

    body: int | None = LARGEST_BODY
    """Bytes; None: whoever reads it bounds it."""
    time: float | None = LONGEST_REQUEST
    """Seconds; None: whoever answers it bounds it."""
    refusal: Callable[[int, Mapping[str, str] | None], Response] = http_fault
    """Answers with a status."""
    fault: Callable[[DragomanError], Response] = fault
    """Answers with an error."""


class Bounds:
    """ASGI middleware. A request that is too large is answered 413, one that takes too long 408, a bug 500."""

    def __init__(self, app: ASGIApp, allowance: Callable[[Scope], Allowance] = lambda _: Allowance()) -> None:
        self._app = app
        self._allowance = allowance

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        allowed = self._allowance(scope)
        answer = _Answer(send)
        if allowed.body is not None and _announced(scope) > allowed.body:
            await allowed.refusal(413, {"Connection": "close"})(scope, receive, send)
            return
        with anyio.move_on_after(allowed.time) as time:
            try:
                await self._app(scope, _bounded(receive, allowed.body), answer.send)
            except ClientDisconnect:  # nobody is there to be answered
                return
            except Exception as error:  # noqa: BLE001  fences this request from the server, and its log from content
                bug = report_bug("request_failed", error)
                if not answer.begun:
                    await allowed.fault(bug)(scope, receive, send)
        if time.cancelled_caught and not answer.begun:
            await allowed.refusal(408, {"Connection": "close"})(scope, receive, send)


class _Answer:
    """Knows whether it has begun, after which no other can be sent."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.begun = False

    async def send(self, message: Message) -> None:
        self.begun = True
        try:
            with anyio.fail_after(LONGEST_STALL):
                await self._send(message)
        except TimeoutError as error:
            raise ClientDisconnect from error


def _announced(scope: Scope) -> int:
    length = Headers(scope=scope).get("content-length", "0")
    return int(length) if length.isdecimal() else 0


def _bounded(receive: Receive, largest: int | None) -> Receive:
    """For a body whose length was not announced."""
    read = 0

    async def counted() -> dict[str, Any]:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if largest is not None and read > largest:
            raise HTTPException(413, headers={"Connection": "close"})
        return dict(message)

    return counted
