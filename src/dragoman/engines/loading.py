"""Loads chosen engines where they belong, each once, and attaches them to runs, live ones and those of jobs."""

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from copy import copy
from typing import Any, Self, TypeVar

import anyio

from dragoman.core.errors import EngineError, UnsupportedLanguage
from dragoman.core.options import RunOptions
from dragoman.engines import routing
from dragoman.engines.asr import Recognizer, RecognizerOptions
from dragoman.engines.attached import AligningEngines, Attached, Hop, RunEngines, Speaker, SpeechHop
from dragoman.engines.info import EngineInfo
from dragoman.engines.routes import Step, detours
from dragoman.engines.routing import Installed, SpokenRoute, Survey
from dragoman.engines.tts import Synthesizer, SynthesizerInfo, Voice
from dragoman.engines.vad import VoiceActivityDetector
from dragoman.hosts.process import ProcessHost
from dragoman.hosts.slots import Priority, Slots
from dragoman.hosts.thread import ThreadHost

E = TypeVar("E")
I = TypeVar("I", bound=EngineInfo)  # noqa: E741  the pair of E: what an engine says of itself


_SECOND_TRY = 5.0
"""Seconds before an engine that could not be loaded is tried again."""


class EngineLoader:
    """The loaded engines of this process, shared by all its runs. Made by :func:`open_loader`."""

    def __init__(self, found: Survey, stack: AsyncExitStack, *, parallel: int) -> None:
        self.survey = found
        self._cores = Slots(parallel, live_waits=False)
        self._stack = stack
        self._hosts: dict[str, ThreadHost[Any] | ProcessHost[Any]] = {}
        self._opening = anyio.Lock()
        self._priority: Priority = "live"

    @property
    def parallel(self) -> int:
        """Calls that may compute at once: the cores that this process may use, or as many as it was opened with."""
        return self._cores.total

    def at(self, priority: Priority) -> Self:
        """Return a view of this loader that attaches the same engines for calls of another priority; live ones until
        then."""
        view = copy(self)
        view._priority = priority  # noqa: SLF001  of the same class
        return view

    async def attach(self, options: RunOptions) -> RunEngines:
        """Chooses and loads what a run needs.

        Raises :class:`~dragoman.core.errors.UnsupportedLanguage` or :class:`~dragoman.core.errors.EngineUnavailable`
        before anything is heard.
        """
        found = self.survey
        recognizer, language = routing.recognizer(
            found, options.source, streaming=options.recognition == "live", enhanced=options.enhanced
        )
        routes, spoken = self._routes(options)
        speakers = self._speakers(options)
        return RunEngines(
            voice_activity=await self._attached(routing.voice_activity(found)),
            recognizer=await self._attached(recognizer),
            recognition_language=language,
            translations={target: await self._hops(steps) for target, steps in routes.items()},
            detours={
                target: tuple([await self._hops(other) for other in detours(found.translators, steps)])
                for target, steps in routes.items()
            },
            pivots={
                target: SpeechHop(await self._attached(route.engine), route.source, route.pivot)
                for target, route in spoken.items()
            },
            speakers={
                target: Speaker(await self._attached(engine), voice.name)
                for target, (engine, voice) in speakers.items()
            },
        )

    def _speakers(self, options: RunOptions) -> dict[str, tuple[Installed[Synthesizer, SynthesizerInfo], Voice]]:
        voices = dict(options.voices)
        live = options.recognition == "live"
        budget = routing.live_budget(available_cores(), len(options.speak)) if live else None
        return {
            target: routing.speaker(self.survey, target, voices.get(target), budget=budget) for target in options.speak
        }

    def _routes(self, options: RunOptions) -> tuple[dict[str, tuple[Step, ...]], dict[str, SpokenRoute]]:
        """Return the hops over text per target, and for targets that begin with the audio their route. Raises
        :class:`UnsupportedLanguage`."""
        routes: dict[str, tuple[Step, ...]] = {}
        spoken: dict[str, SpokenRoute] = {}
        for target in options.targets:
            try:
                routes[target] = routing.translation(self.survey, options.source, target)
            except (EngineError, UnsupportedLanguage):
                route = routing.spoken_translation(self.survey, options.source, target)
                if route is None:
                    raise
                spoken[target], routes[target] = route, route.steps
        return routes, spoken

    async def _hops(self, steps: Sequence[Step]) -> tuple[Hop, ...]:
        return tuple([Hop(await self._attached(step.engine), step.source, step.target) for step in steps])

    async def attach_aligner(self, language: str) -> AligningEngines:
        """Chooses and loads what aligning texts of a language needs; raises as above."""
        aligner, tag = routing.aligner(self.survey, language)
        voice_activity = await self._attached(routing.voice_activity(self.survey))
        return AligningEngines(voice_activity, await self._attached(aligner), tag)

    def speech_cost(self, options: RunOptions) -> float:
        """Return what the voices of a run take, in CPU seconds per second of speech; 0 if they cannot be chosen."""
        try:
            return sum(engine.info.cost for engine, _ in self._speakers(options).values())
        except (EngineError, UnsupportedLanguage):
            return 0.0  # attaching the run says so

    async def attach_voice(self, language: str, budget: float) -> Speaker:
        """Choose a voice that costs no more than ``budget`` where there is one, by :func:`routing.speaker`."""
        engine, voice = routing.speaker(self.survey, language, budget=budget)
        return Speaker(await self._attached(engine), voice.name)

    async def warm_live(self, options: RunOptions, streams: int) -> None:
        """Loads what live runs of these options need, so that as many of them start without waiting for it."""
        engines = await self.attach(options)
        await engines.voice_activity.hosted.warm_leases(streams, VoiceActivityDetector.open_stream)
        language = RecognizerOptions(engines.recognition_language)
        await engines.recognizer.hosted.warm_leases(streams, Recognizer.open_stream, language)

    async def keep_warm_live(self, options: RunOptions, streams: int) -> None:
        """From then on sees to it that whenever a stream is taken, another is loaded; until cancelled. Returns where
        the recognizer stays loaded."""
        engines = await self.attach(options)
        language = RecognizerOptions(engines.recognition_language)
        while True:
            try:
                return await engines.recognizer.hosted.keep_warm(streams, Recognizer.open_stream, language)
            except EngineError:  # the next session to start gets this error
                await anyio.sleep(_SECOND_TRY)

    async def _attached(self, engine: Installed[E, I]) -> Attached[E, I]:
        key = f"{engine.ref.kind.name} {engine.ref.name}"
        async with self._opening:
            if key not in self._hosts:
                self._hosts[key] = await self._stack.enter_async_context(self._host(engine))
        return Attached(self._hosts[key].at(self._priority), engine.info)

    def _host(self, engine: Installed[E, I]) -> ThreadHost[E] | ProcessHost[E]:
        ref, own = engine.ref, engine.info.slots
        slots = self._cores if own is None else Slots(own)
        if engine.info.runs_in == "process":
            return ProcessHost(ref.name, ref.entry.value, ref.model, size=slots.total, slots=slots)
        return ThreadHost(ref.name, lambda: ref.plugin().load(ref.model), threads=slots.total, slots=slots)


@asynccontextmanager
async def open_loader(found: Survey, *, parallel: int | None = None) -> AsyncIterator[EngineLoader]:
    """Engines are loaded when first needed and closed, children included, when the context is left."""
    async with AsyncExitStack() as stack:
        yield EngineLoader(found, stack, parallel=parallel or available_cores())


def available_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0))
