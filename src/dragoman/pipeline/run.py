"""One run: the channels joined, with one way in and one way out."""

from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from dragoman.core.controls import Input
from dragoman.core.errors import EngineError, first_error
from dragoman.core.events import Event, RunEnded, RunStarted
from dragoman.core.options import RunOptions
from dragoman.core.transcript import Translation
from dragoman.engines.attached import Hop, RunEngines
from dragoman.engines.mt import Translator
from dragoman.engines.speech_translation import SpeechTranslator
from dragoman.engines.tts import Synthesizer
from dragoman.pipeline.chain import SENTENCES, Chain, owned
from dragoman.pipeline.route import route
from dragoman.pipeline.speak import dub, interpret

_INPUT = 16
"""Chunks waiting to be heard: a second and a half of live audio, so that a short stall of the engines is not felt by
the sender; a longer one pushes back."""

_ROUTED = 1
"""Waiting is done before; a channel that is behind holds up the others, as it would by ending last."""

_EVENTS = 64
"""Small: the reader of the events sets the pace of the whole run."""


@dataclass(frozen=True, slots=True)
class Run:
    """Send audio and controls, close ``input`` when it is over, read ``events`` to :class:`RunEnded`."""

    input: MemoryObjectSendStream[Input]
    events: MemoryObjectReceiveStream[Event]


@asynccontextmanager
async def open_run(options: RunOptions, engines: RunEngines, *, at_once: int = 1) -> AsyncIterator[Run]:
    """Starts the stages. ``at_once`` utterances are recognised at the same time when they are heard as a whole.

    Both ends must be used at the same time: the run holds only a few chunks and events. Leaving the context early
    cancels everything. What ends a run early is raised as one error, not as a group.
    """
    with ExitStack() as streams:
        input_in, input_out = owned(streams, anyio.create_memory_object_stream[Input](_INPUT))
        events_in, events_out = owned(streams, anyio.create_memory_object_stream[Event](_EVENTS))
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(_work, Chain(options, engines, events_in.send, at_once), input_out, events_in)
                yield Run(input_in, events_out)
                group.cancel_scope.cancel()
        except BaseExceptionGroup as errors:
            raise first_error(errors) from None


async def _work(
    chain: Chain, incoming: MemoryObjectReceiveStream[Input], events: MemoryObjectSendStream[Event]
) -> None:
    """Starts a chain of stages for each channel, and sees them to their end."""
    options, engines = chain.options, chain.engines
    heard: list[float] = []
    spoken: dict[str, MemoryObjectSendStream[Translation]] = {}
    routed: dict[str | None, MemoryObjectSendStream[Input]] = {}
    with ExitStack() as streams, events:
        await _prepare(engines)
        async with anyio.create_task_group() as group:
            for target, speaker in engines.speakers.items():
                ends = anyio.create_memory_object_stream[Translation](SENTENCES)
                spoken[target], to_speak = owned(streams, ends)
                speak = partial(interpret, speed=options.speed) if options.recognition == "live" else dub
                group.start_soon(speak, to_speak, chain.emit, speaker)
            for channel in options.channels:
                routed[channel], audio = owned(streams, anyio.create_memory_object_stream[Input](_ROUTED))
                copies = {target: streams.enter_context(stream.clone()) for target, stream in spoken.items()}
                await group.start(chain.work, channel, audio, copies, heard)
            for stream in spoken.values():
                stream.close()
            await chain.emit(RunStarted(options.source, engines.names))
            group.start_soon(route, incoming, routed)
        await chain.emit(RunEnded(max(heard)))


async def _prepare(engines: RunEngines) -> None:
    """Has the engines load what this run needs, all at the same time."""
    async with anyio.create_task_group() as group:
        for pivot in engines.pivots.values():
            group.start_soon(pivot.engine.hosted.call, SpeechTranslator.prepare, pivot.source, pivot.target)
        for target, hops in engines.translations.items():
            for hop in hops:
                group.start_soon(partial(_prepare_hop, hop, needed=not engines.detours.get(target)))
        for speaker in engines.speakers.values():
            group.start_soon(speaker.engine.hosted.call, Synthesizer.prepare, speaker.voice)


async def _prepare_hop(hop: Hop, *, needed: bool) -> None:
    """Has an engine load a pair. One that is not ``needed``, as there is a detour, may fail: the first sentence will
    take the detour, and say so."""
    try:
        await hop.engine.hosted.call(Translator.prepare, hop.source, hop.target)
    except EngineError:
        if needed:
            raise
