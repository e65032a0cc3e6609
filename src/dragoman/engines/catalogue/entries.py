"""The built-in catalogue: TOML files beside this module, one per engine, read when first asked for."""

import tomllib
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any, Final

from pydantic import TypeAdapter

from dragoman.core.errors import ModelUnknown
from dragoman.engines.catalogue.source import Entry

_DATA: Final = files("dragoman.engines.catalogue") / "data"


@cache
def _entry_adapter() -> TypeAdapter[Entry]:
    return TypeAdapter(Entry)


@cache
def engines() -> tuple[str, ...]:
    """Names of the engines that have models in the catalogue."""
    names = (file.name for file in _DATA.iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


@cache
def entries(engine: str) -> dict[str, Entry]:
    """Entries of one engine by the name of the model; none for an engine that has no file here."""
    if engine not in engines():
        return {}
    data = tomllib.loads((_DATA / f"{engine}.toml").read_text(encoding="utf-8"))
    parsed = (_parse(entry) for entry in data["model"])
    return {entry.model.name: entry for entry in parsed}


def _parse(data: dict[str, Any]) -> Entry:
    """Sources and terms stand beside the other fields in the file; what is left describes the model."""
    sources = data.pop("sources", ())
    terms = data.pop("terms", "")
    return _entry_adapter().validate_python({"model": data, "sources": sources, "terms": terms})


def all_entries() -> tuple[Entry, ...]:
    return tuple(entry for engine in engines() for entry in entries(engine).values())


def find_entry(name: str) -> Entry | None:
    return entries(name.partition(":")[0]).get(name)


def entry(name: str) -> Entry:
    """Raises :class:`ModelUnknown`, which names similar ones."""
    if (found := find_entry(name)) is not None:
        return found
    names = [known.model.name for known in all_entries()]
    similar = get_close_matches(name, names, n=3, cutoff=0.5)
    raise ModelUnknown(
        f"The catalogue has no model {name!r}",
        remedy=f"Did you mean {', '.join(similar)}?" if similar else "List all with: dragoman models list --all",
    )
