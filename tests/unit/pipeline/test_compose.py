"""Words to sentences, and to everyone who wants them."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.pipeline.stage import Outcome, through

from dragoman.core.controls import AudioStalled, Reconfigure
from dragoman.core.events import EndOfUtterance, FinalTranscript, PartialTranscript, Progress
from dragoman.core.options import RunOptions, WritingOptions
from dragoman.core.transcript import Sentence, Word
from dragoman.pipeline.backlog import Backlog
from dragoman.pipeline.compose import compose
from dragoman.pipeline.heard import Heard, Hypothesis, Utterance
from dragoman.pipeline.segment import Quiet
from dragoman.text.sentences import SentenceBuilder

pytestmark = pytest.mark.anyio

WHOLE, LIVE = RunOptions("en"), RunOptions("en", recognition="live", partials=True)


def utterance(text: str, start: float) -> Utterance:
    """Half a second a word."""
    contents = text.split()
    words = tuple(Word(word, start + 0.5 * i, start + 0.5 * (i + 1)) for i, word in enumerate(contents))
    return Utterance(words, start + 0.5 * len(contents))


def part(text: str, start: float, following: Word | None = None) -> Utterance:
    """One that became final before its utterance ended."""
    return replace(utterance(text, start), ended=False, following=following or Word("", 99.0, 99.0))


async def composed(
    heard: Sequence[Heard],
    options: RunOptions = WHOLE,
    *,
    live: bool = False,
    punctuated: bool = True,
    channel: str | None = None,
) -> Outcome:
    options = LIVE if live else options
    builder = SentenceBuilder("en", punctuated=punctuated, writing=options.writing)

    async def stage(taken, handed, emit):
        backlog = Backlog(math.inf)
        await compose(taken, [backlog], emit, builder, options, channel=channel)
        with handed:
            for work in await waiting(backlog):
                handed.send_nowait(work)

    return await through(heard, stage)


async def waiting(backlog: Backlog) -> list[Sentence]:
    """The sentences in a backlog that nobody adds to."""
    sentences = []
    while True:
        try:
            work = await backlog.receive()
        except anyio.EndOfStream:
            backlog.discard()
            return sentences
        assert isinstance(work, Sentence)
        sentences.append(work)


def finals(outcome: Outcome) -> list[str]:
    return [event.sentence.text for event in outcome.events if isinstance(event, FinalTranscript)]


def pauses(outcome: Outcome) -> list[EndOfUtterance]:
    return [event for event in outcome.events if isinstance(event, EndOfUtterance)]


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


async def test_live_a_part_is_announced_at_once_and_translated_with_its_sentence() -> None:
    going_on = Word("morning", 1.5, 2.0)
    outcome = await composed([part("good", 1.0, going_on), utterance("morning", 1.5)], live=True, punctuated=False)
    assert finals(outcome) == ["Good", "morning."]
    assert [said.text for said in outcome.items] == ["Good morning."]
    assert [type(event) for event in outcome.events] == [
        FinalTranscript, Progress, FinalTranscript, EndOfUtterance, Progress,
    ]  # fmt: skip


async def test_a_part_before_a_pause_comes_with_its_mark() -> None:
    after_pause = Word("good", 4.0, 4.5)
    outcome = await composed([part("good morning", 1.0, after_pause)], live=True, punctuated=False)
    assert finals(outcome) == ["Good morning."]


async def test_a_mark_comes_with_its_word_or_not_at_all() -> None:
    going_on = Word("so", 2.0, 2.5)
    outcome = await composed([part("good morning", 1.0, going_on), utterance("", 2.0)], live=True, punctuated=False)
    assert finals(outcome) == ["Good morning"]
    assert [said.text for said in outcome.items] == ["Good morning."]
    assert len(pauses(outcome)) == 1


contents = st.sampled_from(["hello", "um", "and", "i", "is", "monday"])
spoken_words = st.lists(st.tuples(contents, st.floats(0, 1.2)), max_size=60)


@given(spoken_words, st.data())
async def test_parts_say_each_word_once_and_translators_get_whole_sentences(spoken, data) -> None:
    words, time = [], 0.0
    for content, silence in spoken:
        words.append(Word(content, time + silence, time + silence + 0.3))
        time = words[-1].end_time
    cuts = sorted(data.draw(st.sets(st.integers(0, len(words)))) | {0, len(words)})
    parts = []
    for first, last in pairwise(cuts):
        end, following = words[last - 1].end_time, words[last] if last < len(words) else None
        parts.append(Utterance(tuple(words[first:last]), end, ended=following is None, following=following))
    cut = await composed(parts, live=True, punctuated=False)
    whole = await composed(parts and [Utterance(tuple(words), time)], live=True, punctuated=False)
    assert said_words(event.sentence for event in cut.events if isinstance(event, FinalTranscript)) == [
        word.content for word in words
    ]
    assert said_words(cut.items) == said_words(whole.items)
    for event in cut.events:
        if isinstance(event, FinalTranscript):
            assert isinstance(event.sentence.items[0], Word)


def said_words(sentences: Iterable[Sentence]) -> list[str]:
    return [item.content.lower() for sentence in sentences for item in sentence.items if isinstance(item, Word)]


async def test_a_hypothesis_becomes_a_partial_for_who_wants_it() -> None:
    guess = Hypothesis(utterance("good", 1.0).words, 1, 1.7)
    outcome = await composed([guess], live=True)
    assert outcome.events == [PartialTranscript(guess.words, 1, 1.0, 1.7)]
    assert (await composed([guess], replace(LIVE, partials=False))).events == []
    change = Reconfigure(partials=False, max_delay=None, end_of_utterance=None, volume_threshold=None)
    assert (await composed([change, guess], live=True)).events == []


async def test_events_carry_their_channel() -> None:
    guess = Hypothesis(utterance("good", 1.0).words, 1, 1.7)
    outcome = await composed([Quiet(0.5), guess, utterance("good", 1.0)], live=True, channel="left")
    assert [event.channel for event in outcome.events if not isinstance(event, FinalTranscript)] == ["left"] * 4


async def test_what_was_forced_says_so_with_words_and_without() -> None:
    forced = replace(utterance("Good. Morning", 1.0), forced=True)
    outcome = await composed([forced, Quiet(5.0, forced=True)], live=True)
    assert [event.forced for event in outcome.events if isinstance(event, FinalTranscript)] == [True, True]
    assert pauses(outcome) == [EndOfUtterance(2.0, forced=True), EndOfUtterance(5.0, forced=True)]
    assert isinstance(outcome.events[2], EndOfUtterance)


SLOW = replace(LIVE, end_of_utterance=1.0)


async def test_a_pause_is_said_once_when_it_is_long_enough() -> None:
    heard = [
        Quiet(1.0),
        utterance("good", 1.0),
        *(Quiet(1.5 + i / 4) for i in range(1, 8)),
        Utterance((), 5.0),
        Quiet(6.0),
    ]
    outcome = await composed(heard, SLOW)  # fmt: skip
    assert pauses(outcome) == [EndOfUtterance(1.5)]
    assert outcome.events.index(EndOfUtterance(1.5)) == outcome.events.index(Progress(2.5)) - 1


async def test_a_pause_shorter_than_asked_is_none() -> None:
    outcome = await composed([utterance("good", 1.0), Quiet(2.0), utterance("day", 2.0), Quiet(9.0)], SLOW)
    assert pauses(outcome) == [EndOfUtterance(2.5)]


async def test_words_behind_a_pause_come_after_it() -> None:
    outcome = await composed([utterance("good", 1.0), utterance("day", 4.0)], SLOW)
    order = [type(event) for event in outcome.events if not isinstance(event, Progress)]
    assert order == [FinalTranscript, EndOfUtterance, FinalTranscript, EndOfUtterance]
    assert pauses(outcome) == [EndOfUtterance(1.5), EndOfUtterance(4.5)]


@pytest.mark.parametrize("last", [[AudioStalled()], []], ids=["stalled", "over"])
async def test_a_pause_whose_end_will_not_come_is_said(last: list[Heard]) -> None:
    assert pauses(await composed([utterance("good", 1.0), Quiet(1.7), *last], SLOW)) == [EndOfUtterance(1.5)]
    assert pauses(await composed([Quiet(1.7), *last], SLOW)) == []


async def test_a_forced_end_leaves_no_pause_to_say() -> None:
    forced = replace(utterance("good", 1.0), forced=True)
    assert pauses(await composed([forced, Quiet(9.0)], SLOW)) == [EndOfUtterance(1.5, forced=True)]


async def test_partials_are_written_like_their_final() -> None:
    going_on = Word("morning", 1.5, 2.0)
    words = utterance("um monday morning i", 1.0).words
    guesses = [Hypothesis(words, 2, 1.7), part("um monday", 1.0, going_on), Hypothesis(words[2:], 1, 3.0)]
    outcome = await composed(guesses, live=True, punctuated=False)
    shown = [event for event in outcome.events if isinstance(event, PartialTranscript)]
    assert [" ".join(word.content for word in partial.words) for partial in shown] == [
        "Um Monday morning I",
        "morning I",
    ]
    assert [partial.stable for partial in shown] == [2, 1]

    options = replace(LIVE, writing=WritingOptions(remove_disfluencies=True))
    outcome = await composed(guesses[:1], options, punctuated=False)
    (partial,) = [event for event in outcome.events if isinstance(event, PartialTranscript)]
    assert ([word.content for word in partial.words], partial.stable) == (["Monday", "morning", "I"], 1)
    assert (await composed([Hypothesis(words[:1], 0, 1.5)], options, punctuated=False)).events == []


class Noting(Backlog):
    """Only writes down what it is given."""

    def __init__(self, given: list[tuple[str, str]]) -> None:
        super().__init__(1)
        self._notes = given

    async def send(self, sentence: Sentence) -> None:
        self._notes.append(("given", sentence.text))

    def draft(self, sentence: Sentence) -> None:
        self._notes.append(("draft", sentence.text))

    def close(self) -> None:
        super().close()
        self._taken.close()


async def drafts(heard: Sequence[Heard], options: RunOptions) -> list[str]:
    """The text of each draft, as a translator with nothing else to do gets it."""
    given: list[tuple[str, str]] = []

    def stage(taken, handed, emit):
        handed.close()
        builder = SentenceBuilder("en", punctuated=False, writing=options.writing)
        return compose(taken, [Noting(given)], emit, builder, options)

    await through(heard, stage)
    return [text for kind, text in given if kind == "draft"]


async def test_a_draft_is_the_unfinished_sentence_whatever_of_it_is_final() -> None:
    going_on = Word("morning", 1.5, 2.0)
    words = utterance("monday morning i", 1.0).words
    heard = [Hypothesis(words, 2, 1.7), part("monday", 1.0, going_on), Hypothesis(words[1:], 1, 3.0)]
    wanted = replace(LIVE, partials=False, partial_translations=True)
    assert await drafts(heard, wanted) == ["Monday morning I", "Monday morning I"]
    assert await drafts(heard, LIVE) == []


async def test_every_target_gets_every_sentence_after_it_was_announced() -> None:
    order: list[tuple[str, str]] = []

    def both(taken, handed, emit):
        async def noted(event):
            if isinstance(event, FinalTranscript):
                order.append(("said", event.sentence.text))

        handed.close()
        targets = [Noting(order), Noting(order)]
        return compose(taken, targets, noted, SentenceBuilder("en", punctuated=True), WHOLE)

    await through([utterance("One. Two.", 0.0)], both)
    assert order == [(what, text) for text in ("One.", "Two.") for what in ("said", "given", "given")]
