"""Runs one stage alone, over memory streams, with small real engines on a real host."""

import math
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from dragoman.core.audio import SAMPLE_WIDTH, AudioChunk
from dragoman.core.errors import EngineFailed
from dragoman.core.events import Event
from dragoman.core.transcript import Word
from dragoman.engines.asr import RecognizerInfo, RecognizerOptions
from dragoman.engines.attached import Attached
from dragoman.engines.info import EngineInfo
from dragoman.engines.mt import TranslatorInfo
from dragoman.engines.tts import SpeechChunk, SynthesizerInfo
from dragoman.engines.vad import VoiceActivityInfo
from dragoman.hosts.thread import ThreadHost

T = TypeVar("T")
R = TypeVar("R")
I = TypeVar("I", bound=EngineInfo)  # noqa: E741  what an engine says of itself

VOICE_ACTIVITY = VoiceActivityInfo(
    name="loudness", version="1", licence="MIT", runs_in="thread", sample_rate=16_000, frame_samples=160
)
RECOGNIZER = RecognizerInfo(
    name="listener",
    version="1",
    licence="MIT",
    runs_in="thread",
    languages=("en",),
    sample_rate=16_000,
    streaming=True,
    punctuated=True,
)
TRANSLATOR = TranslatorInfo(name="tagger", version="1", licence="MIT", runs_in="thread", pairs=())
SYNTHESIZER = SynthesizerInfo(
    name="hummer", version="1", licence="MIT", runs_in="thread", voices=(), sample_rate=24_000, max_rate=2.0
)


@dataclass
class Outcome:
    """What a stage handed on, and what it announced meanwhile."""

    items: list[Any]
    events: list[Event]
    result: Any = None


Ends = tuple[MemoryObjectSendStream[T], MemoryObjectReceiveStream[T]]


async def through(
    incoming: Iterable[T],
    stage: Callable[
        [MemoryObjectReceiveStream[T], MemoryObjectSendStream[R], Callable[..., Awaitable[None]]], Awaitable
    ],
) -> Outcome:
    """Feeds a stage to its end. Fails when the stage leaves its output open: closing it is how a stage says so."""
    given, taken = anyio.create_memory_object_stream[T](math.inf)
    handed, received = anyio.create_memory_object_stream[R](math.inf)
    events: list[Event] = []

    async def emit(event: Event) -> None:
        events.append(event)

    with given, taken, handed, received:
        for item in incoming:
            given.send_nowait(item)
        given.close()
        result = await stage(taken, handed, emit)
        return Outcome(drained(received), events, result)


def drained(stream: MemoryObjectReceiveStream[T]) -> list[T]:
    """Everything in a stream that is closed at the other end; raises WouldBlock when it is not."""
    items: list[T] = []
    while True:
        try:
            items.append(stream.receive_nowait())
        except anyio.EndOfStream:
            return items


@asynccontextmanager
async def hosted(engine: object, info: I, *, threads: int = 2) -> AsyncIterator[Attached[Any, I]]:
    async with ThreadHost(info.name, lambda: engine, threads=threads) as host:
        yield Attached(host, info)


class Loudness:
    """Voice activity: what is not silence is speech."""

    def open_stream(self) -> "LoudnessStream":
        return LoudnessStream()


class LoudnessStream:
    def __init__(self) -> None:
        self._pcm = b""

    def accept(self, audio: AudioChunk) -> tuple[float, ...]:
        size = VOICE_ACTIVITY.frame_samples * SAMPLE_WIDTH
        self._pcm += audio.pcm
        frames = [self._pcm[i : i + size] for i in range(0, len(self._pcm) - size + 1, size)]
        self._pcm = self._pcm[len(frames) * size :]
        return tuple(float(any(frame)) for frame in frames)


@dataclass
class Listener:
    """Recognition: an utterance is the words in its PCM, a second each; breaks on utterances that say BREAK."""

    error: Exception = field(default_factory=lambda: EngineFailed("deaf"))
    breaks: int = 1_000_000
    """So many times."""
    heard: list[AudioChunk] = field(default_factory=list)

    def recognize(self, audio: AudioChunk, options: RecognizerOptions) -> tuple[Word, ...]:
        self.heard.append(audio)
        if b"BREAK" in audio.pcm and self.breaks > 0:
            self.breaks -= 1
            raise self.error
        contents = audio.pcm.replace(b"\0", b"").decode().split()
        return tuple(
            Word(content, audio.start_time + i, audio.start_time + i + 1) for i, content in enumerate(contents)
        )

    def open_stream(self, options: RecognizerOptions) -> "ListenerStream":
        return ListenerStream(self)


class ListenerStream:
    def __init__(self, engine: Listener) -> None:
        self._engine = engine
        self._chunks: list[AudioChunk] = []

    def accept(self, audio: AudioChunk) -> tuple[Word, ...]:
        self._chunks.append(audio)
        return self._hypothesis()

    def finish(self) -> tuple[Word, ...]:
        words = self._hypothesis()
        self._chunks = []
        return words

    def _hypothesis(self) -> tuple[Word, ...]:
        first = self._chunks[0]
        whole = AudioChunk(b"".join(chunk.pcm for chunk in self._chunks), first.sample_rate, first.start_time)
        return self._engine.recognize(whole, RecognizerOptions("en"))


class Tagger:
    """Translation: the text with the target's tag behind it; fails on what says BREAK, answers too much on TWICE."""

    def prepare(self, source: str, target: str) -> None:
        """Nothing to load."""

    def translate(self, sentences: Sequence[str], source: str, target: str) -> list[str]:
        if "BREAK" in sentences[0]:
            raise ArithmeticError("BREAK is not in the dictionary")
        if "TWICE" in sentences[0]:
            return [*sentences, *sentences]
        return [f"{sentence} {source}>{target}" for sentence in sentences]


@dataclass
class Hummer:
    """Synthesis: a tenth of a second of constant level per character, a chunk each; BREAK breaks after its B."""

    sample_rate: int = 24_000
    rates: list[float] = field(default_factory=list)

    def prepare(self, voice: str) -> None:
        """Nothing to load."""

    def synthesize(self, text: str, voice: str, rate: float = 1.0) -> Iterator[SpeechChunk]:
        self.rates.append(rate)
        samples = round(0.1 * self.sample_rate / rate)
        for index, character in enumerate(text):
            if character == "R":
                raise ArithmeticError("out of breath")
            level = (1000).to_bytes(2, "little")
            yield SpeechChunk(AudioChunk(level * samples, self.sample_rate, index * samples / self.sample_rate))
