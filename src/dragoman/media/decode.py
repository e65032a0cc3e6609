"""Decodes any sound or video file to PCM as a stream, in a child process that may be lost without harm."""

import os
import stat
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio

from dragoman.core.audio import SAMPLE_WIDTH, SPEECH_RATE, AudioChunk
from dragoman.core.errors import EmptyAudio, FileUnreadable
from dragoman.media.decoder_forks import DecoderForks
from dragoman.media.decoder_process import Child, Frames, bury, spawn
from dragoman.media.decoder_wire import (
    DecodeLimits,
    DecodeRequest,
    MediaInfo,
    Tag,
    decode_info,
    decode_pcm,
)

__all__ = ["DecodeLimits", "Decoding", "MediaInfo", "open_media"]

_DEFAULT_LIMITS = DecodeLimits()


@asynccontextmanager
async def open_media(
    path: Path,
    *,
    sample_rate: int = SPEECH_RATE,
    split_channels: bool = False,
    limits: DecodeLimits = _DEFAULT_LIMITS,
    name: str | None = None,
    forks: DecoderForks | None = None,
) -> AsyncIterator["Decoding"]:
    """Opens a file for decoding. The child process is gone when the block is left, whatever the reason.

    ``name`` is what messages call the file, if that is not its own name. ``forks`` starts the child where many files
    are decoded; without it, it has to load its libraries first.

    Raises FileUnreadable, NotAudio, EmptyAudio, MediaLimitExceeded or DecoderCrashed, here for what shows at the
    beginning of the file, and while iterating for what shows later.
    """
    name = path.name if name is None else name
    process = await _spawn(path, name, DecodeRequest(os.getpid(), sample_rate, split_channels, limits), forks)
    try:
        decoding = Decoding(name, process, sample_rate, limits, split_channels=split_channels)
        await decoding.start()
        yield decoding
    finally:
        await bury(process)


class Decoding:
    """A file being decoded: an async iterator of chunks of half a second, in the order of time.

    Channels are mixed to one without a label, or come in turn, labelled ``channel_1``, ``channel_2``, ... Times count
    samples from the beginning of the file. Nothing is decoded far ahead of what is asked for.
    """

    info: MediaInfo

    def __init__(
        self,
        name: str,
        process: Child,
        sample_rate: int,
        limits: DecodeLimits,
        *,
        split_channels: bool,
    ) -> None:
        self._frames = Frames(name, process, f"{limits.cpu_seconds} s")
        self._sample_rate = sample_rate
        self._limits = limits
        self._split_channels = split_channels
        self._samples: Counter[int] = Counter()
        self._warnings: list[str] = []
        self._ended = False

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was broken in the file and passed over; complete when the iteration has ended."""
        return tuple(self._warnings)

    async def start(self) -> None:
        """Waits until the child has opened the file and found sound in it; ``info`` is known from then on."""
        tag, payload = await self._receive()
        if tag is not Tag.INFO:
            raise self._frames.crashed(f"answered {tag.name} first")
        self.info = decode_info(payload)

    def __aiter__(self) -> "Decoding":
        return self

    async def __anext__(self) -> AudioChunk:
        while not self._ended:
            tag, payload = await self._receive()
            match tag:
                case Tag.PCM:
                    return self._chunk(*decode_pcm(payload))
                case Tag.WARNING:
                    self._warnings.append(payload.decode())
                case Tag.END:
                    self._ended = True
                case _:
                    raise self._frames.crashed(f"answered {tag.name} out of turn")
        raise StopAsyncIteration

    def _chunk(self, channel: int, pcm: bytes) -> AudioChunk:
        start_time = self._samples[channel] / self._sample_rate
        self._samples[channel] += len(pcm) // SAMPLE_WIDTH
        label = f"channel_{channel + 1}" if self._split_channels else None
        return AudioChunk(pcm, self._sample_rate, start_time, label)

    async def _receive(self) -> tuple[Tag, bytes]:
        """The child's next frame, or an error when it is silent."""
        try:
            with anyio.fail_after(self._limits.stall_seconds):
                return await self._frames.receive()
        except TimeoutError:
            raise self._frames.exceeded(f"the decoder gave nothing for {self._limits.stall_seconds:g} s") from None


async def _spawn(path: Path, name: str, request: DecodeRequest, forks: DecoderForks | None) -> Child:
    file = _open_regular(path, name)
    try:
        if forks is not None:
            return await forks.spawn(request.to_json(), file)
        return await spawn("dragoman.media.decoder_child", request.to_json(), file)
    finally:
        os.close(file)


def _open_regular(path: Path, name: str) -> int:
    """A descriptor for a file that can be read and sought in; never waits, not even for a named pipe's writer."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise FileUnreadable(
            f"{path} cannot be opened: {reason}", remedy="Check the path and its permissions"
        ) from error
    status = os.fstat(file)
    if stat.S_ISREG(status.st_mode) and status.st_size:
        return file
    os.close(file)
    if stat.S_ISREG(status.st_mode):
        raise EmptyAudio(f"{name}: the file is empty", remedy="Check that the recording worked")
    raise FileUnreadable(f"{path} is no regular file", remedy="Name a file; save a stream to one first")
