"""Fourth stage: sentences to one target language."""

from collections import deque
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from functools import partial

import anyio
from anyio.streams.memory import MemoryObjectSendStream

from dragoman.core.errors import DragomanError
from dragoman.core.events import FinalTranslation, Notice, PartialTranslation
from dragoman.core.transcript import Sentence, Translation
from dragoman.engines.attached import Hop
from dragoman.pipeline.backlog import Backlog, Draft
from dragoman.pipeline.emit import Emit
from dragoman.pipeline.speech_pivot import SpeechPivot
from dragoman.pipeline.translation_route import TranslationRoute, detour_notice


async def translate(
    backlog: Backlog,
    outgoing: MemoryObjectSendStream[Translation] | None,
    emit: Emit,
    hops: Sequence[Hop],
    target: str,
    *,
    detours: Sequence[Sequence[Hop]] = (),
    pivot: SpeechPivot | None = None,
) -> None:
    """Translate one sentence at a time, and in between drafts of the unfinished one.

    With a ``pivot`` each sentence is first translated out of its audio, once it is final; there are no drafts then.

    A sentence that fails, on the detours as well, is named and left out; the others go on. ``outgoing`` is None when
    nobody speaks this target.
    """
    route = TranslationRoute(hops, detours, partial(_announce_detour, emit, target))
    before: deque[str] = deque(maxlen=route.context)
    drafting = _Drafting(backlog, emit, route, target)
    async with outgoing or nullcontext():
        with suppress(anyio.EndOfStream):
            while True:
                work = await backlog.receive()
                if isinstance(work, Draft):
                    if pivot is None:
                        await drafting.translate(work)
                    continue
                drafting.forget()
                translation = await _final(work, emit, route, target, before, pivot)
                if translation is not None and outgoing is not None:
                    await outgoing.send(translation)


async def _announce_detour(emit: Emit, target: str, error: DragomanError, hops: Sequence[Hop]) -> None:
    await emit(Notice(error.code, detour_notice(target, error, hops), language=target))


async def _final(
    sentence: Sentence,
    emit: Emit,
    route: TranslationRoute,
    target: str,
    before: deque[str],
    pivot: SpeechPivot | None,
) -> Translation | None:
    try:
        source = sentence.text if pivot is None else await pivot.text(sentence)
        (text,) = await route.translate([source], tuple(before))
        before.append(source)
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
    route: TranslationRoute
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
            text = await self.route.draft(source, lambda: self.backlog.outdated(draft))
        except DragomanError:
            return  # the final one will say so
        if text and text != self.shown and not self.backlog.outdated(draft):
            self.shown = text
            await self.emit(PartialTranslation(_translation(draft.sentence, text, self.target)))


def _translation(sentence: Sentence, text: str, target: str) -> Translation:
    return Translation(text, target, sentence.start_time, sentence.end_time, sentence.speaker, sentence.channel)
