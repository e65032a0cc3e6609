"""Second stage: utterances to words, each as a whole and several at once. As they are spoken: ``recognise_live``."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import assert_never, cast

from anyio import TASK_STATUS_IGNORED
from anyio.abc import TaskStatus
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from dragoman.core.audio import AudioChunk, join
from dragoman.core.controls import AudioStalled, Reconfigure
from dragoman.core.errors import DragomanError
from dragoman.core.options import RunOptions
from dragoman.core.transcript import Word
from dragoman.engines.asr import PackingRecognizer, Recognizer, RecognizerInfo, RecognizerOptions
from dragoman.engines.attached import Attached
from dragoman.engines.hosted import Hosted
from dragoman.media.resample import resampled
from dragoman.pipeline.emit import Emit
from dragoman.pipeline.engine_stream import not_recognised, with_second_try
from dragoman.pipeline.heard import Heard, Utterance
from dragoman.pipeline.ordered import map_in_order
from dragoman.pipeline.segment import Quiet, Speech, SpeechEnd, Stretch
from dragoman.pipeline.volume import loud_enough

_TAIL = 0.3
"""Seconds kept after the last speech of an utterance recognised as a whole; the rest of the silence only costs time."""


_PACKED_ITEMS = 1000
"""Items in one pack at most: a long silence is many of them."""


@dataclass(frozen=True, slots=True)
class _Whole:
    audio: AudioChunk
    forced: bool


_Item = _Whole | Quiet | AudioStalled | Reconfigure


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
    """Recognise each utterance as a whole, ``at_once`` calls at the same time; the answer is the same for any
    ``at_once``. Consecutive utterances share a call where the engine has a window for several."""

    async def recognise(pack: Sequence[_Item]) -> list[Heard]:
        audio = [resampled(item.audio, engine.info.sample_rate) for item in pack if isinstance(item, _Whole)]
        answers = iter(await _words_of(audio, engine, recognizer_options, emit))
        return [_heard(item, answers) if isinstance(item, _Whole) else item for item in pack]

    def _heard(whole: _Whole, answers: Iterator[tuple[Word, ...]]) -> Utterance:
        words = loud_enough(on_channel(next(answers), channel), whole.audio, options.volume_threshold)
        return Utterance(words, whole.audio.end_time, forced=whole.forced)

    task_status.started()
    packs = _packs(_whole_utterances(incoming), engine.info.window)
    async with incoming, outgoing, map_in_order(recognise, packs, at_once=at_once) as answered:
        async for pack in answered:
            for heard in pack:
                await outgoing.send(heard)


async def _words_of(
    utterances: Sequence[AudioChunk],
    engine: Attached[Recognizer, RecognizerInfo],
    options: RecognizerOptions,
    emit: Emit,
) -> list[tuple[Word, ...]]:
    """Return the words of each utterance. Where a call for several fails, each is recognised by itself, so that one
    that the engine cannot bear costs no other."""
    if engine.info.window and len(utterances) > 1:
        hosted = cast("Hosted[PackingRecognizer]", engine.hosted)
        try:
            return await hosted.call(PackingRecognizer.recognize_packed, utterances, options)
        except DragomanError:
            pass  # the calls below show which utterance it is, and name it
    answers: list[tuple[Word, ...]] = []
    for audio in utterances:
        recognise = partial(engine.hosted.call, Recognizer.recognize, audio, options)
        heard = await with_second_try(recognise)
        if isinstance(heard, DragomanError):
            await emit(not_recognised(audio.start_time, audio.end_time, heard))
            heard = ()
        answers.append(heard)
    return answers


async def _packs(items: AsyncIterator[_Item], window: float) -> AsyncIterator[list[_Item]]:
    """Gather items in order until their utterances fill ``window`` seconds; 0: every item by itself."""
    pack: list[_Item] = []
    filled = 0.0
    async for item in items:
        seconds = item.audio.duration if isinstance(item, _Whole) else 0.0
        if pack and (filled + seconds > window or len(pack) >= _PACKED_ITEMS):
            yield pack
            pack, filled = [], 0.0
        pack.append(item)
        filled += seconds
        if not filled:  # silence waits for nobody
            yield pack
            pack = []
    if pack:
        yield pack


async def _whole_utterances(
    stretches: MemoryObjectReceiveStream[Stretch],
) -> AsyncIterator[_Item]:
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
