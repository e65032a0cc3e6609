"""Text made ready for a voice, whichever it is. Pure."""

import re
import unicodedata

_UNSPEAKABLE = {"Cc", "Cs", "Cn", "Co"}
"""Unicode categories: control characters (espeak takes some for commands), half characters, unassigned and private
ones."""

_PICTURES = re.compile("[\u2190-\u2bff\ufe0e\ufe0f\u200d\u20e3\U0001f000-\U0001faff\U000e0020-\U000e007f]")
"""Arrows, dingbats, emoji, and what joins and varies them."""


def one_line(text: str) -> str:
    """One line, without what no voice would read as text."""
    return " ".join("".join(" " if unicodedata.category(letter) in _UNSPEAKABLE else letter for letter in text).split())


def speakable(text: str) -> str:
    """One line for a neural voice: without pictures, and not all in capitals, which would be spelt letter by letter."""
    line = one_line(_PICTURES.sub(" ", text))
    return line.lower() if line.isupper() and len(line.split()) > 2 else line
