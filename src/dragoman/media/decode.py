"""Decodes any sound or video file to PCM as a stream, in a child process that may be lost without harm."""

import os
import signal
import stat
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import anyio.abc
from anyio.streams.buffered import BufferedByteReceiveStream

from dragoman.core.audio import SAMPLE_WIDTH, SPEECH_RATE, AudioChunk
from dragoman.core.errors import DecoderCrashed, DragomanError, EmptyAudio, FileUnreadable, MediaLimitExceeded
from dragoman.media.decoder_wire import (
    FRAME_HEADER,
    LONGEST_PAYLOAD,
    DecodeLimits,
    DecodeRequest,
    MediaInfo,
    Tag,
    decode_error,
    decode_info,
    decode_pcm,
)

__all__ = ["DecodeLimits", "Decoding", "MediaInfo", "open_media"]

_DEFAULT_LIMITS = DecodeLimits()

_TAGS = frozenset(tag.value for tag in Tag)

_LAST_WISH = 5.0
"""Seconds that a killed child has to be gone; the kernel needs milliseconds."""


@asynccontextmanager
async def open_media(
    path: Path,
    *,
    sample_rate: int = SPEECH_RATE,
    split_channels: bool = False,
    limits: DecodeLimits = _DEFAULT_LIMITS,
) -> AsyncIterator["Decoding"]:
    """Opens a file for decoding. The child process is gone when the block is left, whatever the reason.

    Raises FileUnreadable, NotAudio, EmptyAudio, MediaLimitExceeded or DecoderCrashed, here for what shows at the
    beginning of the file, and while iterating for what shows later.
    """
    process = await _spawn(path, DecodeRequest(os.getpid(), sample_rate, split_channels, limits))
    try:
        decoding = Decoding(path.name, process, sample_rate, limits, split_channels=split_channels)
        await decoding.start()
        yield decoding
    finally:
        await _bury(process)


class Decoding:
    """A file being decoded: an async iterator of chunks of half a second, in the order of time.

    Channels are mixed to one without a label, or come in turn, labelled ``channel_1``, ``channel_2``, ... Times count
    samples from the beginning of the file. Nothing is decoded far ahead of what is asked for.
    """

    info: MediaInfo

    def __init__(
        self,
        name: str,
        process: anyio.abc.Process,
        sample_rate: int,
        limits: DecodeLimits,
        *,
        split_channels: bool,
    ) -> None:
        assert process.stdout is not None
        self._name = name
        self._process = process
        self._frames = BufferedByteReceiveStream(process.stdout)
        self._sample_rate = sample_rate
        self._limits = limits
        self._split_channels = split_channels
        self._header: tuple[bytes, int] | None = None
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
            raise self._crashed(f"answered {tag.name} first")
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
                    raise self._crashed(f"answered {tag.name} out of turn")
        raise StopAsyncIteration

    def _chunk(self, channel: int, pcm: bytes) -> AudioChunk:
        start_time = self._samples[channel] / self._sample_rate
        self._samples[channel] += len(pcm) // SAMPLE_WIDTH
        label = f"channel_{channel + 1}" if self._split_channels else None
        return AudioChunk(pcm, self._sample_rate, start_time, label)

    async def _receive(self) -> tuple[Tag, bytes]:
        """The child's next frame; its errors, its silence and its death are raised."""
        try:
            with anyio.fail_after(self._limits.stall_seconds):
                tag, payload = await self._read_frame()
        except (anyio.IncompleteRead, anyio.ClosedResourceError):
            raise await self._died() from None
        except TimeoutError:
            raise self._exceeded(f"the decoder gave nothing for {self._limits.stall_seconds:g} s") from None
        if tag is Tag.ERROR:
            raise decode_error(payload, self._name)
        return tag, payload

    async def _read_frame(self) -> tuple[Tag, bytes]:
        """May be cancelled and called again: a header that was read is kept until its payload is there."""
        if self._header is None:
            self._header = FRAME_HEADER.unpack(await self._frames.receive_exactly(FRAME_HEADER.size))
        code, length = self._header
        if length > LONGEST_PAYLOAD or code not in _TAGS:
            raise self._crashed(f"sent a frame {code!r} of {length} bytes")
        payload = await self._frames.receive_exactly(length) if length else b""
        self._header = None
        return Tag(code), payload

    async def _died(self) -> DragomanError:
        with anyio.move_on_after(_LAST_WISH):
            await self._process.wait()
        status = self._process.returncode
        if status == -signal.SIGXCPU:
            return self._exceeded(f"decoding it took more than {self._limits.cpu_seconds} s of CPU time")
        if status is not None and status < 0:
            return self._crashed(f"was ended by {signal.Signals(-status).name}")
        return self._crashed(f"ended with status {status}")

    def _crashed(self, what: str) -> DecoderCrashed:
        return DecoderCrashed(
            f"{self._name}: the decoder's process {what}", remedy="Convert the file to wav or flac and try again"
        )

    def _exceeded(self, what: str) -> MediaLimitExceeded:
        return MediaLimitExceeded(f"{self._name}: {what}", remedy="Convert the file to wav or flac, or raise the limit")


async def _spawn(path: Path, request: DecodeRequest) -> anyio.abc.Process:
    file = _open_regular(path)
    try:
        # Shielded: between the fork and the first statement of the caller's `try` nobody would own the child.
        with anyio.CancelScope(shield=True):
            process = await anyio.open_process(
                # -P: no module is imported from the folder that the user happens to stand in
                [sys.executable, "-P", "-m", "dragoman.media.decoder_child", request.to_json()],
                stdin=file,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for the parent, who then ends the child
            )
    finally:
        os.close(file)
    return process


def _open_regular(path: Path) -> int:
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
        raise EmptyAudio(f"{path.name}: the file is empty", remedy="Check that the recording worked")
    raise FileUnreadable(f"{path} is no regular file", remedy="Name a file; save a stream to one first")


async def _bury(process: anyio.abc.Process) -> None:
    with anyio.CancelScope(shield=True), anyio.move_on_after(_LAST_WISH):
        if process.returncode is None:
            process.kill()
        await process.aclose()
