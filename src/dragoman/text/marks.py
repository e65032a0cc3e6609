"""Marks inside the words of a punctuated engine, taken apart into items of their own.

``'"Hello,'`` becomes a quote that attaches next, the word, a comma that attaches previous. Apostrophes, hyphens and
the dots of abbreviations ("U.S.", "Dr.") are spelling and stay in the word.
"""

import re
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
    start = _match_length(_LEADING, text)
    end = len(text) - _match_length(_TRAILING, text[start:], search=True)
    if start >= end:
        return _marks(text, word, word.start_time, "previous")
    if text[end : end + 1] == "." and _is_abbreviation(text[start : end + 1], language):
        end += 1
    return [
        *_marks(text[:start], word, word.start_time, "next"),
        replace(word, content=text[start:end]),
        *_marks(text[end:], word, word.end_time, "previous"),
    ]


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
