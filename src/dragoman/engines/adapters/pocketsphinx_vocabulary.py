"""Words that a user teaches a decoder: what they are called inside it, and how they are written when it hears them.

Every item becomes one word of the dictionary, a phrase too, since all of it is worth more than the sum of its words:
nothing in the language model knows that they follow each other. Inside they have names ("@12") that no dictionary has,
so "Apple" lives beside "apple". Words of a phrase that the model does not know are learnt by themselves as well.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from dragoman.core.options import VocabularyItem
from dragoman.engines.adapters.pronunciation import Lookup, pronounce

_COMMON = 3e-4
"""Share of all words from which one is an everyday word ("will", "may") and is written as ever, whatever name it also
is. Below lie nearly all names, London and Obama too."""


@dataclass(frozen=True, slots=True)
class TaughtWord:
    name: str
    """In the dictionary."""
    written: tuple[str, ...]
    """The words that it stands for."""
    ways: tuple[str, ...]
    """Pronunciations, phones parted by spaces; at least one."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """All that one vocabulary changes."""

    words: tuple[TaughtWord, ...]
    written: Mapping[str, tuple[str, ...]]
    """What stands for a word of the dictionary that is not written by its name: "@12", or "london" for "London"."""


def plan(vocabulary: Sequence[VocabularyItem], lookup: Lookup, share: Callable[[str], float]) -> Lesson:
    """``share`` is how often the language model expects a word (0: it does not know it). Items that cannot be said
    are left out."""
    spoken = _spoken(vocabulary, share)
    said = pronounce({way for ways in spoken.values() for way in ways}, lookup)
    words = [
        TaughtWord(f"@{number}", tuple(content.split()), ways)
        for number, (content, spellings) in enumerate(spoken.items())
        if (ways := tuple(dict.fromkeys(way for spelling in spellings for way in said[spelling])))
    ]
    singles = [item.content for item in vocabulary if len(item.content.split()) == 1]
    spelt = {single.lower(): (single,) for single in singles if 0 < share(single.lower()) < _COMMON}
    return Lesson(tuple(words), spelt | {word.name: word.written for word in words})


def _spoken(vocabulary: Sequence[VocabularyItem], share: Callable[[str], float]) -> dict[str, list[str]]:
    """Each thing to learn, once, with the spellings that tell how it is said."""
    things: dict[str, list[str]] = {}
    for item in vocabulary:
        things.setdefault(item.content, [item.content]).extend(item.sounds_like)
    for item in vocabulary:
        words = item.content.split()
        for word in words if len(words) > 1 else ():
            if not share(word.lower()):
                things.setdefault(word, [word])
    return things
