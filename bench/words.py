"""Texts made comparable before word errors are counted: how a corpus writes is not what a recogniser hears.

Both sides go through :func:`normalized`: lower case, no marks, numbers in words, titles in full, hesitations left
out, tags such as ``[laughter]`` or ``<cutoff-montreal>`` removed with what is in them. The texts of other languages
than English keep their numbers as they are written, but for Swedish digits: one recording counts to eight.
"""

import re
import unicodedata

_TAG = re.compile(r"<[^>]*>|\[[^\]]*\]")
_NUMBER = re.compile(r"\d+(?:,\d{3})*")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_WORD_OR_NUMBER = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_SPLIT_CONTRACTION = re.compile(r"\b(i|you|we|they) (ve|ll|re)\b")
"""LibriSpeech has "I VE" in places."""

_HESITATIONS = frozenset({"uh", "um", "hm", "hmm", "mm", "mhm", "er", "erm"})
_SPELLINGS = {"mr": "mister", "mrs": "missus", "dr": "doctor"}

_SMALL = """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen
""".split()  # noqa: SIM905  a list of twenty quoted words is harder to read
_TENS = "- - twenty thirty forty fifty sixty seventy eighty ninety".split()  # noqa: SIM905  as above
_YEARS = range(1100, 2100)
"""Read as two pairs, "nineteen eighty four", unless nothing but zeros or one digit of a millennium follows."""


_SWEDISH = "noll en två tre fyra fem sex sju åtta nio".split()  # noqa: SIM905  a list of ten quoted words is harder to read
_DIGITS = {("sv", str(digit)): word for digit, word in enumerate(_SWEDISH)}
BY_CHARACTER = frozenset({"ja", "ko", "zh"})
"""Languages whose errors are counted in characters: where they part words is a matter of taste, if they do."""


def comparable(text: str, language: str) -> str:
    """Return what errors are counted in, words or characters, parted by single spaces."""
    if language == "en":
        return normalized(text)
    text = unicodedata.normalize("NFKC", _TAG.sub(" ", text.lower()).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))
    words = [_DIGITS.get((language, word), word) for word in _WORD_OR_NUMBER.findall(text)]
    return " ".join("".join(words)) if language in BY_CHARACTER else " ".join(words)


def normalized(text: str) -> str:
    """Words of an English text, parted by single spaces."""
    text = _TAG.sub(" ", text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))
    text = _NUMBER.sub(lambda match: f" {spelled(int(match[0].replace(',', '')))} ", text)
    words = [_SPELLINGS.get(word, word) for word in _WORD.findall(text)]
    return _SPLIT_CONTRACTION.sub(r"\1'\2", " ".join(word for word in words if word not in _HESITATIONS))


def spelled(number: int) -> str:
    """As an American reads it aloud; below a million."""
    if number in _YEARS and number % 1000 >= 10 and number % 100:
        century, year = divmod(number, 100)
        return f"{spelled(century)} {spelled(year) if year >= 10 else 'oh ' + spelled(year)}"
    for size, name in ((1000, "thousand"), (100, "hundred")):
        if number >= size:
            front, rest = divmod(number, size)
            return f"{spelled(front)} {name}" + (f" {spelled(rest)}" if rest else "")
    if number < len(_SMALL):
        return _SMALL[number]
    tens, ones = divmod(number, 10)
    return _TENS[tens] + (f" {_SMALL[ones]}" if ones else "")
