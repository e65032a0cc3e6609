"""Second stage: utterances to words, each as a whole and several at once. As they are spoken: ``recognise_live``."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import assert_never

from anyio import TASK_STATUS_IGNORED
from anyio.abc import TaskStatus
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from dragoman.core.audio import AudioChunk, join
from dragoman.core.controls import AudioStalled, Reconfigure
from dragoman.core.errors import DragomanError
from dragoman.core.options import RunOptions
from dragoman.core.transcript import Word
from dragoman.engines.asr import Recognizer, RecognizerInfo, RecognizerOptions
from dragoman.engines.attached import Attached
from dragoman.media.resample import resampled
from dragoman.pipeline.emit import Emit
from dragoman.pipeline.engine_stream import not_recognised, with_second_try
from dragoman.pipeline.heard import Heard, Utterance
from dragoman.pipeline.ordered import map_in_order
from dragoman.pipeline.segment import Quiet, Speech, SpeechEnd, Stretch
from dragoman.pipeline.volume import loud_enough

_TAIL = 0.3
"""Seconds kept after the last speech of an utterance recognised as a whole; the rest of the silence only costs time."""


@dataclass(frozen=True, slots=True)
class _Whole:
    audio: AudioChunk
    forced: bool


async def recognise_whole(
    incoming: MemoryObjectReceiveStream[Stretch],
    outgoing: MemoryObjectSendStream[Heard],
    emit: Emit,
    engine: Attached[Recognizer, RecognizerInfo],
    recognizer_options: RecognizerOptions,
    options: RunOptions,
    *,
    channel: str | None = None,
    at_once: int,
    task_status: TaskStatus[None] = TASK_STATUS_IGNORED,
) -> None:
    """Each utterance as a whole, ``at_once`` of them at the same time; the answer is the same for any ``at_once``."""

    async def recognise(stretch: _Whole | Quiet | AudioStalled | Reconfigure) -> Heard:
        if not isinstance(stretch, _Whole):
            return stretch
        audio = resampled(stretch.audio, engine.info.sample_rate)
        heard = await with_second_try(lambda: engine.hosted.call(Recognizer.recognize, audio, recognizer_options))
        if isinstance(heard, DragomanError):
            await emit(not_recognised(audio.start_time, audio.end_time, heard))
            heard = ()
        words = loud_enough(on_channel(heard, channel), audio, options.volume_threshold)
        return Utterance(words, stretch.audio.end_time, forced=stretch.forced)

    task_status.started()
    async with (
        incoming,
        outgoing,
        map_in_order(recognise, _whole_utterances(incoming), at_once=at_once) as utterances,
    ):
        async for utterance in utterances:
            await outgoing.send(utterance)


async def _whole_utterances(
    stretches: MemoryObjectReceiveStream[Stretch],
) -> AsyncIterator[_Whole | Quiet | AudioStalled | Reconfigure]:
    pieces: list[AudioChunk] = []
    async for stretch in stretches:
        match stretch:
            case Speech(audio):
                pieces.append(audio)
            case SpeechEnd(time, forced):
                audio = join(pieces)
                yield _Whole(audio.slice(0, round((time + _TAIL - audio.start_time) * audio.sample_rate)), forced)
                pieces = []
            case Quiet() | AudioStalled() | Reconfigure():
                yield stretch
            case _:
                assert_never(stretch)


def on_channel(words: tuple[Word, ...], channel: str | None) -> tuple[Word, ...]:
    return words if channel is None else tuple(replace(word, channel=channel) for word in words)
