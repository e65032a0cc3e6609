"""From the bytes of a client to the audio of its session, channel by channel."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Protocol

import anyio
from anyio.abc import TaskGroup

from dragoman.core.controls import EndOfChannel
from dragoman.core.errors import DragomanError
from dragoman.live.events import Trouble
from dragoman.live.inbox import Inbox, Message, Stop
from dragoman.media.stream import StreamDecoder
from dragoman.protocols.speechmatics.audio import RawAudio
from dragoman.protocols.speechmatics.config import RawFormat
from dragoman.protocols.speechmatics.intake import Intake
from dragoman.protocols.speechmatics.rt_config import RtConfig
from dragoman.protocols.speechmatics.rt_frames import Sound

OpenDecoder = Callable[[], AbstractAsyncContextManager[StreamDecoder]]


class Ear(Protocol):
    """Of one channel."""

    async def hear(self, data: bytes) -> None: ...

    async def settle(self) -> None:
        """Until what was heard is in the inbox."""
        ...

    async def end(self) -> None:
        """No more comes; until all of it is in the inbox."""
        ...


class RawEar:
    def __init__(self, audio: RawFormat, channel: str | None, inbox: Inbox[Message]) -> None:
        self._audio = RawAudio(audio, channel)
        self._inbox = inbox

    async def hear(self, data: bytes) -> None:
        for chunk in self._audio.accept(data):
            await self._inbox.put(chunk)

    async def settle(self) -> None:
        """It always is."""

    async def end(self) -> None:
        """Half a sample is nothing."""


class FileEar:
    """A recording of any kind, decoded while it comes."""

    def __init__(self, open_decoder: OpenDecoder, channel: str | None, inbox: Inbox[Message], group: TaskGroup) -> None:
        self._open_decoder = open_decoder
        self._channel = channel
        self._inbox = inbox
        self._group = group
        self._decoder: StreamDecoder | None = None
        self._drained = anyio.Event()

    async def hear(self, data: bytes) -> None:
        if self._decoder is None:  # not before: a client that sends nothing has sent no bad recording
            self._decoder = await self._group.start(self._decode)
        await self._decoder.feed(data)

    async def settle(self) -> None:
        if self._decoder is not None:
            await self._decoder.settled()

    async def end(self) -> None:
        if self._decoder is not None:
            await self._decoder.end()
            await self._drained.wait()

    async def _decode(self, *, task_status: anyio.abc.TaskStatus[StreamDecoder]) -> None:
        try:
            async with self._open_decoder() as decoder:
                task_status.started(decoder)
                async for chunk in decoder:
                    await self._inbox.put(replace(chunk, channel=self._channel))
        except DragomanError as error:
            # In turn: what was heard before it is delivered, then it is told, and the session ends.
            await self._inbox.put(Trouble(error))
            await self._inbox.put(Stop(in_turn=True))
        finally:
            self._drained.set()


async def listen(config: RtConfig, intake: Intake, inbox: Inbox[Message], open_decoder: OpenDecoder) -> None:
    """Everything that the client sends, in its order, to the inbox; until cancelled, or a stop."""
    async with anyio.create_task_group() as group:
        channels = config.channels or (None,)
        ears: dict[str | None, Ear] = {
            channel: _ear(config, channel, inbox, open_decoder, group) for channel in channels
        }
        while not isinstance(given := await intake.take(), Stop):
            match given:
                case Sound(data, channel):
                    await ears[channel].hear(data)
                case EndOfChannel(channel):
                    await ears[channel].end()
                    await inbox.put(given)
                case _:
                    for ear in ears.values():
                        await ear.settle()
                    await inbox.put(given)
        for ear in ears.values():
            await ear.end()
        await inbox.put(given)


def _ear(
    config: RtConfig, channel: str | None, inbox: Inbox[Message], open_decoder: OpenDecoder, group: TaskGroup
) -> Ear:
    if isinstance(config.audio, RawFormat):
        return RawEar(config.audio, channel, inbox)
    return FileEar(open_decoder, channel, inbox, group)
