"""Text made ready for a voice, whichever it is. Pure."""

import re
import unicodedata

_UNSPEAKABLE = {"Cc", "Cs", "Cn", "Co"}
"""Unicode categories: control characters (espeak takes some for commands), half characters, unassigned and private
ones."""

_PICTURES = re.compile("[\u2190-\u2bff\ufe0e\ufe0f\u200d\u20e3\U0001f000-\U0001faff\U000e0020-\U000e007f]")
"""Arrows, dingbats, emoji, and what joins and varies them."""

_DRAWN_OUT = re.compile(r"(\D)\1{3,}")
"""More than three of a letter or mark in a row. Engines choke on hundreds of them, and nobody can say them."""


def one_line(text: str) -> str:
    """One line, without what no voice would read as text."""
    return " ".join("".join(" " if unicodedata.category(letter) in _UNSPEAKABLE else letter for letter in text).split())


def speakable(text: str) -> str:
    """One line without pictures and without the fourth of any letter in a row; not all in capitals either, which would
    be spelt letter by letter."""
    line = _DRAWN_OUT.sub(r"\1\1\1", one_line(_PICTURES.sub(" ", text)))
    return line.lower() if line.isupper() and len(line.split()) > 2 else line
