"""The words of any text in a decoder's dictionary: numbers, names and abbreviations are learnt as they are said."""

import re
from collections.abc import Iterable
from typing import Any

from dragoman.engines.adapters.pronunciation import pronounce

MOST_LEARNT = 20_000
"""Words that one decoder learns: some 4 s and 10 MB. Those of a longer list stay unknown."""

_ENDS = re.compile(r"^[\W_]+|[^\w%]+$|_+$")
_YEAR = re.compile(r"(1[1-9]|20)(\d\d)")
_MONEY = re.compile(r"([$£€])(\d[\d.,]*)")
_CURRENCIES = {"$": "dollars", "£": "pounds", "€": "euros"}
_LONGEST = 60
"""Characters of a word that can be said; what is longer is an address, or garbage."""


class Lexicon:
    """What the words of texts are called in the dictionary of one decoder."""

    def __init__(self, decoder: Any) -> None:
        self._decoder = decoder
        self._names: dict[str, str | None] = {}
        self.learnt = 0

    def learn(self, words: Iterable[str]) -> None:
        """The searches of the decoder are to be made afterwards."""
        unknown: list[str] = []
        for word in dict.fromkeys(words):
            if word not in self._names:
                known = self._known(word)
                self._names[word] = known
                if known is None and 0 < len(word) <= _LONGEST and len(unknown) + self.learnt < MOST_LEARNT:
                    unknown.append(word)
        ways = {word: _spellings(word) for word in unknown}
        said = pronounce({spelling for spellings in ways.values() for spelling in spellings}, self._decoder.lookup_word)
        for word, spellings in ways.items():
            phones = dict.fromkeys(way for spelling in spellings for way in said[spelling])
            self._names[word] = self._added(tuple(phones)) if phones else None

    def name(self, word: str) -> str | None:
        """None for a word that was not learnt, or that cannot be said."""
        return self._names.get(word)

    def phones(self, name: str) -> int:
        """How many a word of that name takes, in the pronunciation that is listed first."""
        return len(self._decoder.lookup_word(name).split())

    def _known(self, word: str) -> str | None:
        plain = _plain(word).lower()
        return plain if plain and self._decoder.lookup_word(plain) else None

    def _added(self, ways: tuple[str, ...]) -> str:
        name = f"@{self.learnt}"
        for variant, phones in enumerate(ways, start=1):
            self._decoder.add_word(name if variant == 1 else f"{name}({variant})", phones, update=False)
        self.learnt += 1
        return name


def _plain(word: str) -> str:
    return _ENDS.sub("", word.replace("’", "'"))  # noqa: RUF001  a text has that apostrophe


def _spellings(word: str) -> list[str]:
    """Those that tell how it is said; none for a dash, and for other marks that stand alone."""
    plain = _plain(word)
    if not plain:
        return []
    if money := _MONEY.match(word.lstrip("([\"'")):
        return [f"{money[2].strip('.,')} {_CURRENCIES[money[1]]}"]
    if year := _YEAR.fullmatch(plain):
        return [f"{year[1]} {year[2]}", plain]
    return [plain]
