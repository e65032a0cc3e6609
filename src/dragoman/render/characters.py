"""How wide text is on screen, and where it may be broken when it has no spaces."""

import re
import unicodedata

_HANGUL = re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")

# ruff: noqa: RUF001 - full-width forms are the point
_NO_LINE_START = frozenset(
    "、。，．・：；？！）］｝」』》〉】〕”’…‥ーゝ々ぁぃぅぇぉっゃゅょァィゥェォッャュョ,.:;?!)]}%"
)
_NO_LINE_END = frozenset("·・（［｛「『《〈【〔“‘([{")
"""The short form of Japanese kinsoku, which Chinese shares."""


def width(text: str) -> int:
    """Columns on screen: two for a full-width character, none for a combining one, one for all others."""
    return len(text) if text.isascii() else sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def writes_no_space(character: str) -> bool:
    """Whether it belongs to a full-width script that parts words by nothing: Han and kana, not Hangul."""
    return _columns(character) == 2 and not _HANGUL.match(character)


def breakable(text: str) -> list[str]:
    """Splits a run of text without spaces at every place where a line may end inside it.

    Between full-width characters that is nearly everywhere, but never before a closing mark or after an opening one;
    words of other scripts stay whole.
    """
    parts: list[str] = []
    for character in text:
        if parts and _stays_together(parts[-1][-1], character):
            parts[-1] += character
        else:
            parts.append(character)
    return parts


def _stays_together(before: str, after: str) -> bool:
    if after in _NO_LINE_START or before in _NO_LINE_END or _columns(after) == 0:
        return True
    return not writes_no_space(before) and not writes_no_space(after)


def clusters(text: str) -> list[str]:
    """Characters, each with the combining marks that sit on it."""
    parts: list[str] = []
    for character in text:
        if parts and _columns(character) == 0:
            parts[-1] += character
        else:
            parts.append(character)
    return parts


def join(one: str, other: str) -> str:
    """Two pieces of running text: parted by a space unless they meet in a script that writes none."""
    glued = not one or not other or (writes_no_space(one[-1]) and writes_no_space(other[0]))
    return one + other if glued else f"{one} {other}"
