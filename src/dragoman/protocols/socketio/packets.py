"""Engine.IO 4 and Socket.IO 5 over a WebSocket, as data: frames to packets and packets to frames.

A text frame begins with its Engine.IO type; type 4 carries a Socket.IO packet, ``42/namespace,17["event",{...}]``:
kind, number of attachments (kinds 5 and 6 only), namespace, id (when the sender wants an acknowledgement), JSON. The
attachments follow as binary frames, and placeholders in the JSON say where they belong.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import orjson

from dragoman.core.errors import InvalidMessage

CLOSE, PING, PONG, MESSAGE = "1", "2", "3", "4"
"""Engine.IO types."""

MAX_ATTACHMENTS = 4
"""Of one packet; we know of no use for more than one."""

_HEAD = re.compile(r"4([0-6])(?:(\d{1,9})-)?(?:(/[^,]*)(?:,|$))?(\d{1,15})?", re.ASCII)


class Kind(IntEnum):
    CONNECT = 0
    DISCONNECT = 1
    EVENT = 2
    ACK = 3
    CONNECT_ERROR = 4
    BINARY_EVENT = 5
    BINARY_ACK = 6


_KINDS = {str(int(kind)): kind for kind in Kind}


@dataclass(frozen=True, slots=True)
class Packet:
    kind: Kind
    namespace: str
    id: int | None
    """Asks for an acknowledgement that names it."""
    data: Any
    """JSON; of an event a list that begins with its name."""
    attachments: int = 0
    """Binary frames that follow."""

    @property
    def event(self) -> str:
        return str(self.data[0])

    @property
    def payload(self) -> object:
        """The event's first argument, None when it has none."""
        return self.data[1] if len(self.data) > 1 else None


def decode(frame: str) -> Packet:
    """A Socket.IO packet from a frame of type :data:`MESSAGE`. Raises :class:`InvalidMessage`, without the content."""
    if (head := _HEAD.match(frame)) is None:
        raise _malformed()
    kind, attachments, namespace, packet_id = head.groups()
    try:
        data = orjson.loads(frame[head.end() :]) if head.end() < len(frame) else None
    except orjson.JSONDecodeError:
        raise _malformed() from None
    packet = Packet(
        _KINDS[kind],
        (namespace or "/").partition("?")[0],
        int(packet_id) if packet_id else None,
        data,
        int(attachments or 0),
    )
    if not _is_sound(packet):
        raise _malformed()
    return packet


def _is_sound(packet: Packet) -> bool:
    match packet.kind:
        case Kind.EVENT:
            return _names_an_event(packet.data) and not packet.attachments
        case Kind.BINARY_EVENT:
            return _names_an_event(packet.data) and 0 < packet.attachments <= MAX_ATTACHMENTS
        case Kind.CONNECT | Kind.DISCONNECT:
            return (packet.data is None or isinstance(packet.data, dict)) and not packet.attachments
        case _:
            return False  # we ask for no acknowledgement, so none can come


def _names_an_event(data: object) -> bool:
    return isinstance(data, list) and len(data) > 0 and isinstance(data[0], str)


def filled(packet: Packet, attachments: Sequence[bytes]) -> Packet:
    """The packet with its attachments where the placeholders were: the payload itself, or its fields."""
    payload = _resolved(packet.payload, attachments)
    if isinstance(payload, Mapping):
        payload = {name: _resolved(value, attachments) for name, value in payload.items()}
    return Packet(Kind.EVENT, packet.namespace, packet.id, [packet.event, payload])


def _resolved(value: object, attachments: Sequence[bytes]) -> object:
    if isinstance(value, Mapping) and value.get("_placeholder") is True:
        number = value.get("num")
        return attachments[number] if isinstance(number, int) and 0 <= number < len(attachments) else None
    return value


def opened(sid: str, *, ping_interval: float, ping_timeout: float, max_payload: int) -> str:
    """The first frame of a connection. Times are seconds here and milliseconds on the wire."""
    terms = {
        "sid": sid,
        "upgrades": [],
        "pingInterval": round(ping_interval * 1000),
        "pingTimeout": round(ping_timeout * 1000),
        "maxPayload": max_payload,
    }
    return f"0{orjson.dumps(terms).decode()}"


def connected(namespace: str, sid: str) -> str:
    return f"40{namespace},{orjson.dumps({'sid': sid}).decode()}"


def refused(namespace: str, message: str, data: Mapping[str, object] | None = None) -> str:
    """What a client gets as ``connect_error``."""
    error = {"message": message} if data is None else {"message": message, "data": data}
    return f"44{_prefix(namespace)}{orjson.dumps(error).decode()}"


def event(namespace: str, name: str, payload: Mapping[str, object] | None = None) -> str:
    arguments = (name,) if payload is None else (name, payload)
    return f"42{namespace},{orjson.dumps(arguments).decode()}"


def acknowledged(namespace: str, packet_id: int) -> str:
    return f"43{namespace},{packet_id}[]"


def _prefix(namespace: str) -> str:
    return "" if namespace == "/" else f"{namespace},"


def _malformed() -> InvalidMessage:
    return InvalidMessage("This is no Socket.IO packet", remedy="Use a Socket.IO client of version 3 or 4")
