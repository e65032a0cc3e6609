"""Third stage: words to sentences, and from there to everyone who wants them."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import assert_never

from anyio.streams.memory import MemoryObjectReceiveStream

from dragoman.core.controls import AudioStalled, Reconfigure
from dragoman.core.events import EndOfUtterance, FinalTranscript, PartialTranscript, Progress
from dragoman.core.options import RunOptions
from dragoman.core.transcript import Sentence, Word
from dragoman.pipeline.announced import Announced
from dragoman.pipeline.backlog import Backlog
from dragoman.pipeline.emit import Emit
from dragoman.pipeline.heard import Heard, Hypothesis, Utterance
from dragoman.pipeline.pauses import Pauses
from dragoman.pipeline.segment import Quiet
from dragoman.text.sentences import SentenceBuilder


async def compose(
    incoming: MemoryObjectReceiveStream[Heard],
    outgoing: Sequence[Backlog],
    emit: Emit,
    builder: SentenceBuilder,
    options: RunOptions,
    *,
    channel: str | None = None,
) -> None:
    """Announces what was said, and hands whole sentences to each target.

    Live, the end of an utterance closes its sentence, since nobody waits for the next one, and a part that became
    final before is announced at once; over a file, a sentence may span several utterances.
    """
    composer = _Composer(outgoing, emit, builder, options, channel)
    try:
        async with incoming:
            async for heard in incoming:
                match heard:
                    case Hypothesis():
                        await composer.guess(heard)
                    case Utterance():
                        await composer.add(heard)
                    case Quiet(time, forced):
                        await composer.wait(time, forced=forced)
                    case AudioStalled():
                        await composer.stall()
                    case Reconfigure():
                        composer.reconfigure(heard)
                    case _:
                        assert_never(heard)
        await composer.finish()
    finally:
        for target in outgoing:
            target.close()


class _Composer:
    """The state of one channel."""

    def __init__(
        self,
        outgoing: Sequence[Backlog],
        emit: Emit,
        builder: SentenceBuilder,
        options: RunOptions,
        channel: str | None,
    ) -> None:
        self._outgoing = outgoing
        self._emit = emit
        self._builder = builder
        self._announced = Announced()
        self._options = options
        self._channel = channel
        self._live = options.recognition == "live"
        self._pauses = Pauses(options.end_of_utterance)

    async def guess(self, hypothesis: Hypothesis) -> None:
        if self._options.partials:
            words, stable = (
                self._as_written(hypothesis.words),
                len(self._as_written(hypothesis.words[: hypothesis.stable])),
            )
            if words:
                start, end = words[0].start_time, hypothesis.end_time
                await self._emit(PartialTranscript(words, stable, start, end, self._channel))
        if self._options.partial_translations and (items := self._builder.preview(hypothesis.words)):
            draft = self._builder.sentence(items)
            for target in self._outgoing:
                target.draft(draft)

    def _as_written(self, words: tuple[Word, ...]) -> tuple[Word, ...]:
        """In their sentence's case. Of a punctuated engine they come so, with their marks."""
        if self._builder.punctuated:
            return words
        return tuple(item for item in self._announced.new(self._builder.preview(words)) if isinstance(item, Word))

    async def add(self, utterance: Utterance) -> None:
        words, forced = utterance.words, utterance.forced
        await self._say_pause(self._pauses.before(words) if self._live else None)
        await self._release(self._builder.add(words), forced=forced)
        if self._live or forced:
            await self._close(utterance)
        await self._emit(Progress(utterance.end_time, self._channel))

    async def wait(self, time: float, *, forced: bool) -> None:
        if forced:
            await self._say_forced(time)
        else:
            await self._say_pause(self._pauses.quiet(time))
        await self._emit(Progress(time, self._channel))

    async def stall(self) -> None:
        """No audio comes: who waits for the end of a pause would wait for the audio."""
        await self._say_pause(self._pauses.over())

    def reconfigure(self, change: Reconfigure) -> None:
        self._options = replace(self._options, **asdict(change))
        self._pauses.trigger = change.end_of_utterance

    async def finish(self) -> None:
        await self._release(self._builder.flush())
        await self._say_pause(self._pauses.over())

    async def _close(self, utterance: Utterance) -> None:
        """What is left of the utterance, or of its part, becomes final."""
        words, forced = utterance.words, utterance.forced
        if utterance.ended:
            await self._release(self._builder.flush(), forced=forced)
            for target in self._outgoing:
                target.withdraw()
            self._pauses.spoke(words, utterance.end_time)
            if forced:
                await self._say_forced(utterance.end_time)
            else:
                await self._say_pause(self._pauses.ended())
            return
        if utterance.following is not None:
            await self._release(self._builder.close_before(utterance.following))
        if part := self._announced.part(self._builder.open_items()):
            await self._emit(FinalTranscript(self._builder.sentence(part)))
        if words:
            self._pauses.spoke(words, words[-1].end_time)

    async def _release(self, sentences: Sequence[Sentence], *, forced: bool = False) -> None:
        for sentence in sentences:
            if rest := self._announced.rest(sentence.items):
                await self._emit(FinalTranscript(replace(sentence, items=rest), forced))
            for target in self._outgoing:
                await target.send(sentence)

    async def _say_pause(self, end: float | None) -> None:
        if end is not None:
            await self._emit(EndOfUtterance(end, self._channel))

    async def _say_forced(self, end: float) -> None:
        self._pauses.over()
        await self._emit(EndOfUtterance(end, self._channel, forced=True))
