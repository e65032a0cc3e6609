"""What a section of docs/benchmarks.md is made of: tables, verdicts and the data of its plot."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Record = Mapping[str, Any]

NOTHING = "-"


@dataclass(frozen=True)
class Plot:
    data: Mapping[str, Any]
    rows: int
    """Bars or boxes, for its height."""


@dataclass(frozen=True)
class Findings:
    """What fills the placeholders of the prose, and the plot, where the record has what it needs."""

    values: Mapping[str, str]
    plot: Plot | None


def verdict(aim: str, *, met: bool, instead: str) -> str:
    return f"Target: {aim}. " + ("**Met.**" if met else f"**Missed:** {instead}.")


def table(head: Sequence[str], rows: Iterable[Sequence[Any]], *, column: str = "---:") -> str:
    """Markdown; ``column`` says to which side every column but the first is set, by default to the right."""
    lines = [head, ["---", *[column] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)
