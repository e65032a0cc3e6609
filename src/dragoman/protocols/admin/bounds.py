"""What a request over HTTP may take: bytes and time. And what is left of one in which we have a bug."""

from typing import Any

import anyio
from fastapi import HTTPException
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dragoman.hosts.fence import report_bug
from dragoman.protocols.admin.faults import fault, http_fault

LARGEST_BODY = 64 * 1024
"""Bytes. Every body of ours is a few fields."""

LONGEST_REQUEST = 30.0
"""Seconds from the head of a request to the end of its answer."""


class Bounds:
    """ASGI middleware. A request that is too large is answered 413, one that takes too long 408, a bug 500."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(send)
        if _announced(scope) > LARGEST_BODY:
            await http_fault(413, {"Connection": "close"})(scope, receive, send)
            return
        with anyio.move_on_after(LONGEST_REQUEST) as time:
            try:
                await self._app(scope, _bounded(receive), answer.send)
            except Exception as error:  # noqa: BLE001  fences this request from the server, and its log from content
                bug = report_bug("request_failed", error)
                if not answer.begun:
                    await fault(bug)(scope, receive, send)
        if time.cancelled_caught and not answer.begun:
            await http_fault(408, {"Connection": "close"})(scope, receive, send)


class _Answer:
    """Knows whether it has begun, after which no other can be sent."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.begun = False

    async def send(self, message: Message) -> None:
        self.begun = True
        await self._send(message)


def _announced(scope: Scope) -> int:
    length = Headers(scope=scope).get("content-length", "0")
    return int(length) if length.isdecimal() else 0


def _bounded(receive: Receive) -> Receive:
    """For a body whose length was not announced."""
    read = 0

    async def counted() -> dict[str, Any]:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > LARGEST_BODY:
            raise HTTPException(413, headers={"Connection": "close"})
        return dict(message)

    return counted
