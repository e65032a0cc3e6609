"""The bytes of a medium that are still arriving, as the decoder's child process sees them."""

import os
import select
from collections.abc import Callable
from io import FileIO, RawIOBase
from typing import TYPE_CHECKING

from dragoman.core.errors import MediaLimitExceeded

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_PIECE = 1 << 16


class Intake:
    """Reads a pipe, and keeps what it read until told to forget, so that it can be read again from the beginning.

    What is kept lies in a file without a name in memory, never on a disk. Must be made before the process is confined.
    """

    def __init__(self, pipe: int, most_kept: int) -> None:
        self.before_waiting: Callable[[], None] = _nothing
        """Called when nothing has arrived that was not read: what is finished should leave now."""
        self._pipe = pipe
        self._memory = os.memfd_create("intake", os.MFD_CLOEXEC)
        self._most_kept = most_kept
        self._received = 0
        self._keeping = True

    @property
    def received(self) -> int:
        """Bytes that were read from the pipe."""
        return self._received

    def read(self, position: int, size: int) -> bytes:
        """At most ``size`` bytes, at least one; none at the end. Positions that are not kept must follow each other."""
        if position < self._received:
            assert self._keeping, "what is asked for again was not kept"
            return os.pread(self._memory, size, position)
        return self._receive(size)

    def read_exactly(self, position: int, size: int) -> bytes:
        """Fewer bytes only at the end."""
        content = b""
        while len(content) < size and (piece := self.read(position + len(content), size - len(content))):
            content += piece
        return content

    def skip(self, position: int, size: int) -> bool:
        """Reads on to what follows; False if the end comes first."""
        end = position + size
        while position < end and (piece := self.read(position, min(_PIECE, end - position))):
            position += len(piece)
        return position == end

    def forget(self) -> None:
        """Nothing will be read twice from here on."""
        self._keeping = False
        os.ftruncate(self._memory, 0)

    def whole(self) -> FileIO:
        """All of it, once its end has come."""
        while self._receive(_PIECE):
            pass
        os.lseek(self._memory, 0, os.SEEK_SET)
        return FileIO(self._memory, closefd=False)

    def _receive(self, size: int) -> bytes:
        content = self._wait(size)
        if self._keeping:
            self._keep(content)
        self._received += len(content)
        return content

    def _wait(self, size: int) -> bytes:
        if not select.select([self._pipe], [], [], 0)[0]:  # no poll: it counts against RLIMIT_NOFILE, which is 0
            self.before_waiting()
        return os.read(self._pipe, size)

    def _keep(self, content: bytes) -> None:
        if self._received + len(content) > self._most_kept:
            raise MediaLimitExceeded(
                f"its first {self._most_kept >> 20} MiB give no sound yet, and more cannot be kept",
                remedy="Put the index of the file first (mp4: faststart), or send wav, mp3, ogg or flac",
            )
        os.pwrite(self._memory, content, self._received)


class Replay(RawIOBase):
    """One reading of an intake from a position on, of at most ``most`` bytes: a file that cannot be sought in."""

    def __init__(self, intake: Intake, start: int, most: int | None = None) -> None:
        self._intake = intake
        self._position = start
        self._end = None if most is None else start + most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer)
        size = len(view) if self._end is None else min(len(view), self._end - self._position)
        content = self._intake.read(self._position, size) if size else b""
        view[: len(content)] = content
        self._position += len(content)
        return len(content)


def _nothing() -> None:
    pass
