"""What the user asks for, checked before any engine is loaded."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from dragoman.core.errors import InvalidOption
from dragoman.core.language import canonical

Channels = Literal["mix", "each"]


@dataclass(frozen=True, slots=True)
class Request:
    """``dragoman translate`` as asked for."""

    files: tuple[Path, ...]
    source: str
    """Canonical tag."""
    targets: tuple[str, ...]
    """Canonical tags, each once."""
    folder: Path | None
    """Where files go; None when none are wanted."""
    speech: bool = False
    subtitles: bool = False
    json: bool = False
    live: bool = False
    voices: tuple[tuple[str, str], ...] = ()
    channels: Channels = "mix"
    run_log: Path | None = None


def parse_languages(values: Iterable[str]) -> tuple[str, ...]:
    """``["es,fr", "pt"]`` to canonical tags, each once. Raises :class:`UnknownLanguage`."""
    tags = (part.strip() for value in values for part in value.split(","))
    return tuple(dict.fromkeys(canonical(tag) for tag in tags if tag))


def parse_voices(values: Iterable[str], targets: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """``["es=Diego"]`` to pairs of target and voice. Raises :class:`InvalidOption`."""
    voices: dict[str, str] = {}
    for value in values:
        tag, equals, voice = value.partition("=")
        if not (equals and tag.strip() and voice.strip()):
            raise InvalidOption(f"--voice {value!r} is not LANGUAGE=NAME", remedy="Write it like --voice es=NAME")
        target = canonical(tag)
        if target not in targets:
            raise InvalidOption(f"--voice names {target}, which is no target language", remedy=f"Add it: --to {target}")
        voices[target] = voice.strip()
    return tuple(voices.items())
