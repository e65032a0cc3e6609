"""What a stream is, seen from its first bytes, so that FFmpeg need not collect 2 kB (seconds of quiet speech) to guess.

Formats without a mark (mp3, aac, ac3, ...) are left to FFmpeg.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass

HEAD = 189
"""Bytes that :func:`recognise` wants to see: two packets of a transport stream begin within."""

TEXT_HEAD = 32
"""Bytes that :func:`is_text` wants to see."""

INDEX_MAY_BE_LAST = frozenset({"mov", "caf", "aiff"})
"""Formats that can be decoded from their beginning, or only as a whole, depending on who wrote the file."""

TRACKS_APPEAR = frozenset({"mpeg", "mpegts", "flv"})
"""Formats without a list of tracks: some of the stream must be read to see what is in it."""

_MARKS = {
    b"\x1a\x45\xdf\xa3": "matroska",
    b"OggS": "ogg",
    b"fLaC": "flac",
    b"#!AM": "amr",
    b".snd": "au",
    b"caff": "caf",
    b"\x00\x00\x01\xba": "mpeg",
    b"FLV\x01": "flv",
}
_BOXES = frozenset({b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"styp", b"moof"})

_WAV_START = struct.Struct("<4sI4s")
_CHUNK_START = struct.Struct("<4sI")
_WAV_FORMAT = struct.Struct("<HHIIHH")
_PCM, _EXTENSIBLE = 1, 0xFFFE
_SUBFORMAT = slice(24, 26)
_LARGEST_CHUNK = 1 << 20
"""Bytes of a chunk before the samples (cue lists, pictures) that is passed over."""
_UNKNOWN_LENGTHS = frozenset({0, 0xFFFF_FFFF})
"""What programs write into the header of a wav that goes into a pipe."""

ID3_HEADER = 10


def recognise(head: bytes) -> str | None:
    """FFmpeg's name of the format, where its mark is certain."""
    if head[4:8] == b"mdat" or (head[4:8] in _BOXES and not head[0]):  # a text may begin with "The free"
        return "mov"
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return "aiff"
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        return "wav"
    if head[:1] == head[188:189] == b"G":
        return "mpegts"
    return _MARKS.get(head[:4])


def is_text(head: bytes) -> bool:
    """Whether it is nothing but printable ASCII; no format without a mark begins so."""
    return recognise(head) is None and head.isascii() and all(byte >= ord(" ") or byte in b"\t\n\r" for byte in head)


def tag_length(head: bytes) -> int:
    """Bytes of the ID3 tag that the head begins with; 0 if there is none."""
    if head[:3] != b"ID3" or len(head) < ID3_HEADER:
        return 0
    size = 0
    for byte in head[6:ID3_HEADER]:
        size = size << 7 | byte & 0x7F
    return ID3_HEADER + size


@dataclass(frozen=True, slots=True)
class Pcm:
    """Samples of a wav file. FFmpeg's own reader would wait for 64 kB of them, looking for a bit stream in disguise."""

    demuxer: str
    sample_rate: int
    channels: int
    start: int
    """Bytes before the samples."""
    length: int | None
    """Bytes of the samples, where the header tells."""

    @property
    def options(self) -> dict[str, str]:
        return {"sample_rate": str(self.sample_rate), "ch_layout": f"{self.channels}c"}


def read_wav_header(read: Callable[[int, int], bytes], start: int) -> Pcm | None:
    """None for what is better left to FFmpeg. ``read(position, size)`` gives fewer bytes only at the end."""
    position = start + _WAV_START.size
    layout: tuple[str, int, int] | None = None
    while len(head := read(position, _CHUNK_START.size)) == _CHUNK_START.size:
        name, size = _CHUNK_START.unpack(head)
        position += _CHUNK_START.size
        if name == b"data":
            return layout and Pcm(*layout, position, None if size in _UNKNOWN_LENGTHS else size)
        if size > _LARGEST_CHUNK:
            return None
        if name == b"fmt ":
            layout = _pcm_layout(read(position, size))
        position += size + size % 2
    return None


def _pcm_layout(body: bytes) -> tuple[str, int, int] | None:
    """Demuxer, rate and channels, if these are whole numbers of bytes, little-endian."""
    if len(body) < _WAV_FORMAT.size:
        return None
    coding, channels, rate, _, frame, bits = _WAV_FORMAT.unpack_from(body)
    if coding == _EXTENSIBLE:
        coding = int.from_bytes(body[_SUBFORMAT], "little")
    demuxer = {8: "u8", 16: "s16le", 24: "s24le", 32: "s32le"}.get(bits)
    if coding != _PCM or demuxer is None or not channels or not rate or frame != channels * bits // 8:
        return None
    return demuxer, rate, channels
