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
    the voices in the order of :attr:`SynthesizerInfo.voices`. Leaves out what has no language tag, such as Klingon."""
    identifiers: dict[str, str] = {}
    ranked: list[tuple[str, int, int, Voice]] = []
    for voice in listed:
        language = _language(voice["language"])
        if language is not None:
            name = voice["identifier"].rpartition("/")[2]
            identifiers[name] = voice["identifier"]
            ranked.append((language, voice["priority"], len(name), Voice(name, language)))
    real = [voice for *_, voice in sorted(ranked, key=lambda rank: rank[:3])]
    return identifiers, (*real, *_substitutes({voice.language for voice in real}, identifiers))


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
