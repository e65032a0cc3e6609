"""Second step, for each part: what was said. Third step: the whole."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import anyio
from anyio.streams.memory import MemoryObjectSendStream

from dragoman.core.audio import SPEECH_RATE, AudioChunk
from dragoman.core.controls import Input
from dragoman.core.errors import EngineFailed, first_error
from dragoman.core.events import FinalTranscript, Notice, Progress
from dragoman.core.options import RunOptions
from dragoman.core.transcript import Sentence, Transcript
from dragoman.jobs import keys
from dragoman.jobs.model import Job
from dragoman.jobs.results import PART_HEARD, TRANSCRIPT, Part, PartHeard, Parts, read_part, read_parts
from dragoman.jobs.workshop import Workshop
from dragoman.pipeline.run import open_run

_CHUNK: Final = SPEECH_RATE // 2
"""Samples given to a run at a time, as many as a decoder gives."""


_NOTED: Final = 15.0
"""Seconds of a recording after which it is noted how far it is, and asked whether the job is still wanted."""


async def recognise(shop: Workshop, job: Job, index: int) -> str:
    """One part; its sentences lie under the key."""
    parts = await read_parts(shop.blobs, job.id)
    await shop.come_to(job, "recognising", _progress(parts, index))
    key = keys.words(job.id, index)
    if not await shop.blobs.exists(key):
        heard = await _hear(shop, job, parts, index)
        await shop.blobs.write(key, PART_HEARD.dump_json(heard))
    return key


async def join(shop: Workshop, job: Job) -> str:
    """All parts together, under the key. Raises :class:`EngineFailed` when there was speech and none was understood."""
    parts = await read_parts(shop.blobs, job.id)
    heard = [await read_part(shop.blobs, job.id, part.index) for part in parts.parts]
    found = [part for part in heard if part is not None]
    assert len(found) == len(heard), "a part is recognised before they are joined"
    sentences = [sentence for part in found for sentence in part.sentences]
    notices = [notice for part in found for notice in part.notices]
    if notices and not sentences:
        raise EngineFailed(notices[0], remedy="Submit it again")
    transcript = Transcript(
        language=job.submission.options.run.source,
        duration=parts.duration,
        sentences=tuple(sorted(sentences, key=_start)),  # of one start, in the channels' order
        notices=(*parts.notices, *notices),
    )
    key = keys.transcript(job.id)
    await shop.blobs.write(key, TRANSCRIPT.dump_json(transcript))
    return key


async def _hear(shop: Workshop, job: Job, parts: Parts, index: int) -> PartHeard:
    part = parts.parts[index]
    options = _options(job.submission.options.run, part)
    engines = await shop.attach(options)
    pcm = await shop.blobs.read(keys.part(job.id, part.index))
    audio = AudioChunk(pcm, SPEECH_RATE, part.start_time, part.channel)
    sentences: list[Sentence] = []
    notices: list[str] = []
    noted = part.start_time
    try:
        async with (
            open_run(options, engines, at_once=engines.recognizer.hosted.slots) as run,
            anyio.create_task_group() as group,
        ):
            group.start_soon(_feed, run.input, audio)
            async for event in run.events:
                match event:
                    case FinalTranscript(sentence):
                        sentences.append(sentence)
                    case Notice(_, message):
                        notices.append(message)
                    case Progress(time) if time - noted > _NOTED:
                        noted = time
                        share = (time - part.start_time) / (part.end_time - part.start_time)
                        await shop.come_to(job, "recognising", _progress(parts, index + min(1.0, share)))
    except BaseExceptionGroup as errors:
        raise first_error(errors) from None
    return PartHeard(tuple(sentences), tuple(notices))


def _progress(parts: Parts, recognised: float) -> float:
    """So many parts, and the share of one."""
    return 15 + 55 * recognised / len(parts.parts)


def _options(asked: RunOptions, part: Part) -> RunOptions:
    """Only hearing; the other stages are steps of their own."""
    return replace(asked, targets=(), speak=(), partials=False, partial_translations=False, channels=(part.channel,))


async def _feed(run_input: MemoryObjectSendStream[Input], audio: AudioChunk) -> None:
    async with run_input:
        for chunk in _chunks(audio):
            await run_input.send(chunk)


def _chunks(audio: AudioChunk) -> Iterator[AudioChunk]:
    for first in range(0, audio.samples, _CHUNK):
        yield audio.slice(first, first + _CHUNK)


def _start(sentence: Sentence) -> float:
    return sentence.start_time
