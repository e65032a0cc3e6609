"""Fourth stage: sentences to one target language."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass

import anyio
from anyio.streams.memory import MemoryObjectSendStream

from dragoman.core.errors import DragomanError, EngineFailed
from dragoman.core.events import FinalTranslation, Notice, PartialTranslation
from dragoman.core.transcript import Sentence, Translation
from dragoman.engines.attached import Hop
from dragoman.engines.mt import Translator
from dragoman.pipeline.backlog import Backlog, Draft
from dragoman.pipeline.emit import Emit


async def translate(
    backlog: Backlog,
    outgoing: MemoryObjectSendStream[Translation] | None,
    emit: Emit,
    hops: Sequence[Hop],
    target: str,
) -> None:
    """One sentence at a time, over every hop; a sentence that fails is named and left out, the others go on. In
    between, drafts of the unfinished one.

    ``outgoing`` is None when nobody speaks this target.
    """
    drafting = _Drafting(backlog, emit, hops, target)
    async with outgoing or nullcontext():
        with suppress(anyio.EndOfStream):
            while True:
                work = await backlog.receive()
                if isinstance(work, Draft):
                    await drafting.translate(work)
                    continue
                drafting.forget()
                translation = await _final(work, emit, hops, target)
                if translation is not None and outgoing is not None:
                    await outgoing.send(translation)


async def _final(sentence: Sentence, emit: Emit, hops: Sequence[Hop], target: str) -> Translation | None:
    try:
        text = await over_hops(sentence.text, hops)
    except DragomanError as error:
        where = f"The sentence at {sentence.start_time:.1f} s was not translated to {target}"
        await emit(Notice(error.code, f"{where}: {error.message}", language=target))
        return None
    translation = _translation(sentence, text, target)
    await emit(FinalTranslation(translation))
    return translation


@dataclass
class _Drafting:
    """Drafts only repeat what has changed, and give way to sentences."""

    backlog: Backlog
    emit: Emit
    hops: Sequence[Hop]
    target: str
    source: str = ""
    shown: str = ""

    def forget(self) -> None:
        self.source = self.shown = ""

    async def translate(self, draft: Draft) -> None:
        source = draft.sentence.text
        if source == self.source:
            return
        self.source = source
        try:
            text = await over_hops(source, self.hops, lambda: self.backlog.outdated(draft))
        except DragomanError:
            return  # the final one will say so
        if text and text != self.shown and not self.backlog.outdated(draft):
            self.shown = text
            await self.emit(PartialTranslation(_translation(draft.sentence, text, self.target)))


def _translation(sentence: Sentence, text: str, target: str) -> Translation:
    return Translation(text, target, sentence.start_time, sentence.end_time, sentence.speaker, sentence.channel)


async def over_hops(text: str, hops: Sequence[Hop], given_up: Callable[[], bool] = lambda: False) -> str:
    """The text at the end of them; empty when ``given_up`` on the way."""
    for hop in hops:
        if given_up():
            return ""
        answers = await hop.engine.hosted.call(Translator.translate, [text], hop.source, hop.target)
        if len(answers) != 1:
            raise EngineFailed(f"{hop.engine.info.name} answered {len(answers)} sentences for one")
        text = answers[0]
    return text
