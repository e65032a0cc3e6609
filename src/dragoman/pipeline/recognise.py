"""Second stage: utterances to words, either as they are spoken or each as a whole and several at once."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Self, assert_never

from anyio import TASK_STATUS_IGNORED
from anyio.abc import TaskStatus
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from dragoman.core.audio import AudioChunk, join
from dragoman.core.errors import DragomanError
from dragoman.core.events import Event, Notice, PartialTranscript
from dragoman.core.transcript import Word
from dragoman.engines.asr import Recognizer, RecognizerInfo, RecognizerOptions, RecognizerStream
from dragoman.engines.attached import Attached
from dragoman.engines.hosted import Leased
from dragoman.media.resample import Resampler
from dragoman.pipeline.ordered import map_in_order
from dragoman.pipeline.policy import StablePrefix
from dragoman.pipeline.segment import Quiet, Speech, SpeechEnd, Stretch

_TAIL = 0.3
"""Seconds kept after the last speech of an utterance recognised as a whole; the rest of the silence only costs time."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """What was said between two silences; no words when it was no speech, or only silence passed."""

    words: tuple[Word, ...]
    end_time: float
    """Everything before is recognised."""


Emit = Callable[[Event], Awaitable[None]]


async def recognise_whole(
    incoming: MemoryObjectReceiveStream[Stretch],
    outgoing: MemoryObjectSendStream[Utterance],
    emit: Emit,
    engine: Attached[Recognizer, RecognizerInfo],
    options: RecognizerOptions,
    *,
    at_once: int,
    task_status: TaskStatus[None] = TASK_STATUS_IGNORED,
) -> None:
    """Each utterance as a whole, ``at_once`` of them at the same time; the answer is the same for any ``at_once``."""

    async def recognise(utterance: AudioChunk | Quiet) -> Utterance:
        if isinstance(utterance, Quiet):
            return Utterance((), utterance.time)
        audio = _at_rate(utterance, engine.info.sample_rate)
        heard = await _with_second_try(lambda: engine.hosted.call(Recognizer.recognize, audio, options))
        if isinstance(heard, DragomanError):
            await emit(_not_recognised(audio.start_time, audio.end_time, heard))
            return Utterance((), utterance.end_time)
        return Utterance(heard, utterance.end_time)

    task_status.started()
    async with (
        incoming,
        outgoing,
        map_in_order(recognise, _whole_utterances(incoming), at_once=at_once) as utterances,
    ):
        async for utterance in utterances:
            await outgoing.send(utterance)


async def _whole_utterances(stretches: MemoryObjectReceiveStream[Stretch]) -> AsyncIterator[AudioChunk | Quiet]:
    pieces: list[AudioChunk] = []
    async for stretch in stretches:
        match stretch:
            case Speech(audio):
                pieces.append(audio)
            case SpeechEnd(time):
                audio = join(pieces)
                yield audio.slice(0, round((time + _TAIL - audio.start_time) * audio.sample_rate))
                pieces = []
            case Quiet():
                yield stretch
            case _:
                assert_never(stretch)


def _at_rate(audio: AudioChunk, sample_rate: int) -> AudioChunk:
    resampler = Resampler(audio.sample_rate, sample_rate)
    return join([resampler.accept(audio), resampler.flush()])


async def _with_second_try(recognise: Callable[[], Awaitable[tuple[Word, ...]]]) -> tuple[Word, ...] | DragomanError:
    """One utterance that an engine cannot bear must not cost the whole recording: the second error is returned."""
    for _ in range(2):
        try:
            return await recognise()
        except DragomanError as error:
            if not error.retryable:
                raise
            failure = error
    return failure


def _not_recognised(start_time: float, end_time: float, error: DragomanError) -> Notice:
    return Notice(error.code, f"{start_time:.1f} to {end_time:.1f} s could not be recognised: {error.message}")


async def recognise_live(
    incoming: MemoryObjectReceiveStream[Stretch],
    outgoing: MemoryObjectSendStream[Utterance],
    emit: Emit,
    engine: Attached[Recognizer, RecognizerInfo],
    options: RecognizerOptions,
    *,
    partials: bool,
    task_status: TaskStatus[None] = TASK_STATUS_IGNORED,
) -> None:
    """As the audio arrives, on one stream of the engine for the whole run; started when that stream is open."""
    async with incoming, outgoing, _LiveStream(engine, options, emit) as stream:
        task_status.started()
        policy = StablePrefix(engine.info.unstable_words)
        shown: tuple[tuple[Word, ...], int] = ((), 0)
        async for stretch in incoming:
            match stretch:
                case Speech(audio):
                    showing = policy.update(await stream.accept(audio))
                    if partials and showing != shown and showing[0]:
                        shown = showing
                        words, stable = shown
                        await emit(PartialTranscript(words, stable, words[0].start_time, audio.end_time))
                case SpeechEnd(time):
                    await outgoing.send(Utterance(await stream.finish(), time))
                    policy = StablePrefix(engine.info.unstable_words)
                    shown = ((), 0)
                case Quiet(time):
                    await outgoing.send(Utterance((), time))
                case _:
                    assert_never(stretch)


class _LiveStream:
    """The engine's stream, replaced when it breaks; the open utterance is then heard again from its beginning, and
    given up when that breaks as well."""

    def __init__(self, engine: Attached[Recognizer, RecognizerInfo], options: RecognizerOptions, emit: Emit) -> None:
        self._engine = engine
        self._options = options
        self._emit = emit
        self._stack = AsyncExitStack()
        self._stream: Leased[RecognizerStream] | None = None
        self._resampler: Resampler | None = None
        self._utterance: list[AudioChunk] = []
        self._words: tuple[Word, ...] = ()
        self._given_up: DragomanError | None = None

    async def __aenter__(self) -> Self:
        await self._open()
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self._stack.aclose()

    async def accept(self, audio: AudioChunk) -> tuple[Word, ...]:
        if self._resampler is None:
            self._resampler = Resampler(audio.sample_rate, self._engine.info.sample_rate)
        await self._hear(self._resampler.accept(audio), last=False)
        return self._words

    async def finish(self) -> tuple[Word, ...]:
        assert self._resampler is not None
        await self._hear(self._resampler.flush(), last=True)
        if self._given_up is not None:
            first, last = self._utterance[0], self._utterance[-1]
            await self._emit(_not_recognised(first.start_time, last.end_time, self._given_up))
        words = self._words
        self._utterance, self._words, self._given_up = [], (), None
        return words

    async def _hear(self, audio: AudioChunk, *, last: bool) -> None:
        self._utterance.append(audio)
        if self._given_up is None:
            heard = await _with_second_try(lambda: self._attempt(last=last))
            self._words, self._given_up = ((), heard) if isinstance(heard, DragomanError) else (heard, None)

    async def _attempt(self, *, last: bool) -> tuple[Word, ...]:
        audio = join(self._utterance) if self._stream is None else self._utterance[-1]
        try:
            stream = await self._open()
            if audio.pcm:
                self._words = await stream.call(RecognizerStream.accept, audio)
            return await stream.call(RecognizerStream.finish) if last else self._words
        except DragomanError:
            self._stream = None
            await self._stack.aclose()
            raise

    async def _open(self) -> Leased[RecognizerStream]:
        if self._stream is None:
            self._stack = AsyncExitStack()
            opening = self._engine.hosted.lease(Recognizer.open_stream, self._options)
            self._stream = await self._stack.enter_async_context(opening)
        return self._stream
