"""Text to sentences, and phonemized sentences to pieces."""

# ruff: noqa: RUF001 - Chinese marks
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.engines.adapters.onnx_voice.pieces import Part, Shape, pieces, sentences


def spelled(text: str) -> tuple[Part, ...]:
    """Letters as symbols."""
    parts = []
    for token in text.split():
        word = token.rstrip(",.;!?")
        parts += [Part(word, word)] if word else []
        parts.append(Part("", token[len(word) :] + " "))
    return tuple(parts)


def cut(text: str | Iterable[str], **shape: int) -> list[str]:
    texts = [text] if isinstance(text, str) else text
    return [piece.symbols for piece in pieces(map(spelled, texts), Shape(**shape))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Dr. Lee met Mr. Ito. They left.", ["Dr. Lee met Mr. Ito.", "They left."]),
        ("It costs 3.14 dollars... or more.", ["It costs 3.14 dollars... or more."]),
        ("他们的房子很大。我的猫吃鱼！好。", ["他们的房子很大。", "我的猫吃鱼！", "好。"]),
        ("“Stop!” he said.", ["“Stop!” he said."]),
        ("no mark", ["no mark"]),
        ("  ", []),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert list(sentences(text)) == expected


@given(st.text(alphabet="ab ,.。 ", max_size=3000))
def test_sentences_are_short_and_lose_nothing(text: str) -> None:
    found = list(sentences(text))
    assert all(0 < len(sentence) <= 1000 for sentence in found)
    assert "".join("".join(found).split()) == "".join(text.split())


def test_a_sentence_is_one_piece() -> None:
    assert cut("one two three, four five six.") == ["one two three, four five six."]


def test_the_first_piece_may_end_early() -> None:
    text = "one, two three four, five six seven eight, nine."
    assert cut(text, first_words=4) == ["one, two three four,", "five six seven eight, nine."]
    assert cut([text, text], first_words=4)[2] == text


def test_no_piece_is_too_short_for_the_model() -> None:
    assert cut("one two three four, five six.", first_words=4, least=20) == ["one two three four, five six."]
    assert cut(["Yes.", "No.", "one two three four five six."], least=20) == ["Yes. No. one two three four five six."]
    assert cut(["one two three four five six.", "Yes."], least=20) == ["one two three four five six.", "Yes."]


def test_a_long_sentence_is_cut_at_marks_and_else_between_words() -> None:
    marked = "aaaa bbbb cccc, dddd eeee, ffff gggg hhhh iiii."
    assert cut(marked, long=30, most=40) == ["aaaa bbbb cccc, dddd eeee,", "ffff gggg hhhh iiii."]
    assert cut("aaaa bbbb cccc dddd eeee ffff", long=10, most=16) == ["aaaa bbbb cccc", "dddd eeee ffff"]
    assert cut("a" * 25, long=10, most=10) == ["a" * 10, "a" * 10, "a" * 5]


@pytest.mark.parametrize(("text", "pause"), [("one.", 0.25), ("one two,", 0.1), ("one”", 0.03), ("one two!)", 0.25)])
def test_a_pause_stands_for_the_mark(text: str, pause: float) -> None:
    (piece,) = pieces([(Part("one", text),)], Shape())
    assert piece.pause == pause


@given(st.lists(st.text(alphabet="abcd ,.", max_size=200), max_size=5), st.integers(0, 20), st.integers(20, 60))
def test_pieces_keep_every_sound_and_fit(texts: list[str], least: int, most: int) -> None:
    made = cut(texts, least=least, long=most // 2, most=most, first_words=2)
    assert all(len(piece) <= most for piece in made)
    letters = "".join(letter for text in texts for letter in text if letter.isalpha())
    assert "".join(letter for piece in made for letter in piece if letter.isalpha()) == letters
