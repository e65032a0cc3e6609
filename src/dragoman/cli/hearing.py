"""One recording through one run: its sound in, the run's events out."""

import time
from collections.abc import Callable
from pathlib import Path

import anyio
from anyio.streams.memory import MemoryObjectSendStream

from dragoman.app import Dragoman
from dragoman.core.audio import AudioChunk
from dragoman.core.errors import EngineFailed, NoSpeech, first_error
from dragoman.core.events import Event, FinalTranscript, Notice, RunStarted
from dragoman.core.options import RunOptions
from dragoman.media.decode import Decoding

Watch = Callable[[Event], None]

_MICROPHONE_CHUNK = 0.02
"""Seconds of sound that a microphone hands over at a time."""


async def hear(
    dragoman: Dragoman,
    decoding: Decoding,
    options: RunOptions,
    watch: Watch,
    *,
    channel: str | None = None,
    sent: Callable[[AudioChunk], None] = lambda _: None,
) -> None:
    """Feeds the recording, or one channel of it, to a run, and shows each event to ``watch``.

    A run that recognises live is fed at the pace of a microphone. ``sent`` is told of every chunk, at its time.
    """
    started = anyio.Event()

    async def feed(run_input: MemoryObjectSendStream[AudioChunk]) -> None:
        live = options.recognition == "live"
        async with run_input:
            await started.wait()
            begin = time.monotonic()
            async for chunk in decoding:
                if chunk.channel != channel:
                    continue
                for piece in _microphone_chunks(chunk) if live else (chunk,):
                    if live:
                        await anyio.sleep(max(0.0, begin + piece.end_time - time.monotonic()))
                    await run_input.send(piece)
                    sent(piece)

    try:
        async with dragoman.open_run(options) as run, anyio.create_task_group() as group:
            group.start_soon(feed, run.input)
            async for event in run.events:
                if isinstance(event, RunStarted):
                    started.set()
                watch(event)
    except BaseExceptionGroup as errors:
        raise first_error(errors) from None


def _microphone_chunks(chunk: AudioChunk) -> list[AudioChunk]:
    step = round(_MICROPHONE_CHUNK * chunk.sample_rate)
    return [chunk.slice(first, first + step) for first in range(0, chunk.samples, step)]


class Silence:
    """Watches whether anything was said at all, and if not, why."""

    def __init__(self) -> None:
        self._heard = False
        self._failures: list[str] = []

    def add(self, event: Event) -> None:
        match event:
            case FinalTranscript():
                self._heard = True
            case Notice(_, message, None):
                self._failures.append(message)

    def check(self, path: Path) -> None:
        """Raises :class:`NoSpeech`, or :class:`EngineFailed` when there was speech and the engine broke on it."""
        if self._heard:
            return
        if self._failures:
            raise EngineFailed(f"{path.name}: {self._failures[0]}", remedy="Try again, or another --recognizer")
        raise NoSpeech(f"{path.name}: nobody speaks in it", remedy="Check that it is the right recording")
