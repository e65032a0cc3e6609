"""Sounds that a speaker makes while thinking: "um", "äh", "euh".

English follows the list that Speechmatics publishes, interjections such as "aha" and "uh-huh" among them, so that a
client made for it finds the same words tagged. Elsewhere only what is nothing but a hesitation: not Spanish "este",
German "also" or Portuguese "um", which are words. Spellings vary by how long a sound is held, hence patterns.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from dragoman.core.transcript import Word
from dragoman.text.casing import capitalise
from dragoman.text.marks import trailing_marks, without_marks
from dragoman.text.writing import ends_sentence, primary

_HUMMED = "h+m+|m{2,}|m+-?h+m+"
"""Hm, mm and mhm are the same wherever Latin letters are used."""

_SOUNDS = {
    "en": "u+h*m+|u+h+|uh-?huh|huh-?uh|uh-uh|uh-oh|e+r+m*|e+h|huh|u+g+h+|a+h+|a+w+|a+h*-?h+a+",
    "de": "[äöe]+h+m*|ä+m+",
    "fr": "e+u+h+|h+e+u+h*|hu+m+",
    "es": "e+h+m*|e+m{2,}",
    "it": "e+h+m+|u+h+m+",
    "pt": "h?ã+h*|h?u+m{2,}|é{2,}|e+h+m*",
    "nl": "[eu]+h+m*",
    "da": "[øæ]+h+m*",
    "no": "[øe]+h+m*",
    "sv": "[öe]+h+m*",
    "pl": "y{2,}|e{2,}|y+h*m+",
    "hu": "ö{2,}",
    "ru": "э{2,}|э+м+|м{2,}|х+м+",  # noqa: RUF001 - Cyrillic is the point
    "el": "ε{2,}|ε+μ{2,}|χ+μ+",
    "zh": "呃+|嗯+",
    "ja": "え[ぇえーっ]*と[ーぉ]*|う[ぅうー]+んと?|えー+",
}

_PATTERNS = {language: re.compile(f"(?:{sounds}|{_HUMMED})") for language, sounds in _SOUNDS.items()}


_CONTINUING = ",;:，、；："  # noqa: RUF001 - as above
"""Marks that make no sense before the end of a sentence."""


def tagged(words: Sequence[Word], language: str) -> list[Word]:
    """The words, those that are hesitations tagged ``disfluency``; none are in a language without a list."""
    pattern = _PATTERNS.get(primary(language))
    if pattern is None:
        return list(words)
    return [_tagged(word) if pattern.fullmatch(without_marks(word.content).lower()) else word for word in words]


def _tagged(word: Word) -> Word:
    return word if "disfluency" in word.tags else replace(word, tags=(*word.tags, "disfluency"))


def without_disfluencies(words: Sequence[Word], language: str) -> list[Word]:
    """The words that are not tagged. What a hesitation carried for its sentence goes on: its capital to the word after
    it, the mark that ends the sentence to the word before it."""
    kept: list[Word] = []
    capital = False
    for word in words:
        if "disfluency" not in word.tags:
            kept.append(replace(word, content=capitalise(word.content)) if capital else word)
            capital = False
            continue
        capital = capital or word.content[:1].isupper()
        mark = trailing_marks(word.content)
        if kept and ends_sentence(mark, language):
            kept[-1] = _ended(kept[-1], mark, language)
            capital = False
    return kept


def _ended(word: Word, mark: str, language: str) -> Word:
    if ends_sentence(trailing_marks(word.content), language):
        return word
    return replace(word, content=word.content.rstrip(_CONTINUING) + mark)
