import itertools
import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.core.options import Replacement, WritingOptions
from dragoman.core.transcript import Item, Punctuation, Sentence, Word, join_items
from dragoman.text.sentences import SentenceBuilder
from dragoman.text.writing import ends_sentence


def spoken(text: str, *, start: float = 0.0, **labels: str) -> list[Word]:
    """Words of 0.3 s; each "|" is a second of silence."""
    words, time = [], start
    for content in text.split():
        if content == "|":
            time += 1.0
            continue
        words.append(Word(content, round(time, 3), round(time + 0.3, 3), **labels))
        time += 0.3
    return words


def sentences(text: str, language: str = "en", **settings: object) -> list[str]:
    builder = SentenceBuilder(language, **settings)  # type: ignore[arg-type]  # settings are the builder's own
    return [sentence.text for sentence in builder.add(spoken(text)) + builder.flush()]


def test_pauses_end_unpunctuated_sentences() -> None:
    assert sentences("it was late | do you know what i mean | on monday i left", punctuated=False) == [
        "It was late.",
        "Do you know what I mean?",
        "On Monday I left.",
    ]


def test_a_joining_word_bridges_a_short_pause() -> None:
    assert sentences("it was late | and we left", punctuated=False, pause=0.7) == ["It was late and we left."]


def test_a_sentence_is_open_until_the_next_begins() -> None:
    builder = SentenceBuilder("en", punctuated=False)
    assert builder.add(spoken("it was late")) == []
    (closed,) = builder.add(spoken("we left", start=5.0))
    assert closed.text == "It was late."
    (flushed,) = builder.flush()
    assert flushed.text == "We left."
    assert builder.flush() == []


def test_the_confidence_of_an_added_mark_grows_with_the_pause() -> None:
    builder = SentenceBuilder("en", punctuated=False, pause=1.0)
    first, second = builder.add([Word("a", 0, 1), Word("b", 2.2, 3), Word("c", 9, 10)])
    (third,) = builder.flush()
    assert first.items[-1].confidence == pytest.approx(0.6)
    assert second.items[-1].confidence == 1.0
    assert third.items[-1].confidence == 0.5


def test_a_change_of_speaker_ends_the_sentence() -> None:
    builder = SentenceBuilder("en", punctuated=False)
    builder.add(spoken("hello there", speaker="S1"))
    (first,) = builder.add(spoken("good morning", start=0.6, speaker="S2"))
    assert (first.text, first.speaker) == ("Hello there.", "S1")
    assert isinstance(first.items[-1], Punctuation)
    assert first.items[-1].speaker == "S1"


def test_long_sentences_are_cut() -> None:
    text = "the man walked to the big house because he was very tired and the night was cold"
    parts = sentences(text, punctuated=False, max_words=12)
    assert parts == ["The man walked to the big house.", "Because he was very tired and the night was cold."]


def test_languages_write_their_own_marks() -> None:
    assert sentences("你 好 | 我 是", "zh", punctuated=False) == ["你好。", "我是。"]
    assert sentences("do you | sabe", "es", punctuated=False) == ["Do you.", "Sabe."]
    assert sentences("สวัส ดี", "th", punctuated=False) == ["สวัสดี"]


def test_punctuated_words_end_where_the_library_says() -> None:
    text = 'I saw Dr. Smith, of the U.S. | Senate. "Really?" he asked. So... maybe'
    assert sentences(text, punctuated=True) == [
        "I saw Dr. Smith, of the U.S. Senate.",
        '"Really?" he asked.',
        "So... maybe",
    ]


def test_end_of_sentence_marks() -> None:
    builder = SentenceBuilder("es", punctuated=True)
    (first,) = builder.add(spoken("¿Qué tal, amigo? Bien"))
    marks = [(item.content, item.is_eos) for item in first.items if isinstance(item, Punctuation)]
    assert marks == [("¿", False), (",", False), ("?", True)]
    assert first.start_time == 0.0


def test_a_long_silence_ends_a_sentence_without_marks() -> None:
    assert sentences("Hello there | | | | everyone.", punctuated=True) == ["Hello there", "everyone."]


def test_empty_words_are_nothing() -> None:
    builder = SentenceBuilder("en", punctuated=False)
    assert builder.add([Word(" ", 0, 1)]) + builder.flush() == []


def written(text: str, *, punctuated: bool = False, **writing: object) -> list[str]:
    options = WritingOptions(**writing)  # type: ignore[arg-type]  # they are its own
    return sentences(text, punctuated=punctuated, writing=options)


def test_marks_that_are_not_permitted_are_not_written() -> None:
    text = "it was late | do you know what i mean"
    assert written(text, permitted_marks=()) == ["It was late", "Do you know what I mean"]
    assert written(text, permitted_marks=("?",)) == ["It was late", "Do you know what I mean?"]
    assert written(text, permitted_marks=(".",)) == ["It was late.", "Do you know what I mean."]
    marked = '"Well, then?!" he said. So... maybe'
    assert written(marked, punctuated=True, permitted_marks=("?", ".")) == ["Well then? he said.", "So... maybe"]
    assert written("— | . | ! Yes", punctuated=True, permitted_marks=()) == ["Yes"]


def test_sensitivity_is_how_short_a_pause_sets_a_mark() -> None:
    builders = [
        SentenceBuilder("en", punctuated=False, writing=WritingOptions(sensitivity=sensitivity))
        for sensitivity in (0, 0.25, 0.5, 0.75, 1)
    ]
    pauses = [Word("we", time, time + 0.1) for time in (0, 0.4, 0.9, 1.55, 2.4, 3.6, 5.5)]
    assert [len(builder.add(pauses)) for builder in builders] == [1, 2, 3, 4, 5]


def test_half_is_the_sensitivity_that_was_measured() -> None:
    text = "it was late | and we left | on monday"
    assert written(text, sensitivity=0.5) == sentences(text, punctuated=False)


def test_hesitations_are_tagged_and_no_reason_to_miss_a_question() -> None:
    (first,) = SentenceBuilder("en", punctuated=False).add(spoken("um do you know | then"))
    assert first.text == "Um do you know?"
    assert [item.tags for item in first.items if isinstance(item, Word)] == [("disfluency",), (), (), ()]


def test_hesitations_leave_no_trace_when_they_are_removed() -> None:
    assert written("um we left | uh", remove_disfluencies=True) == ["We left."]
    assert written("Um, what would you like, hmm?", punctuated=True, remove_disfluencies=True) == [
        "What would you like?"
    ]


def test_a_removed_hesitation_fills_the_pause_that_it_stood_in() -> None:
    words = [Word("we", 0, 0.3), Word("um", 0.6, 1.0), Word("left", 1.3, 1.6)]
    builder = SentenceBuilder("en", punctuated=False, writing=WritingOptions(remove_disfluencies=True))
    assert builder.add(words) == []
    assert [sentence.text for sentence in builder.flush()] == ["We left."]


def test_replacements_are_of_words_as_they_are_written() -> None:
    swaps = (Replacement("Monday", "Tuesday"), Replacement("(l)eft$", "$1it", is_regex=True), Replacement("late", ""))
    text = "on monday we left | it was late"
    assert written(text, replacements=swaps) == ["On Tuesday we lit.", "It was."]


def test_open_items_are_the_sentence_so_far_without_its_end() -> None:
    builder = SentenceBuilder("en", punctuated=False)
    builder.add(spoken("on monday i"))
    assert join_items(builder.open_items()) == "On Monday I"
    assert join_items(builder.preview(spoken("um left", start=1.0))) == "On Monday I um left"
    assert join_items(builder.open_items()) == "On Monday I"
    builder.flush()
    assert builder.open_items() == []


def test_a_comma_is_certain_and_the_mark_at_the_end_is_not() -> None:
    builder = SentenceBuilder("en", punctuated=True)
    builder.add(spoken("Hello, world."))
    assert join_items(builder.open_items()) == "Hello, world"
    builder = SentenceBuilder("en", punctuated=True)
    builder.add(spoken("Hello,"))
    assert join_items(builder.open_items()) == "Hello,"


def test_a_sentence_is_closed_before_a_word_that_would_close_it() -> None:
    builder = SentenceBuilder("en", punctuated=False)
    builder.add(spoken("good morning"))
    (last,) = spoken("so", start=2.0)
    assert builder.close_before(replace(last, start_time=1.2)) == []
    assert [said.text for said in builder.close_before(replace(last, start_time=9.0, content=""))] == ["Good morning."]
    assert builder.close_before(last) == builder.flush() == []


def test_of_a_punctuated_engine_a_mark_before_silence_closes_the_sentence() -> None:
    builder = SentenceBuilder("en", punctuated=True)
    builder.add(spoken("Good morning,"))
    silence = Word("", 2.0, 2.0)
    assert builder.close_before(silence) == []
    builder.add(spoken("Ann.", start=1.5))
    assert [said.text for said in builder.close_before(silence)] == ["Good morning, Ann."]


def test_a_sentence_that_grew_too_long_is_not_cut_inside_what_was_shown() -> None:
    text = "the man walked to the big house because he was very tired and the night was cold"
    words = spoken(text)
    builder = SentenceBuilder("en", punctuated=False, max_words=12)
    closed: list[Sentence] = []
    for word in words:
        closed += builder.add([word])
        builder.open_items()
    assert [sentence.text for sentence in closed] == ["The man walked to the big house because he was very tired."]


PLAIN = st.sampled_from(
    ["i", "the", "and", "man", "what", "is", "it", "do", "you", "monday", "mr", "u.s.", "they're", "um"]
)
MARKED = st.sampled_from(
    ['"Hello,', "Dr.", "he", "said.", "U.S.", "What?", "(Yes)", "so...", "—", "5.", "No.", "¡Ah!", "etc.,", "Hmm?"]
)
WRITING = st.builds(
    WritingOptions,
    permitted_marks=st.sampled_from([None, (), (".",), (",", "?"), ("!", "...")]),
    sensitivity=st.sampled_from([0, 0.5, 1]),
    remove_disfluencies=st.booleans(),
    replacements=st.lists(
        st.sampled_from(
            [
                Replacement("The", ""),
                Replacement("man", "woman and child"),
                Replacement("^[HI]", "($&)", is_regex=True),
                Replacement("s", "", is_regex=True),
                Replacement("What|Dr|No|Hello|etc", "", is_regex=True),
            ]
        ),
        max_size=3,
    ).map(tuple),
)


@st.composite
def streams(draw: st.DrawFn, contents: st.SearchStrategy[str]) -> list[list[Word]]:
    """Utterances of words in time order that never overlap, split anyhow."""
    time, utterances = 0.0, []
    for count in draw(st.lists(st.integers(0, 8), max_size=12)):
        utterance = []
        for _ in range(count):
            time += draw(st.sampled_from([0.0, 0.0, 0.1, 0.5, 0.8, 1.5, 4.0]))
            end = time + draw(st.sampled_from([0.1, 0.3, 1.0]))
            utterance.append(Word(draw(contents), round(time, 3), round(end, 3), speaker=draw(st.sampled_from("AAAB"))))
            time = end
        utterances.append(utterance)
    return utterances


def build(utterances: list[list[Word]], *, punctuated: bool, flush_each: bool = False) -> list[Sentence]:
    builder = SentenceBuilder("en", punctuated=punctuated, max_words=10, max_seconds=8.0)
    closed: list[Sentence] = []
    for utterance in utterances:
        closed += builder.add(utterance)
        if flush_each:
            closed += builder.flush()
    return closed + builder.flush()


@given(
    utterances=st.one_of(streams(PLAIN), streams(MARKED)),
    punctuated=st.booleans(),
    writing=WRITING,
    looks=st.lists(st.booleans(), max_size=40),
)
def test_what_was_shown_of_an_open_sentence_is_how_it_begins(
    *, utterances: list[list[Word]], punctuated: bool, writing: WritingOptions, looks: list[bool]
) -> None:
    builder = SentenceBuilder("en", punctuated=punctuated, writing=writing, max_words=5, max_seconds=8.0)
    shown: list[Item] = []
    words = [word for utterance in utterances for word in utterance]
    for word, look in itertools.zip_longest(words, looks[: len(words)], fillvalue=True):
        for sentence in builder.add([word]):
            assert list(sentence.items[: len(shown)]) == shown
            shown = []
        if look:
            items = builder.open_items()
            assert items[: len(shown)] == shown
            assert not items or isinstance(items[-1], Word) or not ends_sentence(items[-1].content, "en")
            shown = items
    for sentence in builder.flush():
        assert list(sentence.items[: len(shown)]) == shown
        shown = []
    assert shown == []


@given(utterances=st.one_of(streams(PLAIN), streams(MARKED)), punctuated=st.booleans(), writing=WRITING)
def test_only_permitted_marks_are_written(
    *, utterances: list[list[Word]], punctuated: bool, writing: WritingOptions
) -> None:
    builder = SentenceBuilder("en", punctuated=punctuated, writing=writing)
    built = builder.add([word for utterance in utterances for word in utterance]) + builder.flush()
    marks = {item.content for sentence in built for item in sentence.items if isinstance(item, Punctuation)}
    if writing.permitted_marks is not None:
        assert {character for mark in marks for character in mark} <= set("".join(writing.permitted_marks))


def assert_in_order(built: list[Sentence]) -> None:
    items = [item for sentence in built for item in sentence.items]
    assert all(one.start_time <= other.start_time for one, other in pairwise(items))
    assert all(one.end_time <= other.start_time for one, other in pairwise(built))


@given(utterances=streams(PLAIN), flush_each=st.booleans())
def test_unpunctuated_words_are_all_kept(*, utterances: list[list[Word]], flush_each: bool) -> None:
    built = build(utterances, punctuated=False, flush_each=flush_each)
    heard = [word for utterance in utterances for word in utterance]
    kept = [item for sentence in built for item in sentence.items if isinstance(item, Word)]
    assert [(w.content.lower(), w.start_time, w.end_time, w.speaker) for w in kept] == [
        (w.content, w.start_time, w.end_time, w.speaker) for w in heard
    ]
    assert_in_order(built)
    assert all(sum(isinstance(item, Word) for item in sentence.items) <= 10 for sentence in built)


@given(utterances=streams(MARKED), flush_each=st.booleans())
def test_punctuated_words_are_all_kept(*, utterances: list[list[Word]], flush_each: bool) -> None:
    built = build(utterances, punctuated=True, flush_each=flush_each)
    written = " ".join(word.content for utterance in utterances for word in utterance)
    kept = " ".join(sentence.text for sentence in built)
    # A dash stands alone in the stream and attaches to the word before it, so spaces may differ.
    assert kept.replace(" ", "") == written.replace(" ", "")
    assert_in_order(built)


@given(utterances=st.one_of(streams(PLAIN), streams(MARKED)), punctuated=st.booleans())
def test_the_split_into_utterances_changes_nothing(*, utterances: list[list[Word]], punctuated: bool) -> None:
    together = [[word for utterance in utterances for word in utterance]]
    one_by_one = [[word] for word in together[0]]
    assert (
        build(utterances, punctuated=punctuated)
        == build(together, punctuated=punctuated)
        == build(one_by_one, punctuated=punctuated)
    )


def test_reference_sentences_of_a_real_recording_come_back(shared_data: Path) -> None:
    """A talk's turns, timed evenly inside their real bounds, come back by their pauses; one gap is only 0.28 s."""
    lines = (shared_data / "longform" / "manifest.jsonl").read_text().splitlines()
    talk = next(record for record in map(json.loads, lines) if record["id"] == "talk_en")
    words: list[Word] = []
    for turn in talk["turns"]:
        contents = turn["text"].lower().split()
        step = (turn["speech_end"] - turn["speech_start"]) / len(contents)
        words += [
            Word(content, turn["speech_start"] + i * step, turn["speech_start"] + (i + 1) * step)
            for i, content in enumerate(contents)
        ]
    builder = SentenceBuilder("en", punctuated=False, pause=0.4, max_words=100, max_seconds=60.0)
    built = builder.add(words) + builder.flush()
    turn_starts = {turn["speech_start"] for turn in talk["turns"]}
    assert {sentence.start_time for sentence in built} <= turn_starts
    assert len(built) >= len(turn_starts) - 1
