"""Capital letters for words that an engine gave in lower case.

Only what is certain word by word: the table holds no name that is also an everyday word ("may", "march", "china",
"turkey", "polish", "god"). It is there for translation as much as for the eye: rule-based translators look names up
with their capital.
"""

from dragoman.text.writing import primary

_DAYS_AND_MONTHS = (
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday "
    "January February April June July September October November December"
)
_LANGUAGES_AND_PEOPLES = (
    "English Spanish French German Italian Portuguese Dutch Russian Japanese Chinese Korean Arabic Greek Hebrew Hindi "
    "Swedish Norwegian Danish Finnish Irish Scottish Welsh British American Canadian Mexican Australian Indian "
    "European African Asian Egyptian Roman Americans Germans Russians Europeans Romans Christian Jewish Muslim Catholic"
)
_PLACES = (
    "America England Britain Scotland Ireland France Germany Spain Italy Portugal Russia India Japan Canada Mexico "
    "Brazil Australia Egypt Greece Israel Europe Africa Asia London Paris Berlin Rome Madrid Moscow Washington "
    "Boston Chicago California"
)
_TITLES = ("Mr", "Mrs", "Ms", "Dr", "Mister")

_CAPITALISED = {
    word.lower(): word
    for word in (*_DAYS_AND_MONTHS.split(), *_LANGUAGES_AND_PEOPLES.split(), *_PLACES.split(), *_TITLES)
}
_TITLES_LOWER = frozenset(title.lower() for title in _TITLES)
_AFTER_TITLE_NO_NAME = frozenset({"and", "or"})
"""'Mr and Mrs Palmer': what follows a title without being the name."""


def capitalise(word: str) -> str:
    """First letter in upper case, the rest untouched (``str.capitalize`` would lower "McCoy")."""
    return word[:1].upper() + word[1:]


def sentence_case(words: list[str], language: str) -> list[str]:
    """The words of one sentence as they are written: first word capitalised, and in English names and "I" too. A word
    with a capital of its own ("iPhone", taught by a user) stays as it is."""
    if primary(language) == "en":
        words = _english(words)
    return [capitalise(word) if position == 0 and word.islower() else word for position, word in enumerate(words)]


def _english(words: list[str]) -> list[str]:
    previous = ["", *words]
    return [_english_word(word, before) for word, before in zip(words, previous, strict=False)]


def _english_word(word: str, before: str) -> str:
    stem, apostrophe, ending = word.partition("'")
    if stem == "i":
        stem = "I"
    elif stem in _CAPITALISED:
        stem = _CAPITALISED[stem]
    elif before in _TITLES_LOWER and stem not in _AFTER_TITLE_NO_NAME:
        stem = capitalise(stem)
    elif stem.endswith("."):
        # An abbreviation spelt with dots ("u.s.", "j.") is a letter sequence.
        stem = stem.upper() if _is_spelt(stem) else stem
    return stem + apostrophe + ending


def _is_spelt(word: str) -> bool:
    return word[1::2] == "." * (len(word) // 2) and word not in {"a.m.", "p.m.", "e.g.", "i.e."}
