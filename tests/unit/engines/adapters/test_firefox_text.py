"""Symbols that a vocabulary lacks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.engines.adapters.firefox_text import mask


def unknown(character):
    return character not in "😀🎉❤♪"


@pytest.mark.parametrize(
    ("sentence", "text", "before", "after", "inner"),
    [
        ("Hello.", "Hello.", "", "", ()),
        ("😀 Hello 🎉", "Hello", "😀 ", " 🎉", ()),
        ("I ❤️, you 😀😀 know", "I [1], you [2] know", "", "", ("❤️", "😀😀")),
        ("a — b → c", "a — b → c", "", "", ()),
        ("😀", "", "😀", "", ()),
        ("♪ la ♪ la ♪", "la [1] la", "♪ ", " ♪", ("♪",)),
    ],
)
def test_they_are_taken_out_and_put_back(sentence, text, before, after, inner):
    masked = mask(sentence, unknown)
    assert (masked.text, masked.before, masked.after, masked.inner) == (text, before, after, inner)
    assert masked.restored(masked.text) == sentence


def test_a_lost_placeholder_is_noticed_and_the_symbols_are_appended():
    masked = mask("Hello 😀 world", unknown)
    assert masked.restored("Olá mundo") is None
    assert masked.restored("Olá [1] [1]") is None
    assert masked.bare == "Hello world"
    assert masked.appended("Olá mundo") == "Olá mundo 😀"


@given(st.text("ab ,😀🎉\ufe0f→", max_size=30))
def test_nothing_is_lost(sentence):
    masked = mask(sentence, unknown)
    assert masked.restored(masked.text) == sentence
