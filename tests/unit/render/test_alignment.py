import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.render.alignment import text_words, to_one_per_line, to_word_start_and_end

DOCUMENTED = "Hello <markup> world <!-- comment > comment -->\nhow are you?"
TIMES = [(0.12, 0.23), (0.34, 0.45), (0.56, 0.67), (0.78, 0.89), (0.9, 1.0)]


def contents(text: str) -> list[str]:
    return [word.content for word in text_words(text)]


def test_the_documented_example() -> None:
    assert contents(DOCUMENTED) == ["Hello", "world", "how", "are", "you?"]
    assert to_word_start_and_end(DOCUMENTED, TIMES) == (
        "<time=0.12>Hello<time=0.23> <markup> <time=0.34>world<time=0.45> <!-- comment > comment -->\n"
        "<time=0.56>how<time=0.67> <time=0.78>are<time=0.89> <time=0.90>you?<time=1.00>"
    )


def test_the_documented_example_by_lines() -> None:
    assert to_one_per_line(DOCUMENTED, TIMES) == (
        "[00:00:00.1] Hello <markup> world <!-- comment > comment -->\n[00:00:00.5] how are you?"
    )


def test_a_line_is_never_later_than_its_first_word() -> None:
    assert to_one_per_line("late", [(3725.96, 3726.0)]) == "[01:02:05.9] late"
    assert to_one_per_line("exact", [(2.3, 2.4)]) == "[00:00:02.3] exact"


def test_lines_and_words_without_a_time_stay_as_they_are() -> None:
    text = "# Heading\n\n<p>\nfound word\n"
    times = [None, None, None, (1.0, 1.5)]
    assert to_one_per_line(text, times) == "# Heading\n\n<p>\n[00:00:01.0] found word\n"
    assert to_word_start_and_end(text, times) == "# Heading\n\n<p>\nfound <time=1.00>word<time=1.50>\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        (" \n\t", []),
        ("<i>so</i> un<b>believ</b>able", ["so", "unbelievable"]),
        ("3 < 4 > 2", ["3", "<", "4", ">", "2"]),
        ('<a href="x y">link</a>', ["link"]),
        ("<!-- never closed", ["<!--", "never", "closed"]),
        ("<!-- a\nb --> c", ["c"]),
        ("你好 世界", ["你好", "世界"]),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert contents(text) == words


def test_marks_inside_a_word_stay_inside_its_tags() -> None:
    assert to_word_start_and_end("<i>un<b>do</b></i>", [(0, 1)]) == "<i><time=0.00>un<b>do<time=1.00></b></i>"


def test_a_time_for_each_word_or_none_at_all() -> None:
    with pytest.raises(ValueError, match="zip"):
        to_word_start_and_end("one two", [(0, 1)])


def test_hostile_markup_is_read_in_one_go() -> None:
    for part in ("<!--", "<a", "<a ", "<!-- -->", "\0"):
        text_words(part * 200_000)


TEXTS = st.lists(
    st.sampled_from(["word", "two words", " ", "\n", "\r\n", "<b>", "</b>", "<!--", "-->", "<", ">", "é", "\u2028"])
).map("".join)


@given(TEXTS, st.data())
def test_nothing_of_the_text_is_lost(text: str, data: st.DataObject) -> None:
    words = text_words(text)
    times = data.draw(st.lists(st.none() | st.just((1.0, 2.0)), min_size=len(words), max_size=len(words)))
    tagged = to_word_start_and_end(text, times)
    assert re.sub(r"<time=\d+\.\d\d>", "", tagged) == text
    assert tagged.count("<time=") == 2 * sum(span is not None for span in times)
    assert re.sub(r"\[00:00:01\.0\] ", "", to_one_per_line(text, times)) == text
    assert all(text[word.start : word.end].strip() for word in words)
