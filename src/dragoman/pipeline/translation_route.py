"""One target's route, walked hop by hop, and left for another where an engine of it keeps failing."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from dragoman.core.errors import DragomanError, EngineError, EngineFailed, EngineUnavailable, UnsupportedLanguage
from dragoman.engines.attached import Hop
from dragoman.engines.mt import ContextTranslator, Translator

Hops = Sequence[Hop]
Detoured = Callable[[DragomanError, Hops], Awaitable[None]]
"""Called with the error that made a route be left, and the hops that are taken instead."""

_PATIENCE: Final = 3
"""Calls in a row that an engine may fail before its route is left for good; one sentence alone may be at fault."""


def detour_notice(target: str, error: DragomanError, hops: Hops) -> str:
    """The sentence for people when a detour is taken."""
    engines = " and ".join(dict.fromkeys(hop.engine.info.name for hop in hops))
    return f"Translations to {target} come from {engines}, since another engine failed: {error.message}"


async def _nobody(error: DragomanError, hops: Hops) -> None:
    """Where nobody wants to know."""


class HopFailed(Exception):
    """An engine failed on a route; for those who may take another."""

    def __init__(self, hop: Hop, error: DragomanError) -> None:
        super().__init__(error.message)
        self.hop = hop
        self.error = error


class TranslationRoute:
    """Translates sentences to one target. Several calls may run at the same time."""

    def __init__(self, hops: Hops, detours: Sequence[Hops] = (), detoured: Detoured = _nobody) -> None:
        """``detoured`` is called when a detour is taken for the first time."""
        self.hops = hops
        self._detours = detours
        self._detoured = detoured
        self._failures = 0
        self._told = False

    @property
    def context(self) -> int:
        """Number of preceding sentences that the first engine makes use of."""
        return self.hops[0].engine.info.context if self.hops else 0

    async def translate(self, sentences: Sequence[str], before: Sequence[str] = ()) -> list[str]:
        """Translate consecutive sentences; a hop that fails is tried a second time, then gone round.

        ``before`` are the sentences in front of them, oldest first. Raises the error of the engine that failed where
        no other route leads to the target.
        """
        if not sentences:
            return []
        hops = self.hops
        try:
            answers = await _twice(sentences, hops, before)
        except HopFailed as failed:
            detour = self._round(failed.hop)
            if detour is None:
                raise failed.error from None
            answers = await self._by(detour, failed, sentences, before)
            self._note_failure(hops, detour, failed.error)
            return answers
        self._failures = 0
        return answers

    async def draft(self, sentence: str, given_up: Callable[[], bool]) -> str:
        """Translate an unfinished sentence by one try; empty when ``given_up`` on the way."""
        try:
            answers = await over_hops([sentence], self.hops, given_up=given_up)
        except HopFailed as failed:
            raise failed.error from None
        return answers[0] if answers else ""

    async def _by(self, detour: Hops, failed: HopFailed, sentences: Sequence[str], before: Sequence[str]) -> list[str]:
        try:
            answers = await _twice(sentences, detour, before)
        except HopFailed:
            raise failed.error from None
        if not self._told:
            self._told = True
            await self._detoured(failed.error, detour)
        return answers

    def _note_failure(self, hops: Hops, detour: Hops, error: DragomanError) -> None:
        self._failures += 1
        for_good = isinstance(error, EngineUnavailable) or self._failures >= _PATIENCE
        if for_good and self.hops is hops:
            self.hops, self._failures = detour, 0

    def _round(self, failed: Hop) -> Hops | None:
        """The first route without the engine that failed."""
        for detour in self._detours:
            if all(hop.engine.hosted is not failed.engine.hosted for hop in detour):
                return detour
        return None


async def _twice(sentences: Sequence[str], hops: Hops, before: Sequence[str]) -> list[str]:
    try:
        return await over_hops(sentences, hops, before)
    except HopFailed as failed:
        if not failed.error.retryable:
            raise
    return await over_hops(sentences, hops, before)


async def over_hops(
    sentences: Sequence[str],
    hops: Hops,
    before: Sequence[str] = (),
    *,
    given_up: Callable[[], bool] = lambda: False,
) -> list[str]:
    """The sentences at the end of the hops, in one call per hop; none when ``given_up`` on the way.

    Raises :class:`HopFailed`.
    """
    texts = list(sentences)
    for hop in hops:
        if given_up():
            return []
        try:
            texts = await _one_hop(texts, hop, before if hop is hops[0] else ())
        except (EngineError, UnsupportedLanguage) as error:
            raise HopFailed(hop, error) from error
    return texts


async def _one_hop(texts: Sequence[str], hop: Hop, before: Sequence[str]) -> list[str]:
    engine = hop.engine
    if before and engine.info.context:
        call = ContextTranslator.translate_in_context
        answers = await engine.hosted.call(call, texts, hop.source, hop.target, before)  # type: ignore[arg-type]
    else:
        answers = await engine.hosted.call(Translator.translate, texts, hop.source, hop.target)
    if len(answers) != len(texts):
        raise EngineFailed(f"{engine.info.name} answered {len(answers)} sentences for {len(texts)}")
    return answers
