"""How routes of the batch face are made, and how they answer."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import Any, Final, TypeVar

import orjson
from fastapi import APIRouter, Response
from starlette.types import Receive, Scope, Send

from dragoman.protocols.speechmatics.batch_documents import FORMS, Form
from dragoman.protocols.speechmatics.batch_faults import BatchFault, Refusal

E = TypeVar("E", bound=Callable[..., Any])

FAULTS: Final[dict[int | str, dict[str, Any]]] = {"4XX": {"model": BatchFault}, "5XX": {"model": BatchFault}}

_ALIASES: Final[Mapping[str, Form]] = {"json": "json-v2", "json_v2": "json-v2", "text": "txt"}


def batch_router() -> APIRouter:
    return APIRouter(tags=["speechmatics batch"], responses=FAULTS)


def route(router: APIRouter, method: str, path: str, **options: Any) -> Callable[[E], E]:
    """With and without a slash at its end: every example of the original has one."""

    def add(endpoint: E) -> E:
        router.add_api_route(path, endpoint, methods=[method], **options)
        router.add_api_route(f"{path}/", endpoint, methods=[method], include_in_schema=False, **options)
        return endpoint

    return add


def form_of(name: str) -> Form:
    """Raises :class:`Refusal` for a format that there is not."""
    for form in FORMS:
        if _ALIASES.get(name, name) == form:
            return form
    raise Refusal(400, "Format Not Supported", f"There is no format {name[:50]!r}; there are {', '.join(FORMS)}")


def json_answer(body: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")


class Pieces(Response):
    """What is too large for the memory, of a known size."""

    def __init__(self, pieces: AsyncGenerator[bytes, None], size: int, media_type: str, disposition: str) -> None:
        super().__init__(media_type=media_type, headers={"Content-Disposition": disposition})
        self.headers["content-length"] = str(size)
        self._pieces = pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  an ASGI application
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async with aclosing(self._pieces) as pieces:
            async for piece in pieces:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
