"""``dragoman languages``"""

import json
from collections.abc import Iterable
from dataclasses import asdict, replace
from typing import Annotated

import typer
from rich.text import Text

from dragoman.cli.edge import run_command
from dragoman.cli.screen import Screen
from dragoman.cli.tables import plain_table
from dragoman.core.capabilities import Capabilities, Heard, Spoken, Translated
from dragoman.core.errors import UnsupportedLanguage
from dragoman.core.language import best_match, canonical, display_name, same_language
from dragoman.engines import routing


def languages(
    source: Annotated[
        str | None, typer.Option("--from", metavar="LANGUAGE", help="Only what can be done with this language.")
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with every pair and voice.")] = False,
) -> None:
    """List the languages that can be heard, translated to, spoken and aligned, and by which engine."""
    screen = Screen()

    async def work() -> int:
        capabilities = routing.capabilities(routing.survey())
        if source is not None:
            capabilities = only_from(capabilities, canonical(source))
        if as_json:
            screen.machine(json.dumps(asdict(capabilities), ensure_ascii=False, indent=2))
        else:
            _show(capabilities, screen)
        return 0

    run_command(work, screen, as_json=as_json)


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


def _show(capabilities: Capabilities, screen: Screen) -> None:
    """A table per language that can be heard, or else translated; then what can only be spoken."""
    heard = {entry.language: entry for entry in capabilities.heard}
    sources = list(heard) or sorted({pair.source for pair in capabilities.translated})
    spoken = {entry.language: entry for entry in capabilities.spoken}
    for source in sources:
        _show_source(source, heard.get(source), capabilities.translated, spoken, screen)
        _show_obtainable(source, capabilities, screen)
    if not sources:
        screen.result("No language can be heard or translated. See what is missing with: dragoman doctor")
    for entry in capabilities.aligned:
        screen.result(Text(f"Texts aligned by {entry.engine}: {display_name(entry.language)} ({entry.language})"))
    targets = {pair.target for pair in capabilities.translated if pair.source in sources}
    others = {_primary(tag) for tag in spoken} - {_primary(tag) for tag in targets}
    if others:
        screen.result(Text(f"Voices for {len(others)} more languages: {', '.join(sorted(others))}", style="dim"))


def _primary(tag: str) -> str:
    return tag.partition("-")[0]


def _show_source(
    source: str, heard: Heard | None, pairs: Iterable[Translated], spoken: dict[str, Spoken], screen: Screen
) -> None:
    if heard is None:
        title = f"{display_name(source)} ({source}), which no engine can hear"
    else:
        title = f"{display_name(source)} ({source}), heard by {heard.engine}{', also live' if heard.streaming else ''}"
    table = plain_table("To", "", "Translated by", "Route", "Quality", "Spoken by", "Voices", title=title)
    for pair in pairs:
        if pair.source == source:
            voice = spoken.get(best_match(pair.target, spoken) or "")
            table.add_row(
                pair.target,
                display_name(pair.target),
                ", ".join(dict.fromkeys(pair.engines)),
                _route(pair),
                _quality(pair),
                voice.engine if voice else Text("nobody", style="yellow"),
                str(len(voice.voices)) if voice else "",
            )
    screen.out.print(table)


def _quality(pair: Translated) -> Text:
    """What was measured, or is to be expected; marked where pulling a model would help."""
    if pair.figure is not None:
        text = f"chrF {pair.figure.value:.1f}"
    elif pair.estimate is not None:
        text = f"chrF about {pair.estimate:.0f}"
    else:
        text = "not measured"
    return Text(f"{text} *" if pair.better else text)


def _show_obtainable(source: str, capabilities: Capabilities, screen: Screen) -> None:
    """How to get more languages, and better ones."""
    better = {model for pair in capabilities.translated if pair.source == source for model in pair.better}
    more = [pair for pair in capabilities.obtainable if pair.source == source]
    if better:
        screen.result(Text(f"* better with: dragoman models pull {' '.join(sorted(better))}", style="dim"))
    if more:
        screen.result(Text(f"{len(more)} more to be had: {', '.join(pair.target for pair in more)}", style="dim"))
        screen.result(Text(f"such as: dragoman models pull --languages {more[0].target}", style="dim"))


def _route(pair: Translated) -> Text:
    if not pair.via:
        return Text("direct", style="green")
    return Text(f"via {' and '.join(display_name(tag) for tag in pair.via)}", style="yellow")
