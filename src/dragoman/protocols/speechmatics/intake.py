"""What a client has sent and nobody has looked into yet, in the order in which it came.

Clients upload recordings faster than they are heard. Up to a bound what they send is taken from the network at once, so
that pings among it are answered; beyond it the reader waits, and so does the client's TCP.
"""

from collections import deque
from typing import Final

import anyio

from dragoman.protocols.speechmatics.rt_frames import Input, Sound

_BYTES: Final = 8 << 20
"""That may wait: four minutes of 16 kHz PCM, or more than an hour of what phones record. Memory of one session."""

_MESSAGE: Final = 256
"""Bytes that a message counts at least, so that a crowd of tiny ones is bounded too."""


class Intake:
    """Of one connection; one reader."""

    def __init__(self) -> None:
        self._waiting: deque[Input] = deque()
        self._size = 0
        self._closed = False
        self._changed = anyio.Event()

    async def put(self, given: Input) -> None:
        """Waits for room. What nobody will take any more is dropped."""
        while self._waiting and self._size + _size(given) > _BYTES and not self._closed:
            await self._changed.wait()
        if not self._closed:
            self._waiting.append(given)
            self._size += _size(given)
            self._change()

    async def take(self) -> Input:
        while not self._waiting:
            await self._changed.wait()
        taken = self._waiting.popleft()
        self._size -= _size(taken)
        self._change()
        return taken

    def close(self) -> None:
        """Nobody takes anything any more."""
        self._closed = True
        self._waiting.clear()
        self._change()

    def _change(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()


def _size(given: Input) -> int:
    return _MESSAGE + (len(given.data) if isinstance(given, Sound) else 0)
