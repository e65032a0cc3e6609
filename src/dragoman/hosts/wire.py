"""What parent and child say to each other: length-prefixed pickles, one request and its replies at a time.

Pickle is safe here: both ends are our own code on one machine, joined by a private pipe.
"""

import pickle
import struct
from dataclasses import dataclass
from typing import Any, BinaryIO, Literal

from dragoman.core.errors import DragomanError

_LENGTH = struct.Struct("<I")
HEADER_SIZE = _LENGTH.size


@dataclass(frozen=True, slots=True)
class Request:
    """``call`` and ``iterate`` go to the engine; ``open`` keeps what the method returns as the leased stream, which
    ``stream`` then calls and ``close`` drops."""

    verb: Literal["call", "iterate", "open", "stream", "close"]
    method: str = ""
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """The answer; of ``iterate``, one of several."""

    value: Any


@dataclass(frozen=True, slots=True)
class Done:
    """Nothing more comes: the end of ``iterate``, the answer to ``open`` and ``close``, and the child's greeting."""


@dataclass(frozen=True, slots=True)
class Failure:
    """The engine raised; the child lives on."""

    error: DragomanError


Reply = Result | Done | Failure


def encode(message: Request | Reply) -> bytes:
    body = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    return _LENGTH.pack(len(body)) + body


def body_size(header: bytes) -> int:
    size: int = _LENGTH.unpack(header)[0]
    return size


def decode(body: bytes) -> Any:
    return pickle.loads(body)  # noqa: S301  written by our own child


def read(stream: BinaryIO) -> Any:
    """The next message, blocking. Raises EOFError when the other end is gone."""
    header = stream.read(HEADER_SIZE)
    if len(header) < HEADER_SIZE:
        raise EOFError
    return decode(stream.read(body_size(header)))
