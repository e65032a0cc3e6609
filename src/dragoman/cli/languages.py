"""``dragoman languages``"""

import json
from dataclasses import asdict, replace
from typing import Annotated

import typer

from dragoman.cli.edge import run_command
from dragoman.cli.languages_view import show_language, show_overview
from dragoman.cli.screen import Screen
from dragoman.core.capabilities import Capabilities
from dragoman.core.errors import InvalidOption, UnsupportedLanguage
from dragoman.core.language import best_match, canonical, display_name, same_language
from dragoman.engines import routing


def languages(
    language: Annotated[
        str | None, typer.Argument(metavar="[LANGUAGE]", help="Show everything about this source language.")
    ] = None,
    *,
    source: Annotated[
        str | None, typer.Option("--from", metavar="LANGUAGE", help="Another way to write the argument.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with every pair and voice.")] = False,
) -> None:
    r"""List the languages that can be heard, translated to, spoken and aligned, and how well.

    \b
      dragoman languages         an overview
      dragoman languages de      every target of German, its route, quality and voice
    """
    screen = Screen()

    async def work() -> int:
        wanted = _wanted(language, source)
        capabilities = routing.capabilities(routing.survey())
        if wanted is not None:
            capabilities = only_from(capabilities, wanted)
        if as_json:
            screen.machine(json.dumps(asdict(capabilities), ensure_ascii=False, indent=2))
        elif wanted is not None:
            show_language(capabilities, screen)
        else:
            show_overview(capabilities, screen)
        return 0

    run_command(work, screen, as_json=as_json)


def _wanted(argument: str | None, option: str | None) -> str | None:
    """Return the tag of the language that is asked for. Raises InvalidOption when two are."""
    named = {canonical(each) for each in (argument, option) if each is not None}
    if len(named) > 1:
        raise InvalidOption(
            f"Two languages are named: {', '.join(sorted(named))}", remedy="Name one, or none for an overview"
        )
    return next(iter(named), None)


def only_from(capabilities: Capabilities, source: str) -> Capabilities:
    """What can be done with one source language. Raises :class:`UnsupportedLanguage` when that is nothing."""
    heard = best_match(source, [entry.language for entry in capabilities.heard])
    translated = best_match(source, {pair.source for pair in capabilities.translated})
    if heard is None and translated is None:
        possible = sorted({entry.language for entry in capabilities.heard})
        raise UnsupportedLanguage(
            f"{display_name(source)} ({source}) can be neither heard nor translated by what is installed",
            remedy=f"Can be heard: {', '.join(possible) or 'none'}",
        )
    return replace(
        capabilities,
        heard=tuple(entry for entry in capabilities.heard if entry.language == heard),
        translated=tuple(pair for pair in capabilities.translated if pair.source == translated),
        obtainable=tuple(pair for pair in capabilities.obtainable if same_language(pair.source, source)),
        aligned=tuple(entry for entry in capabilities.aligned if same_language(entry.language, source)),
    )
