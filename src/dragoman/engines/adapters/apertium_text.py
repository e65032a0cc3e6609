"""Between plain sentences and the text stream that Apertium's programs read and write.

In that stream ``[…]`` is formatting to be left alone, and a few characters need a backslash.
"""

import re

from dragoman.engines.adapters.sentence_text import clean

__all__ = ["clean", "decode", "encode"]

_ASSUMED_STOP = ".[]"
"""A full stop that the sentence did not have. Without one the last words are read as if the sentence went on."""

_SPECIAL = re.compile(r"[\[\]{}^$/\\@<>]")
_HAS_STOP = re.compile(r"[.!?…]\W*$")
_MARKUP = re.compile(r"\\(.)|\.?\[\]")

_LONELY_I = re.compile(r"(?<![\w.'\u2019-])i(?![\w)]|[.-]\w)")
"""The pronoun as recognisers write it, and neither "i.e." nor "i)" nor "wi-fi"."""

_SPACE_BEFORE_MARK = re.compile(r"\s+([,.;:!?…]+)(?=\s|$)")
_SPACE_AFTER_OPENING = re.compile(r"(?:^|(?<=\s))([\"“\u2018(\[¿¡])\s+")


def encode(sentence: str, source: str) -> str:
    """What Apertium reads for a :func:`clean` sentence in the canonical language ``source``."""
    if source.partition("-")[0] == "en":
        sentence = _LONELY_I.sub("I", sentence)
    escaped = _SPECIAL.sub(r"\\\g<0>", sentence)
    stop = "" if _HAS_STOP.search(sentence) else _ASSUMED_STOP
    return escaped + stop


def decode(answer: str, sentence: str) -> str:
    """The translation in what Apertium wrote for ``sentence``."""
    text = " ".join(_MARKUP.sub(lambda match: match[1] or "", answer).split())
    text = _SPACE_BEFORE_MARK.sub(r"\1", text)
    text = _SPACE_AFTER_OPENING.sub(r"\1", text)
    return _like(sentence, text)


def _like(sentence: str, text: str) -> str:
    """``text`` beginning with a capital where ``sentence`` does, and in lower case where it does."""
    given = next((letter for letter in sentence if letter.isalpha()), "")
    place = next((i for i, letter in enumerate(text) if letter.isalpha()), None)
    if place is None:
        return text
    first = text[place]
    if given.isupper():
        first = first.upper()
    elif given.islower() and not text[place + 1 : place + 2].isupper():  # not an abbreviation
        first = first.lower()
    return text[:place] + first + text[place + 1 :]
