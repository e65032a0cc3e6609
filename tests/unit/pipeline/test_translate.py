"""Sentences to one target language, over hops that say that they were taken."""

import pytest
from tests.unit.pipeline.stage import TRANSLATOR, Outcome, Tagger, hosted, through

from dragoman.core.events import FinalTranslation, Notice
from dragoman.core.transcript import Sentence, Translation, Word
from dragoman.engines.attached import Hop
from dragoman.pipeline.translate import translate

pytestmark = pytest.mark.anyio


def sentence(text: str, start: float) -> Sentence:
    return Sentence((Word(text, start, start + 1.0, speaker="S1", channel="left"),), "en")


async def translated(texts: list[str], *pairs: tuple[str, str], target: str = "fr-CA", spoken: bool = True) -> Outcome:
    sentences = [sentence(text, float(i)) for i, text in enumerate(texts)]
    async with hosted(Tagger(), TRANSLATOR) as engine:
        hops = [Hop(engine, source, target) for source, target in pairs]

        def stage(taken, handed, emit):
            if not spoken:
                handed.close()
            return translate(taken, handed if spoken else None, emit, hops, target)

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
