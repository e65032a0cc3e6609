"""Second step of a job that aligns a text, for each part: what of the text is heard in it. Third step: when each of its
words is said."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import anyio
from anyio.to_thread import run_sync

from dragoman.core.audio import SPEECH_RATE, AudioChunk, join
from dragoman.core.errors import InvalidText, first_error
from dragoman.core.options import RunOptions
from dragoman.core.transcript import Word
from dragoman.engines.alignment import Aligner, Span
from dragoman.engines.attached import AligningEngines
from dragoman.jobs import keys
from dragoman.jobs.anchors import anchors, fold
from dragoman.jobs.gaps import Gap, gaps
from dragoman.jobs.model import Job
from dragoman.jobs.results import ALIGNMENT, TEXT_HEARD, Alignment, Part, TextHeard, read_parts
from dragoman.jobs.texts import read_text
from dragoman.jobs.workshop import Workshop
from dragoman.media.resample import resampled
from dragoman.pipeline.listen import listen
from dragoman.pipeline.ordered import map_in_order
from dragoman.pipeline.segment import SegmentOptions, Speech, SpeechEnd, Stretch
from dragoman.render.alignment import text_words

_CREDIBLE: Final = 0.1
"""Share of the words, of the text or of what was heard, from which what is the same in both is no chance."""

_PADDING: Final = SegmentOptions().padding
_CHUNK: Final = SPEECH_RATE * 10
_NOTED: Final = 20
"""Gaps after which it is noted how far the job is, and asked whether it is still wanted."""


async def hear(shop: Workshop, job: Job, index: int) -> str:
    """One part; what was heard in it lies under the key."""
    parts = await read_parts(shop.blobs, job.id)
    await shop.come_to(job, "aligning", 15 + 65 * index / len(parts.parts))
    key = keys.heard(job.id, index)
    if not await shop.blobs.exists(key):
        try:
            heard = await _hear(shop, job, parts.parts[index])
        except BaseExceptionGroup as errors:
            raise first_error(errors) from None
        await shop.blobs.write(key, TEXT_HEARD.dump_json(heard))
    return key


async def place(shop: Workshop, job: Job) -> str:
    """All parts together; the words' times lie under the key. Raises :class:`InvalidText` when text and recording have
    nothing to do with each other."""
    parts = await read_parts(shop.blobs, job.id)
    await shop.come_to(job, "aligning", 80)
    heard = [TEXT_HEARD.validate_json(await shop.blobs.read(keys.heard(job.id, part.index))) for part in parts.parts]
    words = [word.content for word in text_words(await read_text(shop.blobs, job.id))]
    said = [word for part in heard for word in part.words]
    spans = await run_sync(_anchored, words, said)
    engines = await shop.attach_aligner(job.submission.options.run.source)
    speech = [span for part in heard for span in part.speech]
    found = list(gaps(words, spans, speech, engines.aligner.info.longest))
    recording = _Recording(shop, job, parts.parts)
    for number, gap in enumerate(found):
        if number % _NOTED == 0:
            await shop.come_to(job, "aligning", 80 + 18 * number / len(found))
        audio = await recording.between(gap)
        if audio is not None:
            spans[gap.first : gap.last] = await _align(engines, audio, words[gap.first : gap.last])
    key = keys.alignment(job.id)
    await shop.blobs.write(key, ALIGNMENT.dump_json(Alignment(tuple(map(_rounded, spans)), parts.notices)))
    return key


def _anchored(words: Sequence[str], said: Sequence[Word]) -> list[Span | None]:
    """Words of the text that were heard, each with its time."""
    found = anchors([word.content for word in said], words)
    sayable = sum(1 for word in words if fold(word))
    if len(found) < max(1.0, _CREDIBLE * min(sayable, len(said))):
        raise InvalidText(
            f"the text is not what is said in the recording: {len(found)} of its {sayable} words were recognised",
            remedy="Check that they belong together, and the language",
        )
    return [
        (said[found[place]].start_time, said[found[place]].end_time) if place in found else None
        for place in range(len(words))
    ]


async def _hear(shop: Workshop, job: Job, part: Part) -> TextHeard:
    words = text_words(await read_text(shop.blobs, job.id))
    text = " ".join(word.content for word in words)
    engines = await shop.attach_aligner(job.submission.options.run.source)
    audio = AudioChunk(await shop.blobs.read(keys.part(job.id, part.index)), SPEECH_RATE, part.start_time)
    utterances = await _utterances(engines, audio)
    heard: list[Word] = []

    async def one(utterance: AudioChunk) -> tuple[Word, ...]:
        here = resampled(utterance, engines.aligner.info.sample_rate)
        return await engines.aligner.hosted.call(Aligner.hear, here, text, engines.language)

    async with map_in_order(one, _each(utterances), at_once=engines.aligner.hosted.slots) as results:
        async for words_heard in results:
            heard += words_heard
    return TextHeard(tuple(span for _, span in utterances), tuple(heard))


async def _each(utterances: Sequence[tuple[AudioChunk, Span]]) -> AsyncIterator[AudioChunk]:
    for utterance, _ in utterances:
        yield utterance


async def _utterances(engines: AligningEngines, audio: AudioChunk) -> list[tuple[AudioChunk, Span]]:
    """Cut where the pipeline cuts. With each, from when to when somebody speaks in it."""
    chunks, incoming = anyio.create_memory_object_stream[AudioChunk](1)
    outgoing, stretches = anyio.create_memory_object_stream[Stretch](1)
    utterances: list[tuple[AudioChunk, Span]] = []
    spoken: list[AudioChunk] = []

    async def feed() -> None:
        async with chunks:
            for first in range(0, audio.samples, _CHUNK):
                await chunks.send(audio.slice(first, first + _CHUNK))

    async with anyio.create_task_group() as group, stretches:
        group.start_soon(feed)
        group.start_soon(listen, incoming, outgoing, engines.voice_activity, RunOptions(engines.language))
        async for stretch in stretches:
            match stretch:
                case Speech(piece):
                    spoken.append(piece)
                case SpeechEnd(time):
                    utterance, spoken = join(spoken), []
                    utterances.append((utterance, (min(utterance.start_time + _PADDING, time), time)))
    return utterances


async def _align(engines: AligningEngines, audio: AudioChunk, words: Sequence[str]) -> tuple[Span | None, ...]:
    here = resampled(audio, engines.aligner.info.sample_rate)
    return await engines.aligner.hosted.call(Aligner.align, here, tuple(words), engines.language)


def _rounded(span: Span | None) -> Span | None:
    """To the millisecond."""
    return None if span is None else (round(span[0], 3), round(span[1], 3))


@dataclass
class _Recording:
    """The decoded audio, of which two parts at a time are in memory."""

    shop: Workshop
    job: Job
    parts: Sequence[Part]
    _read: dict[int, AudioChunk] = field(default_factory=dict)

    async def between(self, gap: Gap) -> AudioChunk | None:
        """None where there is no audio."""
        pieces = []
        for part in self.parts:
            if part.start_time < gap.end_time and part.end_time > gap.start_time:
                audio = await self._part(part)
                first = round(max(0.0, gap.start_time - part.start_time) * SPEECH_RATE)
                last = round((gap.end_time - part.start_time) * SPEECH_RATE)
                pieces.append(audio.slice(first, last))
        return join(pieces) if pieces else None

    async def _part(self, part: Part) -> AudioChunk:
        if part.index not in self._read:
            self._read = {index: audio for index, audio in self._read.items() if index == part.index - 1}
            pcm = await self.shop.blobs.read(keys.part(self.job.id, part.index))
            self._read[part.index] = AudioChunk(pcm, SPEECH_RATE, part.start_time)
        return self._read[part.index]
