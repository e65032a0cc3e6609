"""Decoders for whoever decodes many files: confined and lost like any other, but forked from a process that has loaded
their libraries already. Loading them takes ten times as long as decoding a short recording.
"""

import os
import socket
import subprocess
from contextlib import ExitStack, suppress
from types import TracebackType
from typing import Self

import anyio
import anyio.abc
from anyio.abc import UNIXSocketStream

from dragoman.media.decoder_process import LOST, bury, spawn
from dragoman.media.decoder_wire import EXIT_STATUS


class DecoderForks:
    """Starts decoders. The process that they are forked from starts with the first of them, and again if it died. It
    never sees a byte of a file, so nothing of one gets into another's decoder."""

    def __init__(self) -> None:
        self._process: anyio.abc.Process | None = None
        self._control: socket.socket | None = None
        self._changing = anyio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._end()

    async def spawn(self, request: str, file: int) -> "ForkedDecoder":
        """A decoder of an open file. ``request``: a :class:`DecodeRequest` as JSON."""
        with ExitStack() as theirs:
            frames, their_frames = _pair(theirs)
            life, their_life = _pair(theirs)
            decoder = ForkedDecoder(await UNIXSocketStream.from_socket(frames), life)
            try:
                await self._ask(request.encode(), [file, their_frames, their_life])
            except BaseException:
                with anyio.CancelScope(shield=True):
                    await decoder.discard()
                raise
        return decoder

    async def _ask(self, request: bytes, descriptors: list[int]) -> None:
        control = await self._living()
        try:
            await _send(control, request, descriptors)
        except OSError:  # it has just died
            async with self._changing:
                if control is self._control:
                    await self._end()
            await _send(await self._living(), request, descriptors)

    async def _living(self) -> socket.socket:
        async with self._changing:
            if self._control is None or self._process is None or self._process.returncode is not None:
                with anyio.CancelScope(shield=True):
                    await self._end()
                    await self._start()
            assert self._control is not None
            return self._control

    async def _start(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.settimeout(0)
        with theirs:
            self._control = ours
            self._process = await spawn(
                "dragoman.media.forks_child", str(os.getpid()), theirs.fileno(), stdout=subprocess.DEVNULL
            )

    async def _end(self) -> None:
        process, control = self._process, self._control
        self._process = self._control = None
        if control is not None:
            control.close()
        if process is not None:
            await bury(process)


class ForkedDecoder:
    """One of them, with as much of a process as its reader needs.

    Its parent is the process that it was forked from. That kills it when our end of ``life`` is shut, and writes there
    how it ended.
    """

    def __init__(self, frames: UNIXSocketStream, life: socket.socket) -> None:
        self.stdout: anyio.abc.ByteReceiveStream = frames
        self.returncode: int | None = None
        self._life = life
        self._waiting = anyio.Lock()

    async def wait(self) -> int:
        async with self._waiting:
            if self.returncode is None:
                self.returncode = await self._status()
            return self.returncode

    def kill(self) -> None:
        with suppress(OSError):  # it is gone
            self._life.shutdown(socket.SHUT_WR)

    async def aclose(self) -> None:
        """Waits for its end."""
        try:
            await self.stdout.aclose()
            await self.wait()
        finally:
            self._life.close()

    async def discard(self) -> None:
        """What may never have been started."""
        self._life.close()
        await self.stdout.aclose()

    async def _status(self) -> int:
        await anyio.wait_readable(self._life)
        try:
            told = self._life.recv(EXIT_STATUS.size)
        except OSError:
            told = b""
        return int(EXIT_STATUS.unpack(told)[0]) if told else LOST


def _pair(theirs: ExitStack) -> tuple[socket.socket, int]:
    """Our end, and the descriptor of the other, which is closed with the stack."""
    ours, other = socket.socketpair()
    theirs.enter_context(other)
    ours.settimeout(0)
    return ours, other.fileno()


async def _send(control: socket.socket, request: bytes, descriptors: list[int]) -> None:
    """One packet, whole or not at all."""
    while True:
        try:
            socket.send_fds(control, [request], descriptors)
        except BlockingIOError:
            await anyio.wait_writable(control)
        else:
            return
