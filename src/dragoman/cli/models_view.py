"""Models as a table, and as JSON."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from rich.text import Text

from dragoman.cli.pulling import megabytes
from dragoman.cli.screen import Screen
from dragoman.cli.tables import plain_table
from dragoman.core.errors import ModelDamaged
from dragoman.engines import catalogue
from dragoman.engines.catalogue import store
from dragoman.engines.catalogue.entries import all_entries, find_entry
from dragoman.engines.catalogue.model import Model

State = Literal["installed", "damaged", "available", "on request"]
"""``on request``: its licence has to be accepted first."""

_SHOWN = 6
"""Languages that are named in the table; of more, only the number is given."""

_STYLES = {"installed": "green", "damaged": "bold red", "available": "dim", "on request": "yellow"}


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    state: State
    model: Model | None
    """None for a folder whose manifest cannot be read."""
    terms: str = ""


def rows(*, every: bool) -> list[Row]:
    """Installed models by name; with ``every`` those that can be had as well."""
    found = {name: _present(name) for name in store.present()}
    if every:
        for entry in all_entries():
            state: State = "on request" if entry.terms else "available"
            found.setdefault(entry.model.name, Row(entry.model.name, state, entry.model, entry.terms))
    return sorted(found.values(), key=lambda row: row.name)


def _present(name: str) -> Row:
    entry = find_entry(name)
    terms = entry.terms if entry is not None else ""
    try:
        return Row(name, "installed", store.locate(name).model, terms)
    except ModelDamaged:
        return Row(name, "damaged", entry.model if entry is not None else None, terms)


def show(found: Sequence[Row], screen: Screen, *, every: bool) -> None:
    if found:
        table = plain_table("Model", "", "Size", "Languages", "Quality", "Licence", unbroken=3)
        for row in found:
            state = Text(row.state, style=_STYLES[row.state])
            table.add_row(row.name, state, *(_cells(row.model) if row.model else ("", "", "", "")))
        screen.out.print(table)
    else:
        screen.result("No model is installed. The default ones: dragoman models pull --profile default")
    if not every:
        screen.result(Text(f"In {catalogue.models_folder()}", style="dim"))
        more = len(rows(every=True)) - len(found)
        screen.result(Text(f"{more} more can be had: dragoman models list --all", style="dim"))
    screen.result(Text("hibari and pico need none: their voices come in their packages.", style="dim"))


def _cells(model: Model) -> tuple[str, str, str, str]:
    return megabytes(model.size), _languages(model), _quality(model), model.licence


def _languages(model: Model) -> str:
    named = [f"{source} to {target}" for source, target in model.pairs] or list(model.languages)
    kind = "pairs" if model.pairs else "languages"
    return ", ".join(named) if len(named) <= _SHOWN else f"{len(named)} {kind}"


def _quality(model: Model) -> str:
    """The first figure with its test set, without which it cannot be compared; JSON has all of them."""
    if not model.figures:
        return "not measured"
    key, figure = next(iter(model.figures.items()))
    of = "" if model.pairs else f"{key} "
    more = f", {len(model.figures) - 1} more" if len(model.figures) > 1 else ""
    return f"{of}{figure.metric} {figure.value:g} ({figure.dataset}){more}"


def as_fields(row: Row) -> dict[str, Any]:
    """Everything that is known of it, for programs."""
    fields: dict[str, Any] = {"name": row.name, "state": row.state}
    if row.model is not None:
        fields |= asdict(row.model) | {"size": row.model.size, "engine": row.model.engine}
    if row.state == "installed":
        fields["folder"] = str(store.folder_of(row.name))
    return fields | {"terms": row.terms}
