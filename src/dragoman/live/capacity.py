"""How many live sessions this machine carries, measured: the engines that a session would use hear speech that the
synthesizer has made, and speak it again. No recording is needed."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing

import anyio

from dragoman.core.audio import AudioChunk
from dragoman.core.options import RunOptions
from dragoman.engines.attached import RunEngines, Speaker
from dragoman.engines.tts import Synthesizer
from dragoman.hosts.governor import capacity, cpu_seconds
from dragoman.pipeline.run import Run, open_run

_TEXT = "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20."
"""Digits are read aloud in every language."""

_CHUNK = 0.1
"""Seconds at a time, as clients send."""

Attach = Callable[[RunOptions], Awaitable[RunEngines]]


async def measured_capacity(attach: Attach, source: str, cores: int) -> int:
    """Live sessions in the language ``source`` that the cores carry. Loads the engines on the way.

    Raises :class:`~dragoman.core.errors.DragomanError` when the language can't be both heard live and spoken here.
    """
    options = RunOptions(source=source, targets=(source,), speak=(source,), recognition="live", partials=True)
    engines = await attach(options)
    speech = [piece async for piece in _spoken(engines.speakers[source])]
    async with open_run(options, engines) as run:
        await run.events.receive()  # it has started: what loading took is not what hearing takes
        before = cpu_seconds()
        await _hear(run, speech)
        spent = cpu_seconds() - before
    return capacity(cores, spent / sum(piece.duration for piece in speech))


async def _spoken(speaker: Speaker) -> AsyncIterator[AudioChunk]:
    position = 0.0
    async with aclosing(speaker.engine.hosted.iterate(Synthesizer.synthesize, _TEXT, speaker.voice)) as chunks:
        async for chunk in chunks:
            size = round(_CHUNK * chunk.audio.sample_rate)
            for first in range(0, chunk.audio.samples, size):
                piece = chunk.audio.slice(first, first + size)
                yield AudioChunk(piece.pcm, piece.sample_rate, position)
                position += piece.duration


async def _hear(run: Run, speech: list[AudioChunk]) -> None:
    async def feed() -> None:
        async with run.input:
            for piece in speech:
                await run.input.send(piece)

    async with anyio.create_task_group() as group:
        group.start_soon(feed)
        async for _ in run.events:
            pass
