"""Characters that a Firefox model's vocabulary lacks: it writes a dash for an emoji, and makes euros of pounds."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

_MARK: Final = "[{}]"
"""Stands for a run of unknown characters inside a sentence. Of the placeholders that were tried on en-pt, ``TERM1``,
``[1]`` and ``Zq1`` always came back; this one is read as no word."""

_SYMBOLS: Final = frozenset({"So", "Sk", "Sm", "Sc", "Cf", "Cn", "Co", "Mn", "Me", "Po", "Pd", "No"})


@dataclass(frozen=True, slots=True)
class Masked:
    """A sentence without its unknown symbols."""

    text: str
    before: str
    """Symbols in front of it, with the space that follows them."""
    after: str
    inner: tuple[str, ...]
    """Symbols inside, by the number of their placeholder."""

    def restored(self, translation: str) -> str | None:
        """The translation with the symbols put back; None when it has lost a placeholder."""
        for number, symbols in enumerate(self.inner, 1):
            placeholder = _MARK.format(number)
            if translation.count(placeholder) != 1:
                return None
            translation = translation.replace(placeholder, symbols)
        return f"{self.before}{translation}{self.after}"

    def appended(self, translation: str) -> str:
        """The translation of :attr:`bare` with all symbols behind it."""
        symbols = " ".join(self.inner)
        return f"{self.before}{translation} {symbols}{self.after}"

    @property
    def bare(self) -> str:
        """The text without placeholders."""
        text = self.text
        for number in range(1, len(self.inner) + 1):
            text = text.replace(_MARK.format(number), " ")
        return " ".join(text.split())


def mask(sentence: str, known: Callable[[str], bool]) -> Masked:
    """Take the runs of symbols that are not ``known`` out of a sentence."""
    runs = list(_unknown_runs(sentence, known))
    if not runs:
        return Masked(sentence, "", "", ())
    start, end = 0, len(sentence)
    if runs[0][0] == 0:
        last = runs.pop(0)[1]
        start = end - len(sentence[last:].lstrip())
    if runs and runs[-1][1] == end:
        end = len(sentence[: runs.pop()[0]].rstrip())
    text, inner, done = "", [], start
    for number, (first, last) in enumerate(runs, 1):
        text += sentence[done:first] + _MARK.format(number)
        inner.append(sentence[first:last])
        done = last
    return Masked(text + sentence[done:end], sentence[:start], sentence[end:], tuple(inner))


def _unknown_runs(sentence: str, known: Callable[[str], bool]) -> Iterator[tuple[int, int]]:
    """Bounds of the runs of symbols of which at least one is unknown; runs parted by spaces alone are one."""
    shape = "".join("s" if _is_symbol(character) else " " if character == " " else "w" for character in sentence)
    for match in re.finditer(r"s(?: *s)*", shape):
        if not all(map(known, sentence[match.start() : match.end()].replace(" ", ""))):
            yield match.span()


def _is_symbol(character: str) -> bool:
    return ord(character) > 127 and unicodedata.category(character) in _SYMBOLS
