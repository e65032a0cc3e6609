import pytest

from dragoman.core.transcript import Punctuation, Word, join_items
from dragoman.text.marks import split_marks


def contents(written: str, language: str = "en") -> list[str]:
    return [item.content for item in split_marks(Word(written, 1.0, 2.0), language)]


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("Hello,", ["Hello", ","]),
        ('"Go."', ['"', "Go", ".", '"']),
        ("¿Qué?!", ["¿", "Qué", "?!"]),
        ("so...", ["so", "..."]),
        ("don't", ["don't"]),
        ("dogs'", ["dogs'"]),
        ("well-known", ["well-known"]),
        ("U.S.", ["U.S."]),
        ("U.S.,", ["U.S.", ","]),
        ("Dr.", ["Dr."]),
        ("3.5", ["3.5"]),
        ("50%", ["50%"]),
        ("你好。", ["你好", "。"]),
        ("…", ["…"]),
    ],
)
def test_parts(written: str, parts: list[str]) -> None:
    assert contents(written) == parts


def test_marks_take_no_time_and_know_their_side() -> None:
    opening, word, closing = split_marks(Word("(maybe)", 1.0, 2.0, 0.5, "S1", "left"), "en")
    assert opening == Punctuation("(", 1.0, "next", confidence=0.5, speaker="S1", channel="left")
    assert word == Word("maybe", 1.0, 2.0, 0.5, "S1", "left")
    assert closing == Punctuation(")", 2.0, "previous", confidence=0.5, speaker="S1", channel="left")


def test_joined_again_they_read_as_before() -> None:
    written = 'He said: "¿Qué? (No.) U.S. Dr. López…"'
    items = [item for word in written.split() for item in split_marks(Word(word, 0, 0), "en")]
    assert join_items(items) == written
