"""Text around neural translators: cleaned before, put in the case that they know, long sentences in pieces."""

import re
from collections.abc import Callable, Sequence
from typing import Final

from dragoman.core.language import word_delimiter

_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
"""Control characters, half characters and non-characters. U+FFFF makes Apertium believe that its input ended."""

# Written as escapes are marks of Chinese and Japanese, and dashes, which look like others.
_SENTENCE_ENDS: Final = re.compile(r"(?<=[.!?…])\s+|(?<=[\u3002\uff01\uff1f])")
_CLAUSE_ENDS: Final = re.compile(r"(?<=[,;:\u2014\u2013])\s+|(?<=[\u3001\uff0c\uff1b\uff1a])")
_SPACES: Final = re.compile(r"\s+")
_CUTS: Final = (_SENTENCE_ENDS, _CLAUSE_ENDS, _SPACES)
"""Where a long sentence may be cut, best places first."""

_MIDDLE: Final = (0.25, 0.75)
"""A cut at a mark outside of this part of the sentence would leave a piece too short to be understood."""

_STOP: Final = re.compile(r"[.!?…\u3002\uff01\uff1f]\W*$")
_WORD: Final = re.compile(r"[^\W\d_]{2,}")


def clean(sentence: str) -> str:
    """One line of ordinary characters with single spaces."""
    return " ".join(_CONTROL.sub(" ", sentence).split())


def has_letters(sentence: str) -> bool:
    """Whether there is anything to translate; numbers, emoji and marks read the same in every language."""
    return any(map(str.isalpha, sentence))


def is_shouted(sentence: str) -> bool:
    """Whether a sentence of several words is all capitals. One word alone may be a name such as NATO."""
    return sentence.isupper() and len(_WORD.findall(sentence)) > 1


def in_sentence_case(sentence: str, language: str) -> str:
    """Returns a sentence of capitals as it is usually written, names aside."""
    lowered = sentence.lower()
    if language.partition("-")[0] == "en":
        lowered = re.sub(r"\bi\b", "I", lowered)
    first = next((place for place, letter in enumerate(lowered) if letter.isalpha()), 0)
    return lowered[:first] + lowered[first : first + 1].upper() + lowered[first + 1 :]


def pieces(sentence: str, size: Callable[[str], int], limit: int) -> list[str]:
    """Cut a sentence into pieces of at most ``limit``, as ``size`` counts them, at marks where there are any.

    Each piece keeps the space that followed it.
    """
    if len(sentence) < 2 or size(sentence) <= limit:
        return [sentence]
    place = _cut(sentence)
    return [*pieces(sentence[:place], size, limit), *pieces(sentence[place:], size, limit)]


def _cut(sentence: str) -> int:
    """Where to cut a sentence in two: after the mark of the best kind that is nearest to its middle."""
    middle = len(sentence) / 2
    low, high = (share * len(sentence) for share in _MIDDLE)
    for kind in _CUTS:
        places = [match.end() for match in kind.finditer(sentence) if low <= match.end() <= high]
        if places:
            return min(places, key=lambda place: abs(place - middle))
    return int(middle)


def joined(parts: Sequence[str], translations: Sequence[str], source: str, target: str) -> str:
    """The translation of a sentence whose ``parts`` were translated one by one."""
    text = ""
    for index, (part, translation) in enumerate(zip(parts, translations, strict=True)):
        if index:
            text += "" if _inside_word(parts[index - 1], source) else word_delimiter(target)
        text += _fitted(part, translation, first=index == 0, last=index == len(parts) - 1)
    return text


def _inside_word(part: str, language: str) -> bool:
    """Whether a piece ends in the middle of a word, since the sentence offered no better place."""
    return part[-1:].isalnum() and word_delimiter(language) == " "


def _fitted(part: str, translation: str, *, first: bool, last: bool) -> str:
    """Take back the capital and the stop that a translator gives to a piece because it looks like a sentence."""
    if not first and part[:1].islower() and translation[:1].isupper() and not translation[1:2].isupper():
        translation = translation[:1].lower() + translation[1:]
    return translation if last or _STOP.search(part) else translation.rstrip(".\u3002")
