"""What a client has sent and nobody has taken yet, each thing with the moment at which it came.

What is billed and what is idle goes by when a packet came, not by when the engines got round to it. A face whose
reading loop must not wait posts, and what finds no room is lost; one that may let its client wait puts.
"""

from collections import deque
from dataclasses import dataclass
from typing import Generic, TypeVar

import anyio

from dragoman.core.audio import AudioChunk
from dragoman.core.controls import Control
from dragoman.core.errors import SenderTooFast
from dragoman.live import metrics
from dragoman.live.clocks import Clocks
from dragoman.live.events import Trouble

_AUDIO = 30.0
"""Seconds of audio that may wait, for a client that catches up after a bad moment of its network."""

_MESSAGES = 1024
"""Messages that may wait: those 30 seconds in pieces of 30 ms."""


@dataclass(frozen=True, slots=True)
class Stop:
    """The client asks for the end; what was said before is still delivered."""

    in_turn: bool = False
    """Whether the session goes on until all that was sent before has been heard, and costs that time too, as far as it
    is no longer than the audio: for clients that may send faster than people speak."""


Message = AudioChunk | Control | Stop | Trouble
"""What a session takes; a :class:`Trouble` here is a bad message, to be answered in its turn."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Received(Generic[T]):
    message: T
    at: float
    """Seconds on the monotonic clock."""


class Inbox(Generic[T]):
    """Of one connection, for its sessions one after another. One reader at a time."""

    def __init__(self, clocks: Clocks) -> None:
        self._clocks = clocks
        self._waiting: deque[Received[T | Trouble]] = deque()
        self._audio = 0.0
        self._overrun = False
        self._deaf = False
        self._changed = anyio.Event()
        self._taken = anyio.Event()
        self.gone = anyio.Event()
        """Set when the client is gone."""
        self.last_packet = clocks.monotonic()
        self.gone_at = 0.0
        """To which moment a client that is gone used its session."""

    def post(self, message: T) -> None:
        """Audio and complaints beyond what may wait are lost, and the client is told so once; a stop never is."""
        now = self.last_packet = self._clocks.monotonic()
        if self.gone.is_set() or (self._deaf and isinstance(message, AudioChunk)):
            return
        if isinstance(message, Stop) and self._stop() is not None:
            return
        if not isinstance(message, AudioChunk | Trouble) or self._has_room(message):
            self._put(Received(message, now))
        elif not self._overrun:
            self._overrun = True
            metrics.limits.labels(SenderTooFast.code).inc()
            lost = SenderTooFast("Audio came faster than it can be heard; some was lost", remedy="Send in real time")
            self._put(Received(Trouble(lost), now))

    async def put(self, message: T) -> None:
        """Posts when there is room, so that nothing is lost; at once when nobody will take it any more."""
        while not (isinstance(message, Stop) or self._deaf or self.gone.is_set() or self._has_room(message)):
            await self._taken.wait()
        self.post(message)

    def close(self, *, vanished: bool = False) -> None:
        """The client is gone; ``vanished`` when nobody knows since when, and its last packet is the last sign."""
        if not self.gone.is_set():
            stop = self._stop()
            now = self.last_packet if vanished else self._clocks.monotonic()
            self.gone_at = now if stop is None else stop.at
            self.gone.set()
            self._wake()

    def finish(self) -> None:
        """The session has ended: what came before is still taken, audio from now on is not."""
        self._deaf = True
        self._wake()

    def reopen(self) -> None:
        """For the next session."""
        self._deaf = False

    async def receive(self) -> Received[T | Trouble] | None:
        """The next message. None when the client is gone, or after :meth:`finish` when nothing waits any more."""
        while not self._waiting and not self._deaf and not self.gone.is_set():
            self._changed = anyio.Event()
            await self._changed.wait()
        if not self._waiting or self.gone.is_set():
            return None
        received = self._waiting.popleft()
        if isinstance(received.message, AudioChunk):
            self._audio -= received.message.duration
        if self._audio <= _AUDIO / 2 and len(self._waiting) <= _MESSAGES / 2:
            self._overrun = False
        self._taken.set()
        self._taken = anyio.Event()
        return received

    def _wake(self) -> None:
        self._changed.set()
        self._taken.set()

    def _has_room(self, message: T | Trouble) -> bool:
        seconds = message.duration if isinstance(message, AudioChunk) else 0.0
        # One piece fits an empty inbox however long it is.
        return not self._waiting or (self._audio + seconds <= _AUDIO and len(self._waiting) < _MESSAGES)

    def _put(self, received: Received[T | Trouble]) -> None:
        if isinstance(received.message, AudioChunk):
            self._audio += received.message.duration
        self._waiting.append(received)
        self._changed.set()

    def _stop(self) -> Received[T | Trouble] | None:
        return next((received for received in reversed(self._waiting) if isinstance(received.message, Stop)), None)
