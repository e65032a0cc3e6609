"""A decoder's child process as its parent sees it: how it is started, what it says, and how it ends."""

import signal
import subprocess
import sys
from typing import Protocol

import anyio
import anyio.abc
from anyio.streams.buffered import BufferedByteReceiveStream

from dragoman.core.errors import DecoderCrashed, DragomanError, EngineCrashed, MediaLimitExceeded
from dragoman.media.decoder_wire import FRAME_HEADER, LONGEST_PAYLOAD, Tag, decode_error

_TAGS = frozenset(tag.value for tag in Tag)

LOST = 256
"""In place of an exit status, when a child ended and nobody says how: with the process that it was forked from."""

_LAST_WISH = 5.0
"""Seconds that a killed child has to be gone; the kernel needs milliseconds."""


class Child(Protocol):
    """What its parent needs of a process."""

    @property
    def stdout(self) -> anyio.abc.ByteReceiveStream | None: ...

    @property
    def returncode(self) -> int | None: ...

    async def wait(self) -> int: ...

    def kill(self) -> None: ...

    async def aclose(self) -> None: ...


async def spawn(module: str, request: str, stdin: int, stdout: int = subprocess.PIPE) -> anyio.abc.Process:
    """Starts a module with one argument; ``stdin`` is a descriptor or ``subprocess.PIPE``."""
    # Shielded: between the fork and the first statement of the caller's `try` nobody would own the child.
    with anyio.CancelScope(shield=True):
        process = await anyio.open_process(
            # -P: no module is imported from the folder that the user happens to stand in
            [sys.executable, "-P", "-m", module, request],
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the parent, who then ends the child
        )
    return process  # noqa: RET504 - to mypy the scope above may swallow an error


async def bury(process: Child) -> None:
    """Ends it, whatever it is doing, and reaps it."""
    with anyio.CancelScope(shield=True), anyio.move_on_after(_LAST_WISH):
        if process.returncode is None:
            process.kill()
        await process.aclose()


class Frames:
    """What the child says. For messages: ``name``, the medium's, and ``cpu_limit``, how much CPU time it may take."""

    def __init__(self, name: str, process: Child, cpu_limit: str) -> None:
        assert process.stdout is not None
        self._name = name
        self._process = process
        self._cpu_limit = cpu_limit
        self._bytes = BufferedByteReceiveStream(process.stdout)
        self._header: tuple[bytes, int] | None = None

    async def receive(self) -> tuple[Tag, bytes]:
        """The next frame; the child's errors and its death are raised. A wait that is cancelled loses nothing."""
        try:
            tag, payload = await self._read()
        except (anyio.IncompleteRead, anyio.ClosedResourceError):
            raise await self._died() from None
        if tag is Tag.ERROR:
            raise decode_error(payload, self._name)
        return tag, payload

    async def _read(self) -> tuple[Tag, bytes]:
        """May be cancelled and called again: a header that was read is kept until its payload is there."""
        if self._header is None:
            self._header = FRAME_HEADER.unpack(await self._bytes.receive_exactly(FRAME_HEADER.size))
        code, length = self._header
        if length > LONGEST_PAYLOAD or code not in _TAGS:
            raise self.crashed(f"sent a frame {code!r} of {length} bytes")
        payload = await self._bytes.receive_exactly(length) if length else b""
        self._header = None
        return Tag(code), payload

    async def _died(self) -> DragomanError:
        with anyio.move_on_after(_LAST_WISH):
            await self._process.wait()
        status = self._process.returncode
        if status == -signal.SIGXCPU:
            return self.exceeded(f"decoding it took more than {self._cpu_limit} of CPU time")
        if status == LOST:  # not the file's fault
            return EngineCrashed(f"{self._name}: the decoder ended with where it came from", remedy="Try again")
        if status is not None and status < 0:
            return self.crashed(f"was ended by {signal.Signals(-status).name}")
        return self.crashed(f"ended with status {status}")

    def crashed(self, what: str) -> DecoderCrashed:
        return DecoderCrashed(
            f"{self._name}: the decoder's process {what}", remedy="Convert the file to wav or flac and try again"
        )

    def exceeded(self, what: str) -> MediaLimitExceeded:
        return MediaLimitExceeded(f"{self._name}: {what}", remedy="Convert the file to wav or flac, or raise the limit")
