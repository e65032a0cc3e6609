"""Media whose bytes arrive piece by piece."""

import os
import struct
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate, cycle
from typing import Self

import anyio
import av
import numpy as np
from numpy.typing import NDArray

from dragoman.core.audio import AudioChunk
from dragoman.core.errors import first_error
from dragoman.media.container import Source
from dragoman.media.intake import Intake
from dragoman.media.stream import StreamDecoder, StreamDecoders, open_stream_decoder
from dragoman.media.stream_wire import StreamLimits
from dragoman.media.track import Track

_UNKNOWN_SIZE = b"\x01" + b"\xff" * 7


def cut(content: bytes, sizes: Iterable[int]) -> Iterator[bytes]:
    """Pieces of these sizes, again and again."""
    sizes, position = cycle(sizes), 0
    while position < len(content):
        size = next(sizes)
        yield content[position : position + size]
        position += size


async def drip(decoder: StreamDecoder, pieces: Iterable[bytes]) -> list[AudioChunk]:
    """Feeds the pieces and the end, hears all."""

    async def feed() -> None:
        for piece in pieces:
            await decoder.feed(piece)
        await decoder.end()

    try:
        async with anyio.create_task_group() as group:
            group.start_soon(feed)
            return [chunk async for chunk in decoder]
    except BaseExceptionGroup as errors:
        raise first_error(errors) from None


async def stream(content: bytes, sizes: Iterable[int] = (4096,), decoders: StreamDecoders | None = None, **limits):
    """The decoder, which is over, and the samples."""
    opening = open_stream_decoder(StreamLimits(**limits)) if decoders is None else decoders.open()
    async with opening as decoder:
        chunks = await drip(decoder, cut(content, sizes))
    ends = [0, *accumulate(chunk.samples for chunk in chunks)]
    assert [chunk.start_time for chunk in chunks] == [end / 16_000 for end in ends[:-1]]
    assert {(chunk.sample_rate, chunk.channel) for chunk in chunks} <= {(16_000, None)}
    return decoder, np.frombuffer(b"".join(chunk.pcm for chunk in chunks), np.int16)


class DrippingIntake(Intake):
    """Gets its bytes in pieces of these sizes, from no pipe."""

    def __init__(self, content: bytes, sizes: Iterable[int], most_kept: int = 1 << 28) -> None:
        super().__init__(-1, most_kept)
        self._pieces = cut(content, sizes)
        self._piece = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._memory)

    def _wait(self, size: int) -> bytes:
        self._piece = self._piece or next(self._pieces, b"")
        content, self._piece = self._piece[:size], self._piece[size:]
        return content


def samples(source: Source) -> NDArray[np.int16]:
    """What the source gives, as a decoder's process would lay it."""
    track = Track(source.info.channels, 16_000, split=False, longest=3_600.0)
    pieces = [pcm for block in source for _, pcm in track.lay(block)] + [pcm for _, pcm in track.finish()]
    return np.frombuffer(b"".join(pieces), np.int16)


def media_recorder(speech: NDArray[np.int16], bit_rate: int = 32_000) -> list[bytes]:
    """What a browser's MediaRecorder gives every 20 ms: webm without lengths, one block of Opus after another."""
    encode = _opus(bit_rate)
    pieces, head, time = [], _webm_head(), 0
    for start in range(0, speech.size, 320):
        piece, head = head, b""
        for packet in encode(speech[start : start + 320]):
            if time % 1_000 == 0:
                piece += bytes.fromhex("1f43b675") + _UNKNOWN_SIZE + _number("e7", time)
            piece += _element("a3", b"\x81" + struct.pack(">h", time % 1_000) + b"\x80" + packet)
            time += 20
        pieces.append(piece)
    return pieces


def _opus(bit_rate: int) -> Callable[[NDArray[np.int16]], list[bytes]]:
    codec = av.CodecContext.create("libopus", "w")
    codec.sample_rate, codec.layout, codec.format, codec.bit_rate = 48_000, "mono", "s16", bit_rate
    resampler = av.AudioResampler("s16", "mono", 48_000, frame_size=960)

    def encode(part: NDArray[np.int16]) -> list[bytes]:
        frame = av.AudioFrame.from_ndarray(part[None], "s16", "mono")
        frame.sample_rate = 16_000
        return [bytes(packet) for piece in resampler.resample(frame) for packet in codec.encode(piece)]

    return encode


def _webm_head() -> bytes:
    numbers = [("4286", 1), ("42f7", 1), ("42f2", 4), ("42f3", 8), ("4287", 4), ("4285", 2)]
    kind = _element("1a45dfa3", b"".join(_number(*number) for number in numbers) + _element("4282", b"webm"))
    info = _element(
        "1549a966", _number("2ad7b1", 1_000_000) + _element("4d80", b"Chrome") + _element("5741", b"Chrome")
    )
    opus_head = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 0, 48_000, 0, 0)
    sound = _element("b5", struct.pack(">d", 48_000.0)) + _number("9f", 1)
    track = _number("d7", 1) + _number("73c5", 1) + _number("83", 2) + _element("86", b"A_OPUS")
    track += _element("63a2", opus_head) + _element("e1", sound)
    return kind + bytes.fromhex("18538067") + _UNKNOWN_SIZE + info + _element("1654ae6b", _element("ae", track))


def _element(name: str, body: bytes) -> bytes:
    return bytes.fromhex(name) + (len(body) | 1 << 28).to_bytes(4, "big") + body


def _number(name: str, number: int) -> bytes:
    return _element(name, number.to_bytes(4, "big"))
