"""Marks inside the words of a punctuated engine, taken apart into items of their own.

``'"Hello,'`` becomes a quote that attaches next, the word, a comma that attaches previous. Apostrophes, hyphens and
the dots of abbreviations ("U.S.", "Dr.") are spelling and stay in the word.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import sentencex

from dragoman.core.transcript import AttachesTo, Item, Punctuation, Word

_OPENING = '"“”„«»‹›「『《〈（(【[¿¡'  # noqa: RUF001 - the marks of other scripts are the point
_CLOSING = _OPENING + ".,;:!?…–—」』》〉）)】]。、，．！？：；｡､।॥۔؟،؛။၊።፣։។"  # noqa: RUF001 - as above

_LEADING = re.compile(f"[{re.escape(_OPENING)}]*")
_TRAILING = re.compile(f"[{re.escape(_CLOSING)}]*$")
_ONE_MARK = re.compile(r"\.{2,}|[?!？！؟]+|.", re.DOTALL)  # noqa: RUF001 - as above
"""An ellipsis or a run such as ``?!`` is one mark."""


def split_marks(word: Word, language: str) -> list[Item]:
    """The word without its marks, and the marks as items; a word of marks alone gives only marks."""
    text = word.content.strip()
    start, end = _core(text)
    if start >= end:
        return _marks(text, word, word.start_time, "previous")
    if text[end : end + 1] == "." and _is_abbreviation(text[start : end + 1], language):
        end += 1
    return [
        *_marks(text[:start], word, word.start_time, "next"),
        replace(word, content=text[start:end]),
        *_marks(text[end:], word, word.end_time, "previous"),
    ]


def permitted_only(items: list[Item], marks: Sequence[str] | None) -> list[Item]:
    """The items whose marks a user permits; of a run such as "?!" those parts. None permits all. Empty when no word
    is left to write."""
    if marks is None:
        return items
    kept = [kept for item in items if (kept := _permitted(item, marks))]
    return kept if any(isinstance(item, Word) for item in kept) else []


def _permitted(item: Item, marks: Sequence[str]) -> Item | None:
    if isinstance(item, Word) or item.content in marks:
        return item
    content = "".join(character for character in item.content if character in marks)
    return replace(item, content=content) if content else None


def without_marks(text: str) -> str:
    start, end = _core(text)
    return text[start:end]


def trailing_marks(text: str) -> str:
    """The marks at the end of a word; empty for marks alone."""
    start, end = _core(text)
    return text[end:] if start < end else ""


def _core(text: str) -> tuple[int, int]:
    """Where the spelling of a word begins and ends between its marks; the end is not past the start in marks alone."""
    start = _match_length(_LEADING, text)
    return start, len(text) - _match_length(_TRAILING, text[start:], search=True)


def _match_length(pattern: re.Pattern[str], text: str, *, search: bool = False) -> int:
    match = pattern.search(text) if search else pattern.match(text)
    return len(match.group()) if match else 0


def _marks(text: str, word: Word, time: float, attaches_to: AttachesTo) -> list[Item]:
    return [
        Punctuation(
            mark,
            time,
            attaches_to=attaches_to,
            confidence=word.confidence,
            speaker=word.speaker,
            channel=word.channel,
        )
        for mark in _ONE_MARK.findall(text)
    ]


@lru_cache(maxsize=4096)
def _is_abbreviation(word: str, language: str) -> bool:
    """Whether the library sees no sentence end after ``word`` (with its dot), even before a capital."""
    return len(sentencex.segment(language, f"{word} Aa")) == 1
