"""The scripted engines, on the loop and not on threads, slow and unreliable to the degree that the test wants."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Self

import anyio

from dragoman.core.audio import OUTPUT_RATE, SAMPLE_WIDTH, AudioChunk
from dragoman.core.errors import EngineCrashed
from dragoman.engines import routing
from dragoman.engines.loading import EngineLoader
from dragoman.engines.routing import EngineNames, Installed
from dragoman.engines.tts import SpeechChunk
from dragoman.hosts.calls import method_name
from dragoman.hosts.slots import Priority

SCRIPTED = EngineNames("scripted", "scripted", "scripted", "scripted")


@dataclass
class Mood:
    """Of all engines: how long the next call takes, in seconds, and whether the engine dies of it."""

    latency: Callable[[], float] = lambda: 0.0
    crashes: Callable[[], bool] = lambda: False


class Inline:
    """A host that is none."""

    slots = 1

    def __init__(self, engine: object, mood: Mood) -> None:
        self._engine = engine
        self._mood = mood
        self.crashing = 0
        """So many of the next calls, on the engine or one of its streams, end in a crash."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    def at(self, priority: Priority) -> Self:
        return self

    async def warm_leases(self, streams: int, method, *args) -> None:
        pass

    async def keep_warm(self, streams: int, method, *args) -> None:
        pass

    async def call(self, method, *args):
        await anyio.sleep(self._mood.latency())
        if self._crashes():
            raise EngineCrashed("The process of the scripted engine died")
        return getattr(self._engine, method_name(method))(*args)

    async def iterate(self, method, *args) -> AsyncIterator[object]:
        for item in await self.call(method, *args):
            yield item

    @asynccontextmanager
    async def lease(self, method, *args) -> AsyncIterator["Inline"]:
        stream = Inline(await self.call(method, *args), self._mood)
        stream._crashes = self._crashes
        yield stream

    def _crashes(self) -> bool:
        if self.crashing:
            self.crashing -= 1
            return True
        return self._mood.crashes()


class Hum:
    """Speaks at once what the scripted voice would compute sample by sample."""

    def prepare(self, voice: str) -> None:
        pass

    def synthesize(self, text: str, voice: str, rate: float = 1.0) -> Iterator[SpeechChunk]:
        samples = round(0.06 * len(text) / rate * OUTPUT_RATE)
        for _ in range(2):
            yield SpeechChunk(AudioChunk(bytes(samples // 2 * SAMPLE_WIDTH), OUTPUT_RATE))


class InlineLoader(EngineLoader):
    def __init__(self, stack: AsyncExitStack, mood: Mood, names: EngineNames = SCRIPTED) -> None:
        super().__init__(routing.survey(names), stack, parallel=1)
        self._mood = mood

    def _host(self, engine: Installed) -> Inline:
        ref = engine.ref
        return Inline(Hum() if ref.kind.name == "synthesizer" else ref.plugin().load(ref.model), self._mood)
