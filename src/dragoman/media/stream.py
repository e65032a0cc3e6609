"""Decodes a medium while its bytes arrive, in a child process that may be lost without harm."""

import os
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from types import TracebackType
from typing import Self

import anyio
import anyio.abc

from dragoman.core.audio import SAMPLE_WIDTH, SPEECH_RATE, AudioChunk
from dragoman.core.errors import DragomanError
from dragoman.media.decoder_process import Frames, bury, spawn
from dragoman.media.decoder_wire import MediaInfo, Tag, decode_info, decode_pcm
from dragoman.media.stream_wire import StreamLimits, StreamRequest

__all__ = ["StreamDecoder", "StreamDecoders", "StreamLimits", "open_stream_decoder"]

_DEFAULT_LIMITS = StreamLimits()
_NAME = "the audio"
_GONE = (anyio.BrokenResourceError, anyio.ClosedResourceError, OSError)
"""What feeding a decoder raises whose process is gone, or whose block was left; the iteration says why."""


@asynccontextmanager
async def open_stream_decoder(limits: StreamLimits = _DEFAULT_LIMITS) -> AsyncIterator["StreamDecoder"]:
    """A decoder for one medium. Its process is gone when the block is left, whatever the reason.

    The process needs some 0.3 s of CPU time to start, in which bytes may already be fed; :class:`StreamDecoders` has
    one ready.
    """
    async with _decoder(await _start(limits), limits) as decoder:
        yield decoder


class StreamDecoders:
    """Opens decoders in processes that were started before they are needed."""

    def __init__(self, limits: StreamLimits = _DEFAULT_LIMITS, *, spares: int = 1) -> None:
        """``spares`` is the number of processes kept ready; each holds 45 MB."""
        self._limits = limits
        self._wanted = spares
        self._spares: list[anyio.abc.Process] = []
        self._filling = anyio.Lock()

    async def __aenter__(self) -> Self:
        await self._fill()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        while self._spares:
            await bury(self._spares.pop())

    @asynccontextmanager
    async def open(self) -> AsyncIterator["StreamDecoder"]:
        """Like :func:`open_stream_decoder`."""
        async with _decoder(await self._take(), self._limits) as decoder:
            await self._fill()
            yield decoder

    async def _take(self) -> anyio.abc.Process:
        while self._spares:
            spare = self._spares.pop()
            if spare.returncode is None:
                return spare
            await bury(spare)
        return await _start(self._limits)

    async def _fill(self) -> None:
        async with self._filling:
            while len(self._spares) < self._wanted:
                self._spares.append(await _start(self._limits))


class StreamDecoder:
    """Bytes in, an async iterator of chunks out: mono, 16 kHz, at most half a second each, in the order of time.

    Feed and iterate in two tasks. The errors of the medium (NotAudio, EmptyAudio, MediaLimitExceeded, DecoderCrashed)
    are raised by the iteration, as soon as they show. Times are seconds since the medium's first sound. What is decoded
    is given out at once, and nothing is decoded far ahead of what is asked for.
    """

    info: MediaInfo | None = None
    """What the medium is; known with the first chunk."""

    def __init__(self, process: anyio.abc.Process, limits: StreamLimits) -> None:
        assert process.stdin is not None
        self._medium = process.stdin
        self._frames = Frames(_NAME, process, f"{limits.cpu_seconds} s, and 1 s per second of sound,")
        self._warnings: list[str] = []
        self._samples = 0
        self._fed = 0
        self._read = 0
        self._progress = anyio.Event()
        self._deaf = False
        self._ended = False

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was broken in the medium and passed over; complete when the iteration has ended."""
        return tuple(self._warnings)

    async def feed(self, data: bytes) -> None:
        """Takes the medium's next bytes, and waits while the decoder is more than 64 KiB behind.

        Once the medium has turned out to be over, or broken for good, or the block is left, bytes are dropped.
        """
        if self._deaf or not data:
            return
        self._fed += len(data)
        try:
            await self._medium.send(data)
        except _GONE:
            self._deaf = True

    async def settled(self) -> None:
        """Until whoever iterates has had everything that can be decoded of what was fed, and asked for more."""
        while self._read < self._fed and not self._ended:
            await self._progress.wait()

    async def end(self) -> None:
        """No more bytes come; the iteration ends after what is still to be decoded."""
        self._deaf = True
        with suppress(*_GONE):
            await self._medium.aclose()

    def __aiter__(self) -> "StreamDecoder":
        return self

    async def __anext__(self) -> AudioChunk:
        while not self._ended:
            tag, payload = await self._next()
            match tag:
                case Tag.PCM:
                    return self._chunk(decode_pcm(payload)[1])
                case Tag.INFO:
                    self.info = decode_info(payload)
                case Tag.WARNING:
                    self._warnings.append(payload.decode())
                case Tag.WAITING:
                    self._read = int(payload)
                    self._tell()
                case _:
                    self._ended = True
                    self._tell()
        raise StopAsyncIteration

    async def _next(self) -> tuple[Tag, bytes]:
        try:
            return await self._frames.receive()
        except DragomanError:
            self._ended = True
            self._tell()
            raise

    def _tell(self) -> None:
        self._progress.set()
        self._progress = anyio.Event()

    def _chunk(self, pcm: bytes) -> AudioChunk:
        start_time = self._samples / SPEECH_RATE
        self._samples += len(pcm) // SAMPLE_WIDTH
        return AudioChunk(pcm, SPEECH_RATE, start_time)


async def _start(limits: StreamLimits) -> anyio.abc.Process:
    request = StreamRequest(os.getpid(), SPEECH_RATE, limits)
    return await spawn("dragoman.media.stream_child", request.to_json(), subprocess.PIPE)


@asynccontextmanager
async def _decoder(process: anyio.abc.Process, limits: StreamLimits) -> AsyncIterator[StreamDecoder]:
    try:
        yield StreamDecoder(process, limits)
    finally:
        await bury(process)
