"""Language tags: what users and engines write, brought to one canonical BCP 47 tag.

Users write ``es-MX``, ``zh``, ``cmn``, ``no``, ``nb``, ``spa``; engines use ISO 639-1, ISO 639-3 or their own.
Inside, a language is its shortest canonical BCP 47 tag (``es-MX``, ``zh``, ``nb``, ``es``). Faces echo the tag that
the user wrote.
"""

import reprlib
from collections.abc import Collection
from functools import lru_cache

import langcodes
from langcodes.tag_parser import LanguageTagError

from dragoman.core.errors import UnknownLanguage

_CANONICAL = {"cmn": "zh", "no": "nb"}
"""What langcodes keeps apart and every engine here treats as one."""

_NOT_ONE_LANGUAGE = frozenset({"mis", "mul", "und", "x", "zxx"})
"""Valid as tags: uncoded, several, undetermined, private, none at all."""

_SAME_LANGUAGE = 10
"""CLDR distance up to which speakers of one tag are served by another of the same language: es-MX by es (5), not zh-TW
by zh (54). CLDR also counts languages as near whose speakers merely know the other (lb and de are 8 apart), so the
primary subtags must be equal as well."""

_NO_SPACES = frozenset({"zh", "yue", "ja", "th", "lo", "km", "my", "bo"})
"""Primary tags of languages that part words by nothing."""

_RIGHT_TO_LEFT = frozenset({"Adlm", "Arab", "Hebr", "Mand", "Nkoo", "Rohg", "Samr", "Syrc", "Thaa"})
"""Scripts (ISO 15924) of living languages that run from right to left."""


def canonical(tag: str) -> str:
    """The tag as used inside. Raises :class:`UnknownLanguage` naming the value."""
    try:
        language = langcodes.Language.get(tag.strip())
    except (LanguageTagError, AttributeError):
        language = None
    primary, *rest = language.to_tag().split("-") if language and language.is_valid() else ["und"]
    if primary in _NOT_ONE_LANGUAGE:
        raise UnknownLanguage(
            f"{reprlib.repr(tag)} is not a language code", remedy="Use a BCP 47 code such as en, es, pt-BR or zh"
        )
    return "-".join([_CANONICAL.get(primary, primary), *rest])


def best_match(tag: str, available: Collection[str]) -> str | None:
    """The tag among ``available`` (canonical) that serves ``tag`` (canonical), or None when none does."""
    if tag in available:
        return tag
    candidates = sorted(other for other in available if _primary(other) == _primary(tag))
    match, distance = langcodes.closest_match(tag, candidates, max_distance=_SAME_LANGUAGE)
    return match if distance <= _SAME_LANGUAGE else None


@lru_cache(maxsize=4096)  # each session that starts is compared with every voice of an engine
def same_language(one: str, other: str) -> bool:
    """Whether two canonical tags name one language, whatever the region."""
    return best_match(one, [other]) is not None


def display_name(tag: str) -> str:
    """English name of a canonical tag, for people."""
    return langcodes.Language.get(tag).display_name()


def word_delimiter(tag: str) -> str:
    """What stands between two words of a canonical tag: a space, or nothing."""
    return "" if _primary(tag) in _NO_SPACES else " "


@lru_cache(maxsize=512)  # more than the languages of any engine; a live session asks with every message
def is_right_to_left(tag: str) -> bool:
    """Whether a canonical tag is written from right to left, in its usual script unless it names another."""
    return langcodes.Language.get(tag).maximize().script in _RIGHT_TO_LEFT


def _primary(tag: str) -> str:
    return tag.partition("-")[0]
