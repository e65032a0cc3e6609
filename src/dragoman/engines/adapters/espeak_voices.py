"""Which of espeak's voices speaks which language."""

from collections.abc import Iterable, Mapping
from typing import TypedDict

from dragoman.core.errors import UnknownLanguage
from dragoman.core.language import canonical
from dragoman.engines.tts import Voice

SUBSTITUTES = {"gl": "es", "nn": "nb"}
"""Languages without a voice, and the voice that reads them best: Galician is spelled much like Spanish (Portuguese,
closer by blood, would stumble over ñ and ll), Nynorsk is pronounced from the same letters as Bokmål. Last resorts:
they come after every real voice."""

_UNREADABLE = {"ja", "zh", "yue", "hak"}
"""Primary tags of languages that espeak-ng lists and cannot read. It speaks each kanji as the English words "Chinese
letter", and Debian's 1.51 spells Chinese tones out in English. Captions without speech are better than that."""


class ListedVoice(TypedDict):
    """A voice as espeak lists it."""

    name: str
    identifier: str
    """Path of the voice's file, ``gmw/en-US``."""
    language: str
    priority: int
    """Lower is preferred."""


def listed_voices(listed: Iterable[ListedVoice]) -> tuple[dict[str, str], tuple[Voice, ...]]:
    """Two things: espeak's identifier of each voice by its name here, which is the last part of the identifier; and
    the voices in the order of :attr:`SynthesizerInfo.voices`. Leaves out what has no language tag, such as Klingon, and
    languages in ``_UNREADABLE``."""
    identifiers: dict[str, str] = {}
    ranked: list[tuple[str, int, int, Voice]] = []
    for voice in listed:
        language = _language(voice["language"])
        if language is not None and language.partition("-")[0] not in _UNREADABLE:
            name = voice["identifier"].rpartition("/")[2]
            identifiers[name] = voice["identifier"]
            ranked.append((language, voice["priority"], len(name), Voice(name, language)))
    real = [voice for *_, voice in sorted(ranked, key=lambda rank: rank[:3])]
    return identifiers, (*real, *_substitutes({voice.language for voice in real}, identifiers))


def identifiers_by_tag(listed: Iterable[ListedVoice]) -> dict[str, str]:
    """Identifier of the preferred voice for each tag that it lists, in lower case: ``en-us``, ``pt-br``."""
    found: dict[str, str] = {}
    for voice in sorted(listed, key=lambda voice: voice["priority"]):
        if voice["language"].partition("-")[0] not in {*_UNREADABLE, "cmn"}:
            found.setdefault(voice["language"].lower(), voice["identifier"])
    return found


def _substitutes(spoken: set[str], identifiers: Mapping[str, str]) -> Iterable[Voice]:
    for language, name in SUBSTITUTES.items():
        if language not in spoken and name in identifiers:
            yield Voice(name, language)


def _language(tag: str) -> str | None:
    """The longest beginning of ``tag`` that is a language: en-US for en-us-nyc, none for piqd."""
    while tag:
        try:
            return canonical(tag)
        except UnknownLanguage:
            tag = tag.rpartition("-")[0]
    return None
