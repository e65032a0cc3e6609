"""A recogniser's stream that survives the engine under it."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Self

from dragoman.core.audio import AudioChunk, join
from dragoman.core.errors import DragomanError
from dragoman.core.events import Notice
from dragoman.core.transcript import Word
from dragoman.engines.asr import Recognizer, RecognizerInfo, RecognizerOptions, RecognizerStream
from dragoman.engines.attached import Attached
from dragoman.engines.hosted import Leased
from dragoman.pipeline.emit import Emit


class EngineStream:
    """Replaced when it breaks; the open utterance is then heard again from its beginning, and given up when that
    breaks as well."""

    def __init__(self, engine: Attached[Recognizer, RecognizerInfo], options: RecognizerOptions, emit: Emit) -> None:
        self._engine = engine
        self._options = options
        self._emit = emit
        self._stack = AsyncExitStack()
        self._stream: Leased[RecognizerStream] | None = None
        self._utterance: list[AudioChunk] = []
        self._words: tuple[Word, ...] = ()
        self._given_up: DragomanError | None = None

    async def __aenter__(self) -> Self:
        await self._open()
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self._stack.aclose()

    @property
    def audio(self) -> AudioChunk:
        """The open utterance as far as it was heard. Raises ValueError when none is open."""
        return join(self._utterance)

    async def accept(self, audio: AudioChunk) -> tuple[Word, ...]:
        await self._hear(audio, last=False)
        return self._words

    async def finish(self, rest: AudioChunk | None = None) -> tuple[tuple[Word, ...], AudioChunk]:
        """Ends the utterance, of which ``rest`` was not heard yet. Returns its words and the whole of its audio."""
        await self._hear(rest or self._utterance[-1].slice(0, 0), last=True)
        words, audio = self._words, self.audio
        if self._given_up is not None:
            await self._emit(not_recognised(audio.start_time, audio.end_time, self._given_up))
        self._utterance, self._words, self._given_up = [], (), None
        return words, audio

    async def _hear(self, audio: AudioChunk, *, last: bool) -> None:
        self._utterance.append(audio)
        if self._given_up is None:
            heard = await with_second_try(lambda: self._attempt(last=last))
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


async def with_second_try(recognise: Callable[[], Awaitable[tuple[Word, ...]]]) -> tuple[Word, ...] | DragomanError:
    """One utterance that an engine cannot bear must not cost the whole recording: the second error is returned."""
    for _ in range(2):
        try:
            return await recognise()
        except DragomanError as error:
            if not error.retryable:
                raise
            failure = error
    return failure


def not_recognised(start_time: float, end_time: float, error: DragomanError) -> Notice:
    return Notice(error.code, f"{start_time:.1f} to {end_time:.1f} s could not be recognised: {error.message}")
