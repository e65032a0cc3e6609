"""Second stage, live: words as they are spoken, final when their utterance ends or they can wait no longer."""

from dataclasses import asdict, replace
from typing import assert_never

from anyio import TASK_STATUS_IGNORED
from anyio.abc import TaskStatus
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from dragoman.core.audio import AudioChunk
from dragoman.core.controls import AudioStalled, Reconfigure
from dragoman.core.options import RunOptions
from dragoman.core.transcript import Word
from dragoman.engines.asr import Recognizer, RecognizerInfo, RecognizerOptions
from dragoman.engines.attached import Attached
from dragoman.pipeline.blocks import Blocks
from dragoman.pipeline.emit import Emit
from dragoman.pipeline.engine_stream import EngineStream
from dragoman.pipeline.finality import Cut, Finality, after, since
from dragoman.pipeline.heard import Heard, Hypothesis, Utterance
from dragoman.pipeline.policy import StablePrefix
from dragoman.pipeline.recognise import on_channel
from dragoman.pipeline.segment import Quiet, Speech, SpeechEnd, Stretch
from dragoman.pipeline.stability import Stability
from dragoman.pipeline.volume import loud_enough

_SHOWN_BEHIND = 1.0
"""Seconds of audio from one hypothesis that is shown to the next, while more waits to be heard: what comes late is
hardly worth the work that it makes behind here, which is taken from hearing."""


async def recognise_live(
    incoming: MemoryObjectReceiveStream[Stretch],
    outgoing: MemoryObjectSendStream[Heard],
    emit: Emit,
    engine: Attached[Recognizer, RecognizerInfo],
    recognizer_options: RecognizerOptions,
    options: RunOptions,
    *,
    channel: str | None = None,
    task_status: TaskStatus[None] = TASK_STATUS_IGNORED,
) -> None:
    """As the audio arrives, on one stream of the engine for the whole run; started when that stream is open."""
    async with incoming, outgoing, EngineStream(engine, recognizer_options, emit) as stream:
        task_status.started()
        ear = _Ear(stream, engine.info, outgoing, options, channel)
        async for stretch in incoming:
            match stretch:
                case Speech(audio):
                    await ear.hear(audio, behind=incoming.statistics().current_buffer_used > 0)
                case SpeechEnd():
                    await ear.end(stretch)
                case Quiet() | AudioStalled():
                    await outgoing.send(stretch)
                case Reconfigure():
                    ear.reconfigure(stretch)
                    await outgoing.send(stretch)
                case _:
                    assert_never(stretch)


class _Ear:
    """The state of recognising one channel."""

    def __init__(
        self,
        stream: EngineStream,
        info: RecognizerInfo,
        outgoing: MemoryObjectSendStream[Heard],
        options: RunOptions,
        channel: str | None,
    ) -> None:
        self._options = options
        self._finality = _finality(options, info)
        self._stream = stream
        self._info = info
        self._outgoing = outgoing
        self._channel = channel
        self._blocks: Blocks | None = None
        self._policy = StablePrefix(info.unstable_words)
        self._stability = Stability()
        self._shown: tuple[list[str], int] = ([], 0)
        self._shown_until = 0.0
        """As far as was heard for it."""
        self._final_until = 0.0
        """Words before are final, and are not said again where the engine hears them again."""
        self._patient_until = 0.0
        """Nothing is cut before."""

    def reconfigure(self, change: Reconfigure) -> None:
        self._options = replace(self._options, **asdict(change))
        self._finality = _finality(self._options, self._info)

    async def hear(self, audio: AudioChunk, *, behind: bool) -> None:
        """``behind``: whether more waits already."""
        if self._blocks is None:
            self._blocks = Blocks(audio.sample_rate, self._info.sample_rate)
        blocks = self._blocks.push(audio)
        for block in blocks:
            hypothesis = await self._hear_block(block)
            newest = block is blocks[-1] and not behind
            if newest or block.end_time - self._shown_until >= _SHOWN_BEHIND:
                await self._show(hypothesis, block.end_time)

    async def end(self, end: SpeechEnd) -> None:
        """The utterance is over."""
        assert self._blocks is not None
        words, audio = await self._stream.finish(self._blocks.end())
        said = self._said(self._rest(words), audio)
        await self._outgoing.send(Utterance(said, end.time, forced=end.forced))
        self._stability = Stability()
        self._begin_anew(StablePrefix(self._info.unstable_words))

    async def _hear_block(self, block: AudioChunk) -> tuple[Word, ...]:
        """Returns the hypothesis for what is not final then."""
        hypothesis = self._rest(await self._stream.accept(block))
        heard, finality = block.end_time, self._finality
        if finality is None or heard < self._patient_until:
            return hypothesis
        if finality.in_passing:
            self._stability.add(hypothesis, heard)
        if not finality.due(hypothesis, heard):
            return hypothesis
        return await (self._pass if finality.in_passing else self._cut)(finality, hypothesis, heard)

    async def _pass(self, finality: Finality, hypothesis: tuple[Word, ...], heard: float) -> tuple[Word, ...]:
        """Makes the words that are due final as they stand."""
        passed = finality.passed(hypothesis, heard)
        words = tuple(self._stability.rated(word) for word in hypothesis[: passed.count])
        self._begin_anew(self._policy.after(passed.time))
        await self._say_part(words, passed, hypothesis[passed.count :], None, heard)
        return self._rest(hypothesis)

    async def _cut(self, finality: Finality, _: tuple[Word, ...], heard: float) -> tuple[Word, ...]:
        """Makes words final by ending the utterance though the speaker goes on; returns the hypothesis for what is
        heard again."""
        finished, audio = await self._stream.finish()
        words = self._rest(finished)
        cut = finality.cut(words, audio.start_time, heard)
        self._patient_until = finality.wait(cut, heard)
        self._begin_anew(self._policy.after(cut.time))
        if cut.count:
            await self._say_part(words[: cut.count], cut, words[cut.count :], audio, heard)
        again = audio.slice(round((cut.again - audio.start_time) * audio.sample_rate), audio.samples)
        return self._rest(await self._stream.accept(again)) if again.pcm else ()

    async def _say_part(
        self, words: tuple[Word, ...], cut: Cut, rest: tuple[Word, ...], audio: AudioChunk | None, heard: float
    ) -> None:
        self._final_until = cut.time
        (following,) = on_channel(((*rest, Word("", heard, heard))[0],), self._channel)
        said = self._said(words, audio)
        await self._outgoing.send(Utterance(said, cut.time, ended=False, following=following))

    def _rest(self, words: tuple[Word, ...]) -> tuple[Word, ...]:
        """What is not final yet of an utterance's words."""
        in_passing = self._finality is not None and self._finality.in_passing
        return (since if in_passing else after)(words, self._final_until)

    async def _show(self, hypothesis: tuple[Word, ...], heard: float) -> None:
        if not (self._options.partials or self._options.partial_translations):
            return
        if self._options.volume_threshold and hypothesis:
            hypothesis = loud_enough(hypothesis, self._stream.audio, self._options.volume_threshold)
        words, stable = self._policy.update(on_channel(hypothesis, self._channel))
        showing = [word.content for word in words], stable
        if words and showing != self._shown:
            self._shown, self._shown_until = showing, heard
            await self._outgoing.send(Hypothesis(words, stable, heard))

    def _begin_anew(self, policy: StablePrefix) -> None:
        self._policy = policy
        self._shown = ([], 0)

    def _said(self, words: tuple[Word, ...], audio: AudioChunk | None) -> tuple[Word, ...]:
        """``audio``: of the utterance; None while it is open, when putting it together costs more the longer it is."""
        words, threshold = on_channel(words, self._channel), self._options.volume_threshold
        if threshold is None:
            return words
        return loud_enough(words, self._stream.audio if audio is None else audio, threshold)


def _finality(options: RunOptions, info: RecognizerInfo) -> Finality | None:
    return None if options.max_delay is None else Finality(max(options.max_delay, info.least_delay))
