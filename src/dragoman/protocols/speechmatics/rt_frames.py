"""What clients say on the realtime wire, message by message, and what is to be done about it."""

from dataclasses import dataclass
from typing import Annotated, Any

import orjson
import pybase64
from pydantic import Field

from dragoman.core.controls import Control
from dragoman.live.inbox import Stop
from dragoman.protocols.speechmatics.config import Wire
from dragoman.protocols.speechmatics.errors import WireError
from dragoman.protocols.speechmatics.rt_config import RtConfig


class AddChannelAudio(Wire):
    channel: str
    data: str
    """Base64"""


class EndOfChannelMessage(Wire):
    channel: str


class ForceEndOfUtteranceMessage(Wire):
    channel: str | None = None
    timestamp: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """Seconds of audio"""


class GetSpeakers(Wire):
    final: bool = False


@dataclass(frozen=True, slots=True)
class Sound:
    """Bytes as the client sent them."""

    data: bytes
    channel: str | None = None


Input = Sound | Control | Stop
"""What goes to the session, in the order in which it came."""


@dataclass(frozen=True, slots=True)
class Say:
    """To be sent to the client at once."""

    message: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Begin:
    """The session is to be started."""

    config: RtConfig


@dataclass(frozen=True, slots=True)
class Feed:
    input: Input


@dataclass(frozen=True, slots=True)
class End:
    """The connection is to be closed: after an Error at once, else when the client has had time to do it itself."""

    code: int


Action = Say | Begin | Feed | End


def read_frame(frame: str) -> tuple[str, dict[str, Any]]:
    """The message's name, and the message. Raises :class:`WireError`."""
    try:
        message = orjson.loads(frame)
    except orjson.JSONDecodeError as error:
        raise WireError("invalid_message", f"A text message is not JSON: {error}") from error
    if not isinstance(message, dict) or not isinstance(message.get("message"), str):
        raise WireError("invalid_message", 'A message is an object such as {"message": "EndOfStream"}')
    return message["message"], message


def decode_audio(message: AddChannelAudio) -> Sound:
    try:
        return Sound(pybase64.b64decode(message.data, validate=True), message.channel)
    except ValueError as error:  # binascii.Error is one
        raise WireError("invalid_message", f"AddChannelAudio.data is not base64: {error}") from error
