"""When an utterance is to be ended: forces that name a moment wait until the audio before it was heard. Pure."""

from bisect import insort
from collections import deque
from collections.abc import Iterator

from dragoman.core.audio import AudioChunk
from dragoman.core.controls import AudioStalled, ForceEndOfUtterance, Input

_WAITING = 64
"""Forces that may wait; one more, and the earliest waits no longer. A client has no use for so many."""


class ForcesInTime:
    """Puts the forces where they belong in the audio of one channel, cutting a chunk where one falls inside it."""

    def __init__(self) -> None:
        self.heard = 0.0
        """Seconds; where the audio ends so far."""
        self._waiting: deque[float] = deque()

    def put(self, item: Input) -> Iterator[Input]:
        """What is to be done now, in order."""
        match item:
            case AudioChunk():
                yield from self._heard(item)
            case ForceEndOfUtterance(_, timestamp) if timestamp is not None and timestamp > self.heard:
                insort(self._waiting, timestamp)
                if len(self._waiting) > _WAITING:
                    yield self._earliest()
            case AudioStalled():
                yield from self.rest()
                yield item
            case _:
                yield item

    def rest(self) -> Iterator[ForceEndOfUtterance]:
        """Those that still wait: no more audio comes, for now."""
        while self._waiting:
            yield self._earliest()

    def _heard(self, chunk: AudioChunk) -> Iterator[Input]:
        done = 0
        while self._waiting and self._waiting[0] <= chunk.end_time:
            until = round((self._waiting[0] - chunk.start_time) * chunk.sample_rate)
            if until > done:
                yield chunk.slice(done, until)
                done = until
            yield self._earliest()
        if done < chunk.samples:
            yield chunk.slice(done, chunk.samples)
        self.heard = chunk.end_time

    def _earliest(self) -> ForceEndOfUtterance:
        return ForceEndOfUtterance(timestamp=self._waiting.popleft())
