"""Sentences before and after a neural translator."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.engines.adapters import sentence_text


def words(text: str) -> int:
    return len(text.split())


@pytest.mark.parametrize(
    ("sentence", "cleaned"),
    [("a\nb\tc", "a b c"), ("a\x00b", "a b"), ("  a  ", "a"), ("a\ud800b", "a b"), ("a\u2028b", "a b"), ("\x00", "")],
)
def test_one_line_of_ordinary_characters(sentence, cleaned):
    assert sentence_text.clean(sentence) == cleaned


@pytest.mark.parametrize(
    ("sentence", "there"), [("a", True), ("123 …", False), ("😀", False), ("日", True), ("", False)]
)
def test_whether_there_is_anything_to_translate(sentence, there):
    assert sentence_text.has_letters(sentence) is there


@pytest.mark.parametrize(
    ("sentence", "shouted"),
    [("THE END.", True), ("NATO", False), ("STOP 123!", False), ("The END", False), ("日本 日本", False)],
)
def test_capitals_of_several_words_are_shouting(sentence, shouted):
    assert sentence_text.is_shouted(sentence) is shouted


@pytest.mark.parametrize(
    ("sentence", "language", "written"),
    [
        ("THE MEETING STARTS.", "en", "The meeting starts."),
        ("“SO AM I,” I SAID", "en-GB", "“So am I,” I said"),
        ("I GATTI", "it", "I gatti"),
        ("123 GO", "en", "123 Go"),
        ("123", "en", "123"),
    ],
)
def test_capitals_are_written_as_a_sentence(sentence, language, written):
    assert sentence_text.in_sentence_case(sentence, language) == written


def test_a_short_sentence_is_one_piece():
    assert sentence_text.pieces("One two three.", words, 3) == ["One two three."]


def test_a_long_sentence_is_cut_at_the_best_mark_near_its_middle():
    cut = sentence_text.pieces("a b c, d e f. g h, i j k", words, 6)
    assert cut == ["a b c, d e f. ", "g h, i j k"]
    assert sentence_text.pieces("a b c d, e f g h i, j k l", words, 9) == ["a b c d, ", "e f g h i, j k l"]
    assert sentence_text.pieces("a, b c d e f g h", words, 6) == ["a, b c ", "d e f g h"]


def test_text_without_spaces_is_cut_all_the_same():
    assert sentence_text.pieces("x" * 10, len, 5) == ["xxxxx", "xxxxx"]
    assert sentence_text.pieces("今日は、いい天気です。", len, 7) == ["今日は、", "いい天気です。"]


@given(st.text("ab ,.日、。", max_size=60), st.integers(1, 9))
def test_pieces_are_small_enough_and_lose_nothing_but_spaces(sentence, limit):
    cut = sentence_text.pieces(sentence, len, limit)
    assert "".join(cut) == sentence
    assert all(len(piece) <= limit for piece in cut)


def test_pieces_are_joined_as_one_sentence():
    parts = ["When it rains, ", "we stay ", "NASA said."]
    answers = ["Cuando llueve,", "Nos quedamos.", "La NASA dijo."]
    assert sentence_text.joined(parts, answers, "en", "es") == "Cuando llueve, nos quedamos La NASA dijo."
    assert sentence_text.joined(["a ", "b"], ["今日", "は"], "en", "ja") == "今日は"
    assert sentence_text.joined(["今日は", "いい"], ["Today", "good"], "ja", "en") == "Today good"
    assert sentence_text.joined(["xxx", "xxx"], ["xxx", "xxx"], "en", "es") == "xxxxxx"
