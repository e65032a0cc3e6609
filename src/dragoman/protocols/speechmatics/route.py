"""A route whose errors look like Speechmatics'."""

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from dragoman.core.errors import DragomanError
from dragoman.protocols.speechmatics.faults import fault, fault_of, headers


class SpeechmaticsRoute(APIRoute):
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                return await answer(request)
            except DragomanError as error:
                return _refused(*fault_of(error))
            except RequestValidationError as error:
                return _refused(422, fault(422, objection(error)))
            except HTTPException as error:
                return _refused(error.status_code, fault(error.status_code, HTTPStatus(error.status_code).phrase))

        return answered


def _refused(status: int, body: bytes) -> Response:
    named = {name.decode(): value.decode() for name, value in headers(status)}
    return Response(body, status, named)


def objection(error: RequestValidationError) -> str:
    """The first field that is wrong, in the words that clients know. Its value is not repeated: it may be a secret."""
    first = error.errors()[0]
    where, *path = first["loc"]
    name = ".".join(str(part) for part in path)[:100] or where
    words = {
        "missing": "is required",
        "int_type": "must be of type integer",
        "greater_than_equal": f"should be greater than or equal to {first.get('ctx', {}).get('ge')}",
        "less_than_equal": f"should be less than or equal to {first.get('ctx', {}).get('le')}",
    }
    message = first["msg"][:1].lower() + first["msg"][1:]
    return f"{name} in {where} {words.get(first['type'], f'is wrong: {message}')}"
