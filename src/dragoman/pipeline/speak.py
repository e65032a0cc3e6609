"""Fifth stage: translations to speech, placed on a track of their own.

Over a file the track follows the source's time line (:func:`dub`): a sentence starts no earlier than its source, never
overlaps the one before, and is sped up where it would run into the next. Live (:func:`interpret`) a sentence is spoken
as soon as it is there, faster when speech has piled up.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import replace
from typing import cast

from anyio.streams.memory import MemoryObjectReceiveStream

from dragoman.core.audio import OUTPUT_RATE, AudioChunk, join
from dragoman.core.errors import DragomanError
from dragoman.core.events import Notice, SentenceSpoken, SynthesizedAudio
from dragoman.core.transcript import SpokenSentence, Translation
from dragoman.engines.attached import Speaker
from dragoman.engines.hosted import Hosted
from dragoman.engines.tts import PredictingSynthesizer, Synthesizer
from dragoman.media.resample import Quality, Resampler
from dragoman.pipeline.emit import Emit
from dragoman.pipeline.pace import MAX_RATE, PREDICTION_MARGIN, rate_for_backlog, rate_to_fit

_LONGEST_CHUNK = 0.5
"""Seconds of live audio that are handed on at once."""


async def dub(incoming: MemoryObjectReceiveStream[Translation], emit: Emit, speaker: Speaker) -> None:
    """Speak a recording's translations on the source's time line, one sentence behind: how long a sentence may take
    depends on where the next one starts."""
    track_end = 0.0
    async with incoming:
        async for translation, next_start in _with_next_start(incoming):
            start = max(translation.start_time, track_end)
            try:
                rate, audio = await _speak_within(speaker, translation.content, next_start - start)
            except DragomanError as error:
                await emit(_not_spoken(translation, error))
                continue
            if not audio.pcm:
                continue  # nothing in it can be said, a lone emoji perhaps
            placed = replace(audio, start_time=start)
            track_end = placed.end_time
            await emit(SynthesizedAudio(translation.language, placed))
            await emit(_spoken(translation, start, track_end, rate))


async def interpret(
    incoming: MemoryObjectReceiveStream[Translation], emit: Emit, speaker: Speaker, *, speed: float = 1.0
) -> None:
    """Speak live, in chunks as they are made, as soon as a sentence is translated; ``speed`` is the rate of a speaker
    who is not in a hurry."""
    track_end = 0.0
    async with incoming:
        async for translation in incoming:
            start = position = max(translation.end_time, track_end)
            rate = min(speed * rate_for_backlog(start - translation.end_time), speaker.engine.info.max_rate)
            try:
                async with aclosing(_synthesize(speaker, translation.content, rate, quality="LQ")) as chunks:
                    async for chunk in chunks:
                        for part in _short(chunk):
                            placed = replace(part, start_time=position)
                            position = placed.end_time
                            await emit(SynthesizedAudio(translation.language, placed))
            except DragomanError as error:
                await emit(_not_spoken(translation, error))
                if position == start:
                    continue
            track_end = position
            await emit(_spoken(translation, start, track_end, rate))


def _short(audio: AudioChunk) -> Iterator[AudioChunk]:
    """Parts that fit into one message each: a voice may make a whole sentence at once."""
    size = round(_LONGEST_CHUNK * audio.sample_rate)
    for first in range(0, audio.samples, size):
        yield audio.slice(first, first + size)


async def _speak_within(speaker: Speaker, text: str, available: float) -> tuple[float, AudioChunk]:
    """Speech at the voice's own pace, or as much faster as brings it into ``available`` seconds.

    The speech is made once where the voice can tell its length beforehand or has all the time in the world, and twice
    where the first attempt turns out too long.
    """
    fastest = min(MAX_RATE, speaker.engine.info.max_rate)
    if available == float("inf"):
        return 1.0, await _whole(speaker, text, 1.0)
    natural = await _predicted(speaker, text)
    if natural is None:
        spoken = await _whole(speaker, text, 1.0)
        rate = min(rate_to_fit(spoken.duration, available), fastest)
        return rate, spoken if rate == 1.0 else await _whole(speaker, text, rate)
    rate = min(rate_to_fit(natural * PREDICTION_MARGIN, available), fastest)
    return rate, await _whole(speaker, text, rate)


async def _predicted(speaker: Speaker, text: str) -> float | None:
    """Seconds at the voice's own pace; None for a voice that cannot tell."""
    if not speaker.engine.info.predicts_duration:
        return None
    hosted = cast("Hosted[PredictingSynthesizer]", speaker.engine.hosted)
    return await hosted.call(PredictingSynthesizer.duration, text, speaker.voice)


async def _whole(speaker: Speaker, text: str, rate: float) -> AudioChunk:
    chunks = [chunk async for chunk in _synthesize(speaker, text, rate, quality="HQ")]
    return join(chunks) if chunks else AudioChunk(b"", OUTPUT_RATE)


async def _synthesize(
    speaker: Speaker, text: str, rate: float, *, quality: Quality
) -> AsyncGenerator[AudioChunk, None]:
    """Speech at :data:`OUTPUT_RATE`, whatever the engine's own rate."""
    resampler = Resampler(speaker.engine.info.sample_rate, OUTPUT_RATE, quality=quality)
    hosted = speaker.engine.hosted
    async with aclosing(hosted.iterate(Synthesizer.synthesize, text, speaker.voice, rate)) as pieces:
        async for piece in pieces:
            chunk = resampler.accept(piece.audio)
            if chunk.pcm:
                yield chunk
    last = resampler.flush()
    if last.pcm:
        yield last


async def _with_next_start(
    translations: MemoryObjectReceiveStream[Translation],
) -> AsyncIterator[tuple[Translation, float]]:
    """Each translation with the time at which the next one's source starts; infinity after the last."""
    waiting: Translation | None = None
    async for translation in translations:
        if waiting is not None:
            yield waiting, translation.start_time
        waiting = translation
    if waiting is not None:
        yield waiting, float("inf")


def _spoken(translation: Translation, start: float, end: float, rate: float) -> SentenceSpoken:
    return SentenceSpoken(
        SpokenSentence(translation.language, start, end, translation.start_time, translation.end_time, rate)
    )


def _not_spoken(translation: Translation, error: DragomanError) -> Notice:
    where = f"The sentence at {translation.start_time:.1f} s was not spoken in {translation.language}"
    return Notice(error.code, f"{where}: {error.message}", language=translation.language)
