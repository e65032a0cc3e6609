"""Text made ready for voices."""

import pytest

from dragoman.engines.adapters.spoken_text import one_line, speakable


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a\0b\x07c", "a b c"), (" a\n\tb ", "a b"), ("\ud800x", "x"), ("", ""), ("5 °C — ½", "5 °C — ½")],
)
def test_one_line(text: str, expected: str) -> None:
    assert one_line(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hello 😀👍🏽 you", "hello you"),
        ("THE HOUSE IS BIG.", "the house is big."),
        ("NATO MET", "NATO MET"),
        ("The BBC", "The BBC"),
        ("noooooo!!!!!!", "nooo!!!"),
        ("1000000", "1000000"),
        ("漢字漢字漢字", "漢字漢字漢字"),
        ("👩‍👩‍👧", ""),
    ],
)
def test_speakable(text: str, expected: str) -> None:
    assert speakable(text) == expected
