"""Sentences of a stored transcript, translated out of the recording's audio; for the languages of a speech pivot."""

from collections.abc import Sequence

from dragoman.core.audio import SPEECH_RATE, AudioChunk
from dragoman.core.transcript import Sentence
from dragoman.engines.attached import SpeechHop
from dragoman.jobs import keys
from dragoman.jobs.results import Part, read_parts
from dragoman.jobs.workshop import Workshop
from dragoman.pipeline.speech_pivot import SpeechPivot, cut


class SpokenTexts:
    """Reads the parts of one job. Keeps the audio of one part, ten minutes at most, in memory."""

    def __init__(self, shop: Workshop, job_id: str, hop: SpeechHop) -> None:
        self._shop = shop
        self._job_id = job_id
        self._hop = hop
        self._parts: Sequence[Part] | None = None
        self._read: tuple[int, AudioChunk] | None = None

    async def of(self, sentences: Sequence[Sentence]) -> list[str]:
        """Return the text of each sentence in the pivot language. Raises the engine's errors."""
        return [await self._text(sentence) for sentence in sentences]

    async def _text(self, sentence: Sentence) -> str:
        async def between(start: float, end: float) -> AudioChunk | None:
            parts = [part for part in await self._all_parts() if part.channel == sentence.channel]
            chunks = [await self._audio(part) for part in parts if part.end_time > start and part.start_time < end]
            return cut(chunks, start, end)

        return await SpeechPivot(self._hop, between).text(sentence)

    async def _all_parts(self) -> Sequence[Part]:
        if self._parts is None:
            self._parts = (await read_parts(self._shop.blobs, self._job_id)).parts
        return self._parts

    async def _audio(self, part: Part) -> AudioChunk:
        if self._read is None or self._read[0] != part.index:
            pcm = await self._shop.blobs.read(keys.part(self._job_id, part.index))
            self._read = part.index, AudioChunk(pcm, SPEECH_RATE, part.start_time, part.channel)
        return self._read[1]
