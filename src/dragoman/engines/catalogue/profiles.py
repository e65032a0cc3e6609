"""Sets of models that are pulled by one name."""

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Final

from dragoman.core.errors import ModelUnknown
from dragoman.core.language import same_language
from dragoman.engines.catalogue.entries import all_entries, entry
from dragoman.engines.catalogue.source import Archive, Entry, Packages

_VOICE: Final = 63_000_000
"""Bytes, about, of the files whose size is not known."""


@cache
def profiles() -> Mapping[str, tuple[str, ...]]:
    """Per profile: names or patterns of names."""
    text = (files("dragoman.engines.catalogue") / "profiles.toml").read_text(encoding="utf-8")
    return {name: tuple(profile["models"]) for name, profile in tomllib.loads(text).items()}


def profile(name: str) -> tuple[Entry, ...]:
    """Its models. Raises :class:`ModelUnknown` naming the profiles that there are."""
    if name not in profiles():
        raise ModelUnknown(f"There is no profile {name!r}", remedy=f"Use one of: {', '.join(profiles())}")
    return tuple(entry(model) for model in profiles()[name])


def translating(languages: Iterable[str]) -> tuple[Entry, ...]:
    """Permissive models that translate between these canonical tags and English, one for each direction."""
    wanted = {*languages, "en"}
    found: dict[tuple[str, str], Entry] = {}
    for candidate in all_entries():
        for source, target in candidate.model.pairs:
            if not candidate.terms and _among(source, wanted) and _among(target, wanted):
                found.setdefault((source, target), candidate)
    return tuple({each.model.name: each for each in found.values()}.values())


def _among(tag: str, wanted: Iterable[str]) -> bool:
    return any(same_language(tag, other) for other in wanted)


def download_size(entries: Iterable[Entry]) -> int:
    """Bytes that pulling them fetches, from the first source of each; an archive that several share is fetched once."""
    fetched: dict[str, int] = {}
    for wanted in entries:
        match wanted.sources[:1]:
            case (Packages() as source,):
                fetched[repr(sorted(source.versions.items()))] = source.download
            case (Archive() as source,):
                fetched[source.url] = source.download
            case _:
                fetched[wanted.model.name] = sum(file.size or _VOICE for file in wanted.model.files)
    return sum(fetched.values())
