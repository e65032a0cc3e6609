"""What the decoder's parent and child say to each other.

The child gets a :class:`DecodeRequest` as its argument and the open media file as its standard input. It answers on
its standard output with frames: one byte of tag, four of length (little-endian), the payload.
"""

import json
import struct
from dataclasses import asdict, dataclass, field
from enum import Enum

from dragoman.core.errors import DecoderCrashed, DragomanError, error_kinds

FRAME_HEADER = struct.Struct("<cI")
CHANNEL_INDEX = struct.Struct("<H")
EXIT_STATUS = struct.Struct("<i")
"""How a forked decoder ended, negative for a signal."""
LONGEST_PAYLOAD = 1 << 20
"""Bytes; a longer frame means that the child has gone mad. Half a second of PCM at 192 kHz is a fifth of this."""

_MIB = 1 << 20
_HOUR = 3600.0


class Tag(Enum):
    """Kinds of frame: one INFO, then any number of PCM and WARNING, then one END. An ERROR may end it at any place, and
    of a stream a WAITING may stand at any place."""

    INFO = b"I"
    """A :class:`MediaInfo` as JSON."""
    PCM = b"P"
    """The index of the channel, then its next samples."""
    WARNING = b"W"
    """One line of text."""
    WAITING = b"T"
    """How many bytes of the stream were read, in decimal: what can be decoded of them stands before this."""
    END = b"E"
    ERROR = b"X"
    """Code, message and remedy of an error as JSON."""


@dataclass(frozen=True, slots=True)
class DecodeLimits:
    """What decoding one file may cost before it is given up as :class:`MediaLimitExceeded`."""

    memory: int = 512 * _MIB
    """Bytes of heap and private mappings beyond what the decoder's libraries hold before they see the file."""
    cpu_seconds: int = 3600
    output_seconds: float = 24 * _HOUR
    """Length of the decoded sound."""
    stall_seconds: float = 60.0
    """Longest wait for the next piece of sound. Time in which nobody asks for one does not count."""
    niceness: int = 0
    """By how much the decoder gives way to others."""


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """What the file is, as its container and its first decoded samples say."""

    format: str
    """FFmpeg's name of the container."""
    codec: str
    sample_rate: int
    """Hertz"""
    channels: int
    duration: float | None
    """Seconds, as the container says; it may be an estimate, and a broken file ends earlier."""


@dataclass(frozen=True, slots=True)
class DecodeRequest:
    parent_pid: int
    sample_rate: int
    """Hertz of the PCM that is wanted."""
    split_channels: bool
    limits: DecodeLimits = field(default_factory=DecodeLimits)

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "DecodeRequest":
        fields = json.loads(text)
        return cls(**{**fields, "limits": DecodeLimits(**fields["limits"])})


def encode_frame(tag: Tag, payload: bytes = b"") -> bytes:
    return FRAME_HEADER.pack(tag.value, len(payload)) + payload


def encode_info(info: MediaInfo) -> bytes:
    return encode_frame(Tag.INFO, json.dumps(asdict(info)).encode())


def decode_info(payload: bytes) -> MediaInfo:
    return MediaInfo(**json.loads(payload))


def encode_pcm(channel: int, pcm: bytes) -> bytes:
    return encode_frame(Tag.PCM, CHANNEL_INDEX.pack(channel) + pcm)


def decode_pcm(payload: bytes) -> tuple[int, bytes]:
    (channel,) = CHANNEL_INDEX.unpack_from(payload)
    return channel, payload[CHANNEL_INDEX.size :]


def encode_error(error: DragomanError) -> bytes:
    return encode_frame(Tag.ERROR, json.dumps([error.code, error.message, error.remedy]).encode())


def decode_error(payload: bytes, name: str) -> DragomanError:
    """The child's error, with the name of the file, which the child never learns, put before its message."""
    code, message, remedy = json.loads(payload)
    kind = next((kind for kind in error_kinds() if kind.code == code), DecoderCrashed)
    return kind(f"{name}: {message}", remedy=remedy)
