"""Sentences to one target language, over hops that say that they were taken."""

import math
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import anyio
import pytest
from tests.unit.pipeline.stage import TRANSLATOR, Outcome, Tagger, hosted, through

from dragoman.core.errors import EngineCrashed
from dragoman.core.events import Event, FinalTranslation, Notice, PartialTranslation
from dragoman.core.transcript import Sentence, Translation, Word
from dragoman.engines.attached import Hop
from dragoman.pipeline.backlog import Backlog
from dragoman.pipeline.translate import translate

pytestmark = pytest.mark.anyio


def sentence(text: str, start: float) -> Sentence:
    return Sentence((Word(text, start, start + 1.0, speaker="S1", channel="left"),), "en")


async def translated(texts: list[str], *pairs: tuple[str, str], target: str = "fr-CA", spoken: bool = True) -> Outcome:
    sentences = [sentence(text, float(i)) for i, text in enumerate(texts)]
    async with hosted(Tagger(), TRANSLATOR) as engine:
        hops = [Hop(engine, source, target) for source, target in pairs]

        async def stage(taken, handed, emit):
            backlog = Backlog(math.inf)
            async for one in taken:
                await backlog.send(one)
            backlog.close()
            if not spoken:
                handed.close()
            await translate(backlog, handed if spoken else None, emit, hops, target)
            backlog.discard()

        return await through(sentences, stage)


OVER_SPANISH = (("en", "es"), ("es", "fr"))


async def test_a_sentence_goes_over_every_hop_and_keeps_its_place() -> None:
    outcome = await translated(["Hi.", "Bye."], *OVER_SPANISH)
    assert outcome.items == [
        Translation("Hi. en>es es>fr", "fr-CA", 0.0, 1.0, "S1", "left"),
        Translation("Bye. en>es es>fr", "fr-CA", 1.0, 2.0, "S1", "left"),
    ]
    assert outcome.events == [FinalTranslation(translation) for translation in outcome.items]


async def test_without_hops_the_text_passes_through() -> None:
    outcome = await translated(["Hi."], target="en-GB")
    assert outcome.items == [Translation("Hi.", "en-GB", 0.0, 1.0, "S1", "left")]


async def test_a_target_that_nobody_speaks_is_only_announced() -> None:
    outcome = await translated(["Hi."], *OVER_SPANISH, spoken=False)
    assert outcome.items == []
    assert len(outcome.events) == 1


@pytest.mark.parametrize("broken", ["BREAK", "TWICE"], ids=["raises", "answers too much"])
async def test_a_sentence_that_fails_is_named_and_the_others_go_on(broken: str) -> None:
    outcome = await translated(["Hi.", broken, "Bye."], *OVER_SPANISH)
    assert [entry.content for entry in outcome.items] == ["Hi. en>es es>fr", "Bye. en>es es>fr"]
    (notice,) = [event for event in outcome.events if isinstance(event, Notice)]
    assert (notice.code, notice.language) == ("engine_failed", "fr-CA")
    assert notice.message.startswith("The sentence at 1.0 s was not translated to fr-CA: tagger ")


async def test_nothing_in_nothing_out() -> None:
    assert await translated([], *OVER_SPANISH) == Outcome([], [])


@dataclass
class Slow(Tagger):
    """Translates when it is told to; breaks on what says BREAK."""

    begun: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    go_on: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    asked: list[str] = field(default_factory=list)

    def translate(self, sentences: Sequence[str], source: str, target: str) -> list[str]:
        self.asked.append(sentences[0])
        self.begun.release()
        if not self.go_on.acquire(timeout=30):
            raise TimeoutError
        if "BREAK" in sentences[0]:
            raise EngineCrashed("died")
        return super().translate(sentences, source, target)


class Desk:
    """A translator at work, step by step."""

    def __init__(self, engine: Slow) -> None:
        self.engine = engine
        self.backlog = Backlog(math.inf)
        self.events: list[Event] = []
        self.spoke = anyio.Event()

    async def emit(self, event: Event) -> None:
        self.events.append(event)
        self.spoke.set()

    async def asked(self) -> str:
        """The next text that the engine was asked for; it waits."""
        assert await anyio.to_thread.run_sync(lambda: self.engine.begun.acquire(timeout=30))
        return self.engine.asked[-1]

    @property
    def said(self) -> list[tuple[str, str]]:
        return [
            (type(event).__name__[:-11], event.translation.content)
            for event in self.events
            if isinstance(event, FinalTranslation | PartialTranslation)
        ]


@asynccontextmanager
async def at_work(*pairs: tuple[str, str]) -> AsyncIterator[Desk]:
    engine = Slow()
    async with hosted(engine, TRANSLATOR) as attached, anyio.create_task_group() as group:
        desk = Desk(engine)
        hops = [Hop(attached, source, target) for source, target in pairs or (("en", "fr"),)]
        group.start_soon(translate, desk.backlog, None, desk.emit, hops, "fr")
        yield desk
        desk.backlog.close()
        engine.go_on.release(99)
    desk.backlog.discard()


async def test_a_draft_is_a_partial_translation_and_keeps_its_place() -> None:
    async with at_work() as desk:
        desk.backlog.draft(sentence("Hi", 1.0))
        await desk.asked()
    assert desk.events == [PartialTranslation(Translation("Hi en>fr", "fr", 1.0, 2.0, "S1", "left"))]


async def test_of_the_drafts_that_come_meanwhile_only_the_newest_is_translated() -> None:
    async with at_work() as desk:
        desk.backlog.draft(sentence("one", 1.0))
        assert await desk.asked() == "one"
        desk.backlog.draft(sentence("one two", 1.0))
        desk.backlog.draft(sentence("one two three", 1.0))
        desk.engine.go_on.release()
        assert await desk.asked() == "one two three"
        desk.engine.go_on.release()
        await desk.backlog.send(sentence("One.", 1.0))
        assert await desk.asked() == "One."
    assert desk.said[-1] == ("Final", "One. en>fr")
    assert desk.said[0] == ("Partial", "one en>fr")


async def test_a_sentence_waits_for_one_call_at_most_and_its_draft_is_then_not_said() -> None:
    async with at_work(*OVER_SPANISH) as desk:
        desk.backlog.draft(sentence("one", 1.0))
        assert await desk.asked() == "one"
        await desk.backlog.send(sentence("One.", 1.0))
        desk.engine.go_on.release()
        assert await desk.asked() == "One."  # the second hop of the draft was not taken
    assert desk.said == [("Final", "One. en>es es>fr")]


async def test_an_unchanged_draft_is_not_said_again() -> None:
    async with at_work() as desk:
        desk.backlog.draft(sentence("one", 1.0))
        desk.engine.go_on.release()
        await desk.spoke.wait()
        desk.backlog.draft(sentence("one", 1.0))
        await anyio.wait_all_tasks_blocked()
        desk.backlog.draft(sentence("two", 1.0))
        desk.engine.go_on.release()
        while desk.engine.asked[-1] != "two":
            await desk.asked()
    assert desk.engine.asked == ["one", "two"]


async def test_a_withdrawn_draft_is_not_said() -> None:
    async with at_work() as desk:
        desk.backlog.draft(sentence("one", 1.0))
        await desk.asked()
        desk.backlog.withdraw()
    assert desk.said == []


async def test_a_draft_that_fails_is_not_mentioned() -> None:
    async with at_work() as desk:
        desk.backlog.draft(sentence("BREAK", 1.0))
        await desk.asked()
        desk.engine.go_on.release()
        desk.backlog.draft(sentence("two", 1.0))
        await desk.asked()
        desk.engine.go_on.release()
        await desk.backlog.send(sentence("Two.", 1.0))
        await desk.asked()
    assert ("Final", "Two. en>fr") in desk.said
    assert not [event for event in desk.events if isinstance(event, Notice)]


async def outcome_of(texts: list[str], hops: list[Hop], *detours: list[Hop]) -> Outcome:
    async def stage(taken, handed, emit):
        backlog = Backlog(math.inf)
        async for item in taken:
            await backlog.send(item)
        backlog.close()
        await translate(backlog, handed, emit, hops, "fr", detours=detours)
        backlog.discard()

    return await through([sentence(text, float(i)) for i, text in enumerate(texts)], stage)


async def test_what_was_said_before_goes_along_where_an_engine_wants_it() -> None:
    class Remembering(Tagger):
        def translate_in_context(self, sentences, source, target, before):
            return [f"{sentence} after {' '.join(before)}" for sentence in sentences]

    async with hosted(Remembering(), replace(TRANSLATOR, context=2)) as engine:
        outcome = await outcome_of(list("abcd"), [Hop(engine, "en", "fr")])
    assert [entry.content for entry in outcome.items] == ["a en>fr", "b after a", "c after a b", "d after b c"]


async def test_the_floor_answers_for_an_engine_that_dies_and_it_is_announced_once() -> None:
    class Dying(Tagger):
        def translate(self, sentences, source, target):
            raise EngineCrashed("The process of neural died")

    async with hosted(Dying(), TRANSLATOR) as engine, hosted(Tagger(), replace(TRANSLATOR, name="floor")) as floor:
        outcome = await outcome_of(["Hi.", "Bye."], [Hop(engine, "en", "fr")], [Hop(floor, "en", "fr")])
    assert [entry.content for entry in outcome.items] == ["Hi. en>fr", "Bye. en>fr"]
    (notice,) = [event for event in outcome.events if isinstance(event, Notice)]
    assert (notice.code, notice.language) == ("engine_crashed", "fr")
    assert notice.message == (
        "Translations to fr come from floor, since another engine failed: The process of neural died"
    )
