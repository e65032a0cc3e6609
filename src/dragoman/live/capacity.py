"""How many live sessions this machine carries, and how many of them one that asks for more is worth.

Both are measured: the engines that a session would use hear speech that the synthesizer has made, and speak it again.
No recording is needed.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace

import anyio

from dragoman.core.audio import AudioChunk
from dragoman.core.options import RunOptions
from dragoman.engines.attached import RunEngines, Speaker
from dragoman.engines.tts import Synthesizer
from dragoman.hosts.governor import capacity, cpu_seconds
from dragoman.pipeline.finality import SHORT, heard_again
from dragoman.pipeline.run import Run, open_run

_TEXT = "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12."
"""Digits are read aloud in every language."""

_PEOPLE = 1.4
"""What people cost to hear, over these digits: 0.17 and 0.12 seconds of CPU for one of sound, the first with eight
sessions of bench/live_face.py at once. Eleven, as many as the digits promised, fell behind by seconds."""

_CHUNK = 0.1
"""Seconds at a time, as clients send."""

Attach = Callable[[RunOptions], Awaitable[RunEngines]]


@dataclass(frozen=True, slots=True)
class Weights:
    """What more a session costs that asks for more, as a share of what a plain one costs. The defaults are what
    PocketSphinx and Apertium take."""

    again: float = 0.8
    """Where most audio is heard again: ``max_delay`` of 1.75 seconds."""
    drafts: float = 0.1
    """Partial translations into one language. Not measured: their languages are not known before."""

    def places(self, options: RunOptions) -> float:
        """Of plain sessions that one of these options takes."""
        more = self.again * heard_again(options.max_delay)
        if options.partial_translations:
            more += self.drafts * len(options.targets)
        return len(options.channels) * (1 + more)


@dataclass(frozen=True, slots=True)
class Measured:
    """Of one machine with its engines."""

    sessions: int
    """Plain ones."""
    weights: Weights


async def measured_capacity(attach: Attach, source: str, cores: int) -> Measured:
    """Live sessions in the language ``source`` that the cores carry. Loads the engines on the way.

    Raises :class:`~dragoman.core.errors.DragomanError` when the language can't be both heard live and spoken here.
    """
    plain = RunOptions(source=source, targets=(source,), speak=(source,), recognition="live", partials=True)
    engines = await attach(plain)
    speech = [piece async for piece in _spoken(engines.speakers[source])]
    cost = await _cost(plain, engines, speech)
    most = await _cost(replace(plain, max_delay=SHORT), engines, speech)
    return Measured(capacity(cores, _PEOPLE * cost), Weights(again=share_more(most, cost)))


def share_more(most: float, plain: float) -> float:
    """By how much the one is more; measured one after the other, it may have come out as less."""
    return max(0.0, most / max(plain, 1e-3) - 1)


async def _cost(options: RunOptions, engines: RunEngines, speech: list[AudioChunk]) -> float:
    """CPU seconds for a second of speech."""
    async with open_run(options, engines) as run:
        await run.events.receive()  # it has started: what loading took is not what hearing takes
        before = cpu_seconds()
        await _hear(run, speech)
        spent = cpu_seconds() - before
    return spent / sum(piece.duration for piece in speech)


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
