"""Text to the pieces that a graph speaks in one run. Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

MARKS = ' ;:,.!?—…"()“”'
"""Symbols between words, in the alphabets of all models here."""

_SENTENCE_ENDS = frozenset(".!?…")
_MARKS = _SENTENCE_ENDS | frozenset(",;:—")
"""Symbols that end a sentence or clause."""

_SENTENCE = re.compile(r"[.!?…。！？।]+[\"”’»」』)\]]*(?:\s+|(?<=[。！？」』])|$)")  # noqa: RUF001
_TITLE = re.compile(r"(?:^|\s)[\"“«(]*(?:\w{1,2}|Mrs|Mme|Sra|Dra|Sig|Prof)$")
"""What may stand before a full stop that ends no sentence."""

_LONGEST_SENTENCE = 1000
_LONG_CUTS = ",;:、，；："  # noqa: RUF001
"""Where a sentence is cut that is longer, in characters."""

_SENTENCE_PAUSE = 0.25
_CLAUSE_PAUSE = 0.1
_CUT_PAUSE = 0.03
"""Seconds between two pieces, after the mark that ends the first."""


@dataclass(frozen=True, slots=True)
class Part:
    """A word, or what stands between two, in the symbols of a model."""

    text: str
    """The word as it is written; empty for marks and spaces, and for the second word of "50 km" read as "fifty
    kilometres" where one is written for both."""
    symbols: str

    @property
    def sounds(self) -> bool:
        return bool(self.symbols.strip(MARKS))


class Phonemizer(Protocol):
    """Text to symbols, for one language. Safe to share between threads."""

    def __call__(self, sentence: str) -> tuple[Part, ...]: ...


@dataclass(frozen=True, slots=True)
class Shape:
    """How long the pieces of a model should be, in symbols."""

    least: int = 0
    """The model speaks shorter pieces badly; they are joined to their neighbours where there are any."""
    long: int = 200
    """Beyond this a piece is cut at a clause mark."""
    most: int = 400
    """No piece is longer."""
    first_words: int | None = None
    """The first piece may end at the first clause mark behind so many words, so that sound comes early; None: no."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What is spoken in one run."""

    parts: tuple[Part, ...]
    pause: float
    """Seconds of silence before the next piece."""

    @property
    def symbols(self) -> str:
        return "".join(part.symbols for part in self.parts)


def _without_spaces_around(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    first, *inner = parts
    parts = (Part(first.text, first.symbols.lstrip()), *inner)
    *inner, last = parts
    return (*inner, Part(last.text, last.symbols.rstrip()))


def sentences(text: str) -> Iterator[str]:
    """Sentences of ``text``, each with its mark.

    A full stop behind a short capitalised word ends none ("Dr. Lee"), nor does a mark before a small letter. What has
    no mark for a thousand characters is cut, so that the work before the first sound is bounded.
    """
    begin = 0
    for match in _SENTENCE.finditer(text):
        if _ends_sentence(text, begin, match):
            yield from _bounded(text[begin : match.end()].strip())
            begin = match.end()
    yield from _bounded(text[begin:].strip())


def _bounded(sentence: str) -> Iterator[str]:
    while len(sentence) > _LONGEST_SENTENCE:
        end = max(sentence.rfind(mark, _LONGEST_SENTENCE // 2, _LONGEST_SENTENCE) for mark in _LONG_CUTS)
        end = end + 1 if end >= 0 else sentence.rfind(" ", 0, _LONGEST_SENTENCE) + 1 or _LONGEST_SENTENCE
        yield sentence[:end].strip()
        sentence = sentence[end:].strip()
    if sentence:
        yield sentence


def _ends_sentence(text: str, begin: int, match: "re.Match[str]") -> bool:
    if match.end() == len(text):
        return True
    if text[match.end()].islower():
        return False
    if match[0].rstrip() != ".":
        return True
    title = _TITLE.search(text, begin, match.start())
    return title is None or not title[0].strip(' "“«(')[:1].isupper()


def pieces(spelled: Iterable[tuple[Part, ...]], shape: Shape) -> Iterator[Piece]:
    """Cut phonemized sentences into pieces, each as soon as it is known."""
    first = shape.first_words
    waiting: tuple[Part, ...] = ()
    for sentence in spelled:
        waiting += (Part("", " "), *sentence) if waiting and not waiting[-1].symbols.endswith(" ") else sentence
        if _length(waiting) >= shape.least:
            yield from _cut(waiting, shape, first)
            waiting, first = (), None
    if waiting:
        yield from _cut(waiting, shape, first)


def _cut(parts: tuple[Part, ...], shape: Shape, first_words: int | None) -> Iterator[Piece]:
    if first_words is not None and (end := _early_end(parts, shape, first_words)):
        yield _piece(parts[:end])
        parts = parts[end:]
    while _length(parts) > shape.long and (end := _late_end(parts, shape)):
        yield _piece(parts[:end])
        parts = parts[end:]
    for each in _chopped(parts, shape.most):
        if _has_words(each):
            yield _piece(each)


def _early_end(parts: tuple[Part, ...], shape: Shape, least_words: int) -> int | None:
    """Behind the first clause mark that leaves enough on both sides."""
    length = words = 0
    for end, part in enumerate(parts[:-1], start=1):
        length += len(part.symbols)
        words += part.sounds
        if length > shape.most:
            return None
        if words >= least_words and length >= shape.least and _mark(parts, end) in _MARKS:
            rest = parts[end:]
            return end if _length(rest) >= shape.least and _has_words(rest) else None
    return None


def _late_end(parts: tuple[Part, ...], shape: Shape) -> int | None:
    """Behind the last mark within ``long``, else within ``most``, else between two words there; None for no place."""
    if end := _last_end(parts, shape, shape.long, marked=True) or _last_end(parts, shape, shape.most, marked=True):
        return end
    return _last_end(parts, shape, shape.most, marked=False) if _length(parts) > shape.most else None


def _last_end(parts: tuple[Part, ...], shape: Shape, limit: int, *, marked: bool) -> int | None:
    best, length = None, 0
    last_word = max((index for index, part in enumerate(parts) if part.sounds), default=0)
    for end, part in enumerate(parts[:last_word], start=1):
        length += len(part.symbols)
        if length > limit:
            break
        place = _mark(parts, end) in _MARKS if marked else parts[end].sounds
        if place and length >= shape.least:
            best = end
    return best


def _chopped(parts: tuple[Part, ...], most: int) -> Iterator[tuple[Part, ...]]:
    """``parts`` if they fit, which they do unless a word is longer than any piece may be."""
    if _length(parts) <= most:
        yield parts
        return
    for part in parts:
        for begin in range(0, len(part.symbols), most):
            yield (Part(part.text, part.symbols[begin : begin + most]),)


def _piece(parts: tuple[Part, ...]) -> Piece:
    parts = _without_spaces_around(parts)
    mark = _mark(parts, len(parts))
    if mark in _SENTENCE_ENDS:
        return Piece(parts, _SENTENCE_PAUSE)
    return Piece(parts, _CLAUSE_PAUSE if mark in _MARKS else _CUT_PAUSE)


def _mark(parts: tuple[Part, ...], end: int) -> str:
    """The last symbol of ``parts[:end]`` that is no space or closing bracket."""
    for part in reversed(parts[max(0, end - 4) : end]):
        if last := part.symbols.rstrip(' ”)"'):
            return last[-1]
    return ""


def _has_words(parts: tuple[Part, ...]) -> bool:
    return any(part.sounds for part in parts)


def _length(parts: tuple[Part, ...]) -> int:
    return sum(len(part.symbols) for part in parts)
