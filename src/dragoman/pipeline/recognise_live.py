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
from dragoman.pipeline.finality import Finality, after
from dragoman.pipeline.heard import Heard, Hypothesis, Utterance
from dragoman.pipeline.policy import StablePrefix
from dragoman.pipeline.recognise import on_channel
from dragoman.pipeline.segment import Quiet, Speech, SpeechEnd, Stretch
from dragoman.pipeline.volume import loud_enough


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
                    await ear.hear(audio)
                case SpeechEnd():
                    await ear.end(stretch)
                case Quiet() | AudioStalled():
                    await outgoing.send(stretch)
                case Reconfigure():
                    ear.options = replace(ear.options, **asdict(stretch))
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
        self.options = options
        self._stream = stream
        self._info = info
        self._outgoing = outgoing
        self._channel = channel
        self._blocks: Blocks | None = None
        self._policy = StablePrefix(info.unstable_words)
        self._shown: tuple[list[str], int] = ([], 0)
        self._final_until = 0.0
        """Words before are final, and are not said again where the engine hears them again."""
        self._patient_until = 0.0
        """Nothing is cut before."""

    async def hear(self, audio: AudioChunk) -> None:
        if self._blocks is None:
            self._blocks = Blocks(audio.sample_rate, self._info.sample_rate)
        for block in self._blocks.push(audio):
            await self._hear_block(block)

    async def end(self, end: SpeechEnd) -> None:
        """The utterance is over."""
        assert self._blocks is not None
        words, audio = await self._stream.finish(self._blocks.end())
        said = self._said(after(words, self._final_until), audio)
        await self._outgoing.send(Utterance(said, end.time, forced=end.forced))
        self._begin_anew(StablePrefix(self._info.unstable_words))

    async def _hear_block(self, block: AudioChunk) -> None:
        hypothesis = after(await self._stream.accept(block), self._final_until)
        heard = block.end_time
        if self.options.max_delay is not None and heard >= self._patient_until:
            finality = Finality(self.options.max_delay)
            if finality.due(hypothesis, heard):
                hypothesis = await self._cut(finality, heard)
        await self._show(hypothesis, heard)

    async def _cut(self, finality: Finality, heard: float) -> tuple[Word, ...]:
        """Makes words final though the speaker goes on; returns the hypothesis for what is heard again."""
        finished, audio = await self._stream.finish()
        words = after(finished, self._final_until)
        cut = finality.cut(words, audio.start_time, heard)
        self._patient_until = finality.wait(cut, heard)
        if cut.count:
            self._final_until = cut.time
            (following,) = on_channel(((*words, Word("", heard, heard))[cut.count],), self._channel)
            said = self._said(words[: cut.count], audio)
            await self._outgoing.send(Utterance(said, cut.time, ended=False, following=following))
        self._begin_anew(self._policy.after(cut.time))
        again = audio.slice(round((cut.again - audio.start_time) * audio.sample_rate), audio.samples)
        return after(await self._stream.accept(again), self._final_until) if again.pcm else ()

    async def _show(self, hypothesis: tuple[Word, ...], heard: float) -> None:
        if not (self.options.partials or self.options.partial_translations):
            return
        if self.options.volume_threshold and hypothesis:
            hypothesis = loud_enough(hypothesis, self._stream.audio, self.options.volume_threshold)
        words, stable = self._policy.update(on_channel(hypothesis, self._channel))
        showing = [word.content for word in words], stable
        if words and showing != self._shown:
            self._shown = showing
            await self._outgoing.send(Hypothesis(words, stable, heard))

    def _begin_anew(self, policy: StablePrefix) -> None:
        self._policy = policy
        self._shown = ([], 0)

    def _said(self, words: tuple[Word, ...], audio: AudioChunk) -> tuple[Word, ...]:
        return loud_enough(on_channel(words, self._channel), audio, self.options.volume_threshold)
