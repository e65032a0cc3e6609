"""What of an Apertium installation can be used: mode files, and the language pairs and programs they name.

A mode file is one line of shell, ``program … | program … | …``, with ``$1`` and ``$2`` for options of the caller.
Named ``eng-spa.mode``, or ``cat-por_BR.mode`` for a variant of the target language.
"""

import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dragoman.core.errors import UnknownLanguage
from dragoman.core.language import canonical

MODES = Path("/usr/share/apertium/modes")

Pair = tuple[str, str]

_NAME = re.compile(r"(?P<source>[a-z]{2,3})-(?P<target>[a-z]{2,3}(_BR|_valencia)?)")
"""Whole name of a mode worth offering. Leaves out debug steps, bytecode twins, spelling reforms and
American spelling, which is served as plain English."""

_UNUSABLE = {
    "eng-hbs": "BLEU 1.6 into Croatian and 1.4 into Serbian: most words come out uninflected",
    "rus-ukr": "apertium-tagger of Debian 12 dies on it and nothing comes out",
    "ukr-rus": "as rus-ukr",
    "swe-isl": "Capitalises Most Words Of A Sentence",
}
"""Installed, and not offered, with the reason."""

_SOURCES = {"hbs": ("hr", "sr", "bs")}
"""Apertium's own name for what speakers, and BCP 47, call several languages."""

_BEFORE = {"hbs-eng": "Cyrl-Latn"}
"""Modes that only read Latin letters, and the mode that transliterates for them."""

_PREFERRED = ("en", "es", "ca")
"""Pairs between these languages come first, so that the road from English to French or Italian leads over Spanish:
over Catalan it is no better and two or three times slower."""


@dataclass(frozen=True, slots=True)
class Mode:
    """One direction of translation as Apertium runs it."""

    name: str
    commands: tuple[tuple[str, ...], ...]
    """One per stage, each set to flush its output when it reads NUL."""


def installed_modes(folder: Path = MODES) -> dict[Pair, Mode]:
    """The usable modes of ``folder`` by (source, target) in canonical tags, the preferred pairs first."""
    modes: dict[Pair, Mode] = {}
    for path in sorted(folder.glob("*.mode")):
        for pair in _pairs(path.stem):
            modes.setdefault(pair, Mode(path.stem, _commands(path)))
    programs = {command[0] for mode in modes.values() for command in mode.commands}
    missing = {program for program in programs if shutil.which(program) is None}
    return {
        pair: modes[pair]
        for pair in sorted(modes, key=_preference)
        if missing.isdisjoint(command[0] for command in modes[pair].commands)
    }


def _pairs(name: str) -> Iterator[Pair]:
    match = _NAME.fullmatch(name)
    if match is None or name.partition("_")[0] in _UNUSABLE:
        return
    try:
        target = canonical(match["target"].replace("_", "-"))
        for source in _SOURCES.get(match["source"], (match["source"],)):
            yield canonical(source), target
    except UnknownLanguage:  # a mode of somebody's own
        return


def _preference(pair: Pair) -> tuple[list[int], bool, Pair]:
    languages = [tag.partition("-")[0] for tag in pair]
    ranks = [_PREFERRED.index(tag) if tag in _PREFERRED else len(_PREFERRED) for tag in languages]
    is_variant = "-" in pair[1]
    return sorted(ranks), is_variant, pair


def _commands(path: Path) -> tuple[tuple[str, ...], ...]:
    before = _BEFORE.get(path.stem)
    first = _commands(path.with_stem(before)) if before else ()
    stages = path.read_text(encoding="utf-8").split("|")
    return first + tuple(_command(stage) for stage in stages)


def _command(stage: str) -> tuple[str, ...]:
    program, *arguments = shlex.split(stage)
    # $1 is how the generator treats words that it does not know; -n lets them pass unmarked. $2 shows tagger marks.
    filled = ["-n" if argument == "$1" else argument for argument in arguments if argument != "$2"]
    return (program, "-z", *filled)
