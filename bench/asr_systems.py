"""Recognisers that are held beside each other: Dragoman's pipeline, and faster-whisper on the same weights."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Self, TypeVar

import anyio
import numpy as np
import psutil
from faster_whisper import BatchedInferencePipeline, WhisperModel

from dragoman.app import Dragoman, open_dragoman
from dragoman.core.audio import AudioChunk, join
from dragoman.core.events import FinalTranscript
from dragoman.core.options import Recognition, RunOptions
from dragoman.core.transcript import Sentence, Word
from dragoman.engines import catalogue
from dragoman.engines.routing import EngineNames
from dragoman.media.decode import open_media
from dragoman.pipeline.ordered import map_in_order

MODEL = "whisper:base"
BATCH = 8
"""Windows that faster-whisper's batched pipeline decodes together: its own default."""

T = TypeVar("T")


class Peer:
    """faster-whisper as its README has it."""

    def __init__(self, threads: int = 1) -> None:
        folder = str(catalogue.locate(MODEL).folder)
        self._model = WhisperModel(folder, device="cpu", compute_type="int8", cpu_threads=threads)
        self._batched = BatchedInferencePipeline(self._model)

    def plain(self, audio: np.ndarray, language: str, *, voice_activity: bool) -> str:
        found, _ = self._model.transcribe(audio, language=language, beam_size=5, vad_filter=voice_activity)
        return _joined((segment.text for segment in found), language)

    def batched(self, audio: np.ndarray, language: str) -> str:
        found, _ = self._batched.transcribe(audio, language=language, beam_size=5, batch_size=BATCH)
        return _joined((segment.text for segment in found), language)


class Pipeline:
    """Dragoman's recognition with one recognizer; nothing is translated or spoken."""

    def __init__(self, recognizer: str) -> None:
        self._names = EngineNames(recognizer=recognizer, translator="scripted", synthesizer="scripted")
        self._stack = AsyncExitStack()
        self._dragoman: Dragoman

    async def __aenter__(self) -> Self:
        self._dragoman = await self._stack.enter_async_context(open_dragoman(self._names))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def texts(
        self,
        recordings: Sequence[list[AudioChunk]],
        languages: Sequence[str],
        recognition: Recognition,
        *,
        at_once: int,
    ) -> list[str]:
        """Recognise recordings, ``at_once`` of them at the same time."""
        sentences = await self._sentences(recordings, languages, recognition, at_once)
        return [
            _joined((sentence.text for sentence in some), language)
            for some, language in zip(sentences, languages, strict=True)
        ]

    async def words(
        self,
        recordings: Sequence[list[AudioChunk]],
        languages: Sequence[str],
        recognition: Recognition,
        *,
        at_once: int,
    ) -> list[list[Word]]:
        sentences = await self._sentences(recordings, languages, recognition, at_once)
        return [[item for one in some for item in one.items if isinstance(item, Word)] for some in sentences]

    async def _sentences(
        self, recordings: Sequence[list[AudioChunk]], languages: Sequence[str], recognition: Recognition, at_once: int
    ) -> list[list[Sentence]]:
        """One run per recording."""

        async def transcribe(item: tuple[list[AudioChunk], str]) -> list[Sentence]:
            return await self._one_run(*item, recognition)

        items = list(zip(recordings, languages, strict=True))
        async with map_in_order(transcribe, _one_by_one(items), at_once=at_once) as runs:
            return [sentences async for sentences in runs]

    async def _one_run(self, chunks: Sequence[AudioChunk], language: str, recognition: Recognition) -> list[Sentence]:
        options = RunOptions(language, recognition=recognition)
        async with self._dragoman.open_run(options) as run, anyio.create_task_group() as group:

            async def speak() -> None:
                async with run.input:
                    for chunk in chunks:
                        await run.input.send(chunk)

            group.start_soon(speak)
            events = [event async for event in run.events]
        return [event.sentence for event in events if isinstance(event, FinalTranscript)]


async def decoded(path: Path) -> list[AudioChunk]:
    async with open_media(path) as media:
        return [chunk async for chunk in media]


def samples(chunks: Sequence[AudioChunk]) -> np.ndarray:
    """Return samples between -1 and 1, as faster-whisper takes them."""
    return np.frombuffer(join(chunks).pcm, "<i2").astype(np.float32) / 32768


def cpu_seconds() -> float:
    """Processor time of this process and its children."""
    here = psutil.Process()
    times: list[Any] = [member.cpu_times() for member in (here, *here.children(recursive=True))]
    return sum(float(time.user + time.system) for time in times)


def _joined(texts: Iterable[str], language: str) -> str:
    return ("" if language in ("ja", "zh") else " ").join(text.strip() for text in texts)


async def _one_by_one(items: Iterable[T]) -> AsyncIterator[T]:
    for item in items:
        yield item
