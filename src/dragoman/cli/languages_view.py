"""Languages on the terminal: an overview of all, and the details of one."""

from collections.abc import Iterable, Mapping, Sequence

from rich.table import Table
from rich.text import Text

from dragoman.cli.screen import Screen
from dragoman.cli.tables import plain_table
from dragoman.core.capabilities import Capabilities, Heard, Spoken, Translated
from dragoman.core.language import best_match, display_name


def show_overview(capabilities: Capabilities, screen: Screen) -> None:
    """Print a row per language of which something is known, the others in a paragraph, and how to get more.

    Most of the hundred languages that Whisper hears differ in nothing but their names, so they get no rows.
    """
    if not capabilities.heard:
        screen.result("No language can be heard. To see what is missing: dragoman doctor")
    else:
        _show_heard(capabilities, screen)
    _show_unheard(capabilities, screen)
    _show_aligned(capabilities, screen)
    _show_voices(capabilities, screen)
    _dim(screen, *_more(capabilities))


def show_language(capabilities: Capabilities, screen: Screen) -> None:
    """Print the targets of the one source language that ``capabilities`` holds, with routes, quality and voices."""
    pairs = capabilities.translated
    heard = next(iter(capabilities.heard), None)
    source = heard.language if heard else pairs[0].source
    spoken = {entry.language: entry for entry in capabilities.spoken}
    table = plain_table(
        "To", "", "Translated by", "Route", "Quality", "Spoken by", "Voices", title=_title(source, heard)
    )
    for pair in pairs:
        voice = spoken.get(best_match(pair.target, spoken) or "")
        table.add_row(
            pair.target,
            display_name(pair.target),
            ", ".join(dict.fromkeys(pair.engines)),
            route(pair),
            quality(pair),
            voice.engine if voice else Text("nobody", style="yellow"),
            str(len(voice.voices)) if voice else "",
        )
    screen.out.print(table)
    _show_aligned(capabilities, screen)
    _show_obtainable(capabilities, screen)


def _title(source: str, heard: Heard | None) -> str:
    name = f"{display_name(source)} ({source})"
    if heard is None:
        return f"{name}, which no engine can hear"
    live = ", also live" if heard.streaming else ""
    return f"{name}, heard by {heard.engine}{live}: {heard.figure or 'not measured'}"


def quality(pair: Translated) -> Text:
    """What was measured, or is to be expected; marked where pulling a model would help."""
    if pair.figure is not None:
        text = f"chrF {pair.figure.value:.1f}"
    elif pair.estimate is not None:
        text = f"chrF about {pair.estimate:.0f}"
    else:
        text = "not measured"
    return Text(f"{text} *" if pair.better else text)


def route(pair: Translated) -> Text:
    """The languages between, and whether the first engine translates the audio itself."""
    via = f"via {' and '.join(display_name(tag) for tag in pair.via)}" if pair.via else ""
    if pair.from_speech:
        return Text(f"from the audio, {via}" if via else "from the audio", style="yellow")
    return Text(via, style="yellow") if via else Text("direct", style="green")


def _show_heard(capabilities: Capabilities, screen: Screen) -> None:
    pairs = _by_source(capabilities.translated)
    spoken = {entry.language: entry for entry in capabilities.spoken}
    table = _narrow_table("Heard", "", "By", "Errors", "Live", "Targets", "Spoken by")
    alike: dict[str, list[Heard]] = {}
    for entry in capabilities.heard:
        own = pairs.get(entry.language, [])
        if entry.figure is None and own and all(pair.from_speech for pair in own):
            alike.setdefault(_heading(entry, own), []).append(entry)
        else:
            table.add_row(*_row(entry, own, spoken))
    if table.row_count:
        screen.out.print(table)
    for heading, entries in alike.items():
        names = ", ".join(f"{display_name(entry.language)} ({entry.language})" for entry in entries)
        screen.result(Text.assemble((f"{len(entries)} {heading}: ", "bold"), names))
        screen.result()
    tested = [f"{entry.language} {entry.figure.dataset}" for entry in capabilities.heard if entry.figure]
    if tested:
        _dim(screen, f"Errors (WER of words, CER of characters) on: {'; '.join(tested)}")
    if any(pair.from_speech for pair in capabilities.translated):
        _dim(
            screen,
            "Audio: the recognizer itself translates the speech into English, for lack of a text translator.",
        )


def _row(entry: Heard, pairs: Sequence[Translated], spoken: Mapping[str, Spoken]) -> tuple[str | Text, ...]:
    voice = spoken.get(best_match(entry.language, spoken) or "")
    return (
        entry.language,
        display_name(entry.language),
        entry.engine,
        f"{entry.figure.metric} {entry.figure.value:.3f}" if entry.figure else "not measured",
        "yes" if entry.streaming else "no",
        targets(pairs),
        voice.engine if voice else Text("nobody", style="yellow"),
    )


def _heading(entry: Heard, pairs: Sequence[Translated]) -> str:
    live = " (also live)" if entry.streaming else ""
    return f"heard by {entry.engine}{live}, not measured, {len(pairs)} target{'s' * (len(pairs) > 1)}, from the audio"


def _narrow_table(*headings: str) -> Table:
    """A table for terminals of 80 columns, where only the second column is wrapped."""
    table = plain_table(*headings, unbroken=len(headings))
    table.padding = (0, 1, 0, 0)
    table.columns[1].no_wrap = False
    return table


def targets(pairs: Sequence[Translated]) -> str:
    """How many targets a language has, and how many of them from the audio."""
    from_speech = sum(pair.from_speech for pair in pairs)
    return f"{len(pairs)} ({from_speech} audio)" if from_speech else str(len(pairs))


def _show_unheard(capabilities: Capabilities, screen: Screen) -> None:
    heard = [entry.language for entry in capabilities.heard]
    sources = _by_source(capabilities.translated)
    _list(screen, "Only as text", [tag for tag in sources if best_match(tag, heard) is None])


def _show_aligned(capabilities: Capabilities, screen: Screen) -> None:
    for entry in capabilities.aligned:
        screen.result(Text(f"Texts aligned by {entry.engine}: {display_name(entry.language)} ({entry.language})"))


def _show_voices(capabilities: Capabilities, screen: Screen) -> None:
    """Name the languages that have a voice, and are neither heard nor translated to."""
    known = {_primary(pair.target) for pair in capabilities.translated}
    known |= {_primary(entry.language) for entry in capabilities.heard}
    _list(screen, "Only spoken", sorted({_primary(entry.language) for entry in capabilities.spoken} - known))


def _list(screen: Screen, title: str, tags: Sequence[str]) -> None:
    if tags:
        _dim(screen, f"{title} ({len(tags)}): {', '.join(tags)}")


def _primary(tag: str) -> str:
    return tag.partition("-")[0]


def _by_source(pairs: Iterable[Translated]) -> dict[str, list[Translated]]:
    found: dict[str, list[Translated]] = {}
    for pair in pairs:
        found.setdefault(pair.source, []).append(pair)
    return found


def _more(capabilities: Capabilities) -> list[str]:
    """Lines on how to see more, and how to get more."""
    better = sum(bool(pair.better) for pair in capabilities.translated)
    sources = [entry.language for entry in capabilities.heard] or [pair.source for pair in capabilities.translated]
    example = "de" if "de" in sources else next(iter(sources), "en")
    lines = [f"Every target of a language, with route, quality and voice: dragoman languages {example}"]
    if better or capabilities.obtainable:
        more = len(capabilities.obtainable)
        lines.append(
            f"{better} pairs could be better and {more} added, such as: dragoman models pull --languages de,fr"
        )
    return lines


def _show_obtainable(capabilities: Capabilities, screen: Screen) -> None:
    """Print the commands that improve the pairs shown and add targets."""
    better = {model for pair in capabilities.translated for model in pair.better}
    more = capabilities.obtainable
    if better:
        _dim(screen, f"* better with: dragoman models pull {' '.join(sorted(better))}")
    if more:
        _dim(screen, f"{len(more)} more targets can be added: {', '.join(pair.target for pair in more)}")
        _dim(screen, f"such as: dragoman models pull {' '.join(more[0].models)}")


def _dim(screen: Screen, *lines: str) -> None:
    for line in lines:
        screen.result(Text(line, style="dim"))
