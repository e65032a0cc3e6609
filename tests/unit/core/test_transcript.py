"""Items to text, and what a sentence and a run know of themselves."""

from hypothesis import given
from hypothesis import strategies as st

from dragoman.core.transcript import (
    AttachesTo,
    Punctuation,
    Sentence,
    SpokenSentence,
    Transcript,
    Word,
    join_items,
)


def word(content: str, start: float = 0.0) -> Word:
    return Word(content, start, start + 0.5)


def mark(content: str, attaches_to: AttachesTo = "previous") -> Punctuation:
    return Punctuation(content, 0.0, attaches_to)


def test_marks_stand_where_they_attach() -> None:
    items = [
        mark("¿", "next"), word("Qué"), mark(","), mark("«", "next"), word("eso"), mark("»"), mark("?"),
        word("bien"), mark("/", "both"), word("mal"), mark("—", "none"), word("sí"), mark("."),
    ]  # fmt: skip
    assert join_items(items) == "¿Qué, «eso»? bien/mal — sí."


def test_a_writing_without_spaces_has_none() -> None:
    assert join_items([word("你"), word("好"), mark("。")], delimiter="") == "你好。"


def test_nothing_is_no_text() -> None:
    assert join_items([]) == ""


@given(st.lists(st.text("abc", min_size=1).map(word), max_size=20))
def test_words_alone_are_parted_by_the_delimiter(words: list[Word]) -> None:
    assert join_items(words) == " ".join(each.content for each in words)


attachments = st.sampled_from(["previous", "next", "both", "none"])
items = st.lists(st.text("abc", min_size=1).map(word) | st.builds(mark, st.sampled_from(".,¿«"), attachments))


@given(items)
def test_joining_loses_nothing_and_never_doubles_a_space(items: list[Word | Punctuation]) -> None:
    text = join_items(items)
    assert text.replace(" ", "") == "".join(item.content for item in items)
    assert "  " not in text
    assert text == text.strip()


def test_a_sentence_lies_from_its_first_to_its_last_item() -> None:
    first = Word("Hello", 1.0, 1.5, speaker="S1", channel="left")
    said = Sentence((first, word("there", 1.6), Punctuation(".", 2.1, is_eos=True)), "en")
    assert (said.start_time, said.end_time) == (1.0, 2.1)
    assert (said.speaker, said.channel) == ("S1", "left")
    assert said.text == "Hello there."


def test_a_transcript_is_all_its_sentences() -> None:
    one, two = Sentence((word("One"), mark(".")), "en"), Sentence((word("Two", 1.0), mark(".")), "en")
    transcript = Transcript("en", 3.0, (one, two))
    assert transcript.text == "One. Two."
    assert transcript.items == one.items + two.items
    assert Transcript("en", 0.0).text == ""


def test_drift_is_how_much_later_the_track_is() -> None:
    assert SpokenSentence("es", 12.5, 14.0, 10.0, 11.0, 1.3).drift == 2.5
