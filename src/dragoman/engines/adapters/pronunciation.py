"""How English words are said, in the phones of the CMU pronouncing dictionary, whether or not they are in it.

A word is looked up, in its parts where it has hyphens, letter by letter where it is an abbreviation; for what is in no
dictionary espeak-ng's rules make a guess. Names of foreign spelling are often guessed wrong; another spelling that
sounds like them helps then.
"""

# ruff: noqa: RUF001 - letters of the phonetic alphabet look like others
import re
from collections.abc import Callable, Iterable, Mapping
from itertools import product

from dragoman.core.errors import EngineError
from dragoman.engines.adapters.espeak import pronunciations

Lookup = Callable[[str], str | None]
"""The phones of a dictionary word in lower case, parted by spaces; None when it is not there."""

LONGEST = 100
"""Phones of a pronunciation that is used; six long words. More would be an attack on the decoder's memory."""

_VARIANTS = 4
"""Pronunciations of one word ("read", "read(2)") that are tried; the dictionary has up to four or five."""

_VOICE = "gmw/en-US"

_SPELT = re.compile(r"(?:[A-Za-z]\.){2,}[A-Za-z]?|[A-Z]{2,5}")
_PARTS = re.compile(r"[\s_\-‐‑–—/]+")
_MARKS = '"“”„«».,;:!?()[]{}…'

_PHONES = {
    "ɑːɹ": "AA R", "ɔːɹ": "AO R", "oːɹ": "AO R", "aɪɚ": "AY ER", "aɪə": "AY AH", "aʊɚ": "AW ER", "iə": "IY AH",
    "ɑː": "AA", "ɔː": "AO", "oː": "AO", "ɜː": "ER", "iː": "IY", "uː": "UW", "eː": "EY", "ɛː": "EH", "aː": "AA",
    "aʊ": "AW", "aɪ": "AY", "eɪ": "EY", "oʊ": "OW", "əʊ": "OW", "ɔɪ": "OY", "dʒ": "JH", "tʃ": "CH",
    "ɑ̃": "AA N", "ɔ̃": "AO N", "ɛ̃": "AE N", "œ̃": "AH N", "n̩": "AH N", "l̩": "AH L", "m̩": "AH M",
    "æ": "AE", "ʌ": "AH", "ə": "AH", "ɐ": "AH", "ɑ": "AA", "ɒ": "AA", "a": "AA", "ɔ": "AO", "o": "OW", "ɛ": "EH",
    "e": "EY", "ɜ": "ER", "ɚ": "ER", "ɝ": "ER", "ɪ": "IH", "ᵻ": "IH", "ɨ": "IH", "i": "IY", "ʊ": "UH", "u": "UW",
    "y": "UW", "ø": "ER", "œ": "ER",
    "b": "B", "d": "D", "ð": "DH", "f": "F", "ɡ": "G", "g": "G", "ɣ": "G", "h": "HH", "ç": "HH", "j": "Y", "k": "K",
    "x": "K", "q": "K", "l": "L", "ɫ": "L", "ɬ": "L", "ʎ": "L Y", "m": "M", "n": "N", "ɲ": "N Y", "ŋ": "NG", "p": "P",
    "ɹ": "R", "r": "R", "ʁ": "R", "s": "S", "ʃ": "SH", "t": "T", "ɾ": "T", "ʔ": "T", "θ": "TH", "v": "V", "β": "V",
    "w": "W", "ʍ": "W", "z": "Z", "ʒ": "ZH",
}  # fmt: skip
"""What espeak's American English says, and the sounds that it borrows for names; the flap of "better" is T there."""

_PHONE = re.compile("|".join(sorted(map(re.escape, _PHONES), key=len, reverse=True)))
_SWITCH = re.compile(r"\([a-z-]+\)")
"""espeak marks where it goes over to another language and back."""


def arpabet(ipa: str) -> str:
    """Phones of the dictionary for espeak's; stress and whatever has no counterpart is left out."""
    return " ".join(_PHONES[phone] for phone in _PHONE.findall(_SWITCH.sub("", ipa)))


def pronounce(phrases: Iterable[str], lookup: Lookup) -> Mapping[str, tuple[str, ...]]:
    """The ways in which each phrase may be said; none for what has no letters, or where espeak-ng is needed and not
    installed."""
    spoken = {phrase: _words(phrase) for phrase in phrases}
    known = {word: _looked_up(word, lookup) for words in spoken.values() for word in words}
    unknown = [word for word, ways in known.items() if not ways]
    known.update(zip(unknown, _guessed(unknown), strict=True))
    return {phrase: _ways([known[word] for word in words]) for phrase, words in spoken.items()}


def _words(phrase: str) -> list[str]:
    return [word for part in _PARTS.split(phrase) if (word := part if _SPELT.fullmatch(part) else part.strip(_MARKS))]


def _looked_up(word: str, lookup: Lookup) -> tuple[str, ...]:
    names = [word.lower(), *(f"{word.lower()}({variant})" for variant in range(2, _VARIANTS + 1))]
    ways = tuple(phones for name in names if (phones := lookup(name)))
    if ways or not _SPELT.fullmatch(word):
        return ways
    letters = [lookup(f"{letter.lower()}.") for letter in word if letter != "."]
    return (" ".join(filter(None, letters)),) if all(letters) else ()


def _guessed(words: list[str]) -> list[tuple[str, ...]]:
    if not words:
        return []
    try:
        guesses = pronunciations(words, _VOICE)
    except EngineError:  # then the words that are in the dictionary are learnt, and the others are not
        return [()] * len(words)
    return [(phones,) if (phones := arpabet(guess)) else () for guess in guesses]


def _ways(words: list[tuple[str, ...]]) -> tuple[str, ...]:
    """Of a phrase: every way of its words together while they are few, then only the first of each."""
    if not words or not all(words):
        return ()
    if len(words) > 2:
        words = [ways[:1] for ways in words]
    joined = (" ".join(ways) for ways in product(*words))
    return tuple(dict.fromkeys(phones for phones in joined if phones.count(" ") < LONGEST))
