"""Words to sentences, and to everyone who wants them."""

import math

import anyio
import pytest
from tests.unit.pipeline.stage import Outcome, drained, through

from dragoman.core.events import EndOfUtterance, FinalTranscript, Progress
from dragoman.core.transcript import Sentence, Word
from dragoman.pipeline.compose import compose
from dragoman.pipeline.recognise import Utterance
from dragoman.text.sentences import SentenceBuilder

pytestmark = pytest.mark.anyio


def utterance(text: str, start: float) -> Utterance:
    """Half a second a word."""
    contents = text.split()
    words = tuple(Word(word, start + 0.5 * i, start + 0.5 * (i + 1)) for i, word in enumerate(contents))
    return Utterance(words, start + 0.5 * len(contents))


async def composed(utterances: list[Utterance], *, live: bool = False) -> Outcome:
    builder = SentenceBuilder("en", punctuated=True)
    return await through(
        utterances,
        lambda taken, handed, emit: compose(taken, [handed], emit, builder, flush_utterances=live),
    )


async def test_a_sentence_may_span_utterances_of_a_file() -> None:
    outcome = await composed([utterance("Good morning. I", 1.0), utterance("am here. Good", 2.6)])
    assert [said.text for said in outcome.items] == ["Good morning.", "I am here.", "Good"]
    assert outcome.events == [
        FinalTranscript(outcome.items[0]),
        Progress(2.5),
        FinalTranscript(outcome.items[1]),
        Progress(4.1),
        FinalTranscript(outcome.items[2]),
    ]


async def test_live_the_end_of_an_utterance_closes_its_sentence() -> None:
    outcome = await composed([utterance("Good morning. I", 1.0), utterance("am here.", 2.6)], live=True)
    assert [said.text for said in outcome.items] == ["Good morning.", "I", "am here."]
    assert outcome.events[1:4] == [FinalTranscript(outcome.items[1]), EndOfUtterance(2.5), Progress(2.5)]


@pytest.mark.parametrize("live", [False, True])
async def test_an_utterance_without_words_is_only_progress(*, live: bool) -> None:
    outcome = await composed([Utterance((), 1.0), Utterance((), 2.0)], live=live)
    assert (outcome.items, outcome.events) == ([], [Progress(1.0), Progress(2.0)])


async def test_every_target_gets_every_sentence_after_it_was_announced() -> None:
    first, one = anyio.create_memory_object_stream[Sentence](math.inf)
    second, other = anyio.create_memory_object_stream[Sentence](math.inf)
    announced: list[int] = []

    def both(taken, handed, emit):
        async def emit_and_look(event):
            if isinstance(event, FinalTranscript):
                announced.append(one.statistics().current_buffer_used)
            await emit(event)

        handed.close()
        builder = SentenceBuilder("en", punctuated=True)
        return compose(taken, [first, second], emit_and_look, builder, flush_utterances=False)

    with one, other:
        await through([utterance("One. Two. Three.", 0.0)], both)
        received = drained(one)
        assert [said.text for said in received] == ["One.", "Two.", "Three."]
        assert drained(other) == received
    assert announced == [0, 1, 2]
