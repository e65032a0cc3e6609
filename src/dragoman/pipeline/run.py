"""One run: the stages joined, with one way in and one way out."""

from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from dragoman.core.audio import AudioChunk
from dragoman.core.errors import first_error
from dragoman.core.events import Event, RunEnded, RunStarted
from dragoman.core.options import RunOptions
from dragoman.core.transcript import Sentence, Translation
from dragoman.engines.asr import RecognizerOptions
from dragoman.engines.attached import RunEngines
from dragoman.engines.mt import Translator
from dragoman.engines.tts import Synthesizer
from dragoman.pipeline.compose import compose
from dragoman.pipeline.listen import listen
from dragoman.pipeline.recognise import Utterance, recognise_live, recognise_whole
from dragoman.pipeline.segment import Stretch
from dragoman.pipeline.speak import dub, interpret
from dragoman.pipeline.translate import translate
from dragoman.text.sentences import SentenceBuilder

T = TypeVar("T")

_AUDIO = 16
"""Chunks waiting to be heard: a second and a half of live audio, so that a short stall of the engines is not felt by
the sender; a longer one pushes back."""

_STRETCHES = 16
"""As much again between listening and recognising, so that the end of speech is seen while the engine still decodes."""

_SENTENCES = 64
"""A target language may fall behind by minutes before it holds up the transcript and the others."""

_EVENTS = 64
"""Small: the reader of the events sets the pace of the whole run."""


@dataclass(frozen=True, slots=True)
class Run:
    """Send audio, close ``input`` when it is over, read ``events`` to :class:`RunEnded`."""

    input: MemoryObjectSendStream[AudioChunk]
    events: MemoryObjectReceiveStream[Event]


@asynccontextmanager
async def open_run(options: RunOptions, engines: RunEngines, *, at_once: int = 1) -> AsyncIterator[Run]:
    """Starts the stages. ``at_once`` utterances are recognised at the same time when they are heard as a whole.

    Both ends must be used at the same time: the run holds only a few chunks and events. Leaving the context early
    cancels everything. What ends a run early is raised as one error, not as a group.
    """
    with ExitStack() as streams:
        audio_in, audio_out = _owned(streams, anyio.create_memory_object_stream[AudioChunk](_AUDIO))
        events_in, events_out = _owned(streams, anyio.create_memory_object_stream[Event](_EVENTS))
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(_work, options, engines, at_once, audio_out, events_in)
                yield Run(audio_in, events_out)
                group.cancel_scope.cancel()
        except BaseExceptionGroup as errors:
            raise first_error(errors) from None


async def _work(
    options: RunOptions,
    engines: RunEngines,
    at_once: int,
    audio: MemoryObjectReceiveStream[AudioChunk],
    events: MemoryObjectSendStream[Event],
) -> None:
    """Joins the stages, first to last, and sees them to their end."""
    live = options.recognition == "live"
    emit = events.send
    sentences: list[MemoryObjectSendStream[Sentence]] = []
    recognise = (
        partial(recognise_live, partials=options.partials) if live else partial(recognise_whole, at_once=at_once)
    )
    recognizer_options = RecognizerOptions(engines.recognition_language)
    builder = SentenceBuilder(options.source, punctuated=engines.recognizer.info.punctuated)
    with ExitStack() as streams, events:
        await _prepare(engines)
        stretches_in, stretches_out = _owned(streams, anyio.create_memory_object_stream[Stretch](_STRETCHES))
        utterances_in, utterances_out = _owned(streams, anyio.create_memory_object_stream[Utterance](1))
        async with anyio.create_task_group() as group:
            for target, hops in engines.translations.items():
                sentences_in, sentences_out = _owned(streams, anyio.create_memory_object_stream[Sentence](_SENTENCES))
                sentences.append(sentences_in)
                translations: MemoryObjectSendStream[Translation] | None = None
                if (speaker := engines.speakers.get(target)) is not None:
                    translations, to_speak = _owned(streams, anyio.create_memory_object_stream[Translation](_SENTENCES))
                    speak = partial(interpret, speed=options.speed) if live else dub
                    group.start_soon(speak, to_speak, emit, speaker)
                group.start_soon(translate, sentences_out, translations, emit, hops, target)
            group.start_soon(partial(compose, flush_utterances=live), utterances_out, sentences, emit, builder)
            await group.start(recognise, stretches_out, utterances_in, emit, engines.recognizer, recognizer_options)
            await emit(RunStarted(options.source, engines.names))
            heard = await listen(audio, stretches_in, engines.voice_activity, options)
        await emit(RunEnded(heard))


async def _prepare(engines: RunEngines) -> None:
    """Has the engines load what this run needs, all at the same time."""
    async with anyio.create_task_group() as group:
        for hops in engines.translations.values():
            for hop in hops:
                group.start_soon(hop.engine.hosted.call, Translator.prepare, hop.source, hop.target)
        for speaker in engines.speakers.values():
            group.start_soon(speaker.engine.hosted.call, Synthesizer.prepare, speaker.voice)


def _owned(
    streams: ExitStack, ends: tuple[MemoryObjectSendStream[T], MemoryObjectReceiveStream[T]]
) -> tuple[MemoryObjectSendStream[T], MemoryObjectReceiveStream[T]]:
    """Has both ends closed with ``streams``: a stage that was cancelled before its first step cannot close its own."""
    for end in ends:
        streams.enter_context(end)
    return ends
