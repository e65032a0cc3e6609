"""Before the first stage: what comes in, to the channel that it concerns."""

from collections.abc import Iterable, Mapping
from contextlib import ExitStack

from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from dragoman.core.audio import AudioChunk
from dragoman.core.controls import AudioStalled, EndOfChannel, ForceEndOfUtterance, Input, Reconfigure
from dragoman.core.errors import InvalidOption


async def route(
    incoming: MemoryObjectReceiveStream[Input], outgoing: Mapping[str | None, MemoryObjectSendStream[Input]]
) -> None:
    """Hands audio and controls on until the input is closed. A run without labels takes audio of any label.

    Raises :class:`InvalidOption` for a channel that the run was not told of.
    """
    switch = _Switch(outgoing)
    with ExitStack() as streams:
        for stream in outgoing.values():
            streams.enter_context(stream)
        async with incoming:
            async for item in incoming:
                for stream in switch.concerned(item):
                    if isinstance(item, EndOfChannel):
                        stream.close()
                    else:
                        await stream.send(item)


class _Switch:
    def __init__(self, outgoing: Mapping[str | None, MemoryObjectSendStream[Input]]) -> None:
        self._all = outgoing
        self._ended: set[str | None] = set()

    def concerned(self, item: Input) -> Iterable[MemoryObjectSendStream[Input]]:
        match item:
            case ForceEndOfUtterance(None) | AudioStalled() | Reconfigure():
                return [stream for channel, stream in self._all.items() if channel not in self._ended]
            case EndOfChannel(channel):
                streams = self._to(channel)
                self._ended.add(None if None in self._all else channel)
                return streams
            case AudioChunk() | ForceEndOfUtterance():
                return self._to(item.channel)

    def _to(self, channel: str | None) -> Iterable[MemoryObjectSendStream[Input]]:
        """Nobody where the channel has ended: what comes late is not heard."""
        channel = None if None in self._all else channel
        if channel not in self._all:
            labels = ", ".join(str(label) for label in self._all)
            raise InvalidOption(f"There is no channel {channel!r}", remedy=f"Use one of: {labels}")
        return [] if channel in self._ended else [self._all[channel]]
