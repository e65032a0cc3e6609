"""The transcript and its translations on standard output, sentence by sentence."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from dragoman.cli import clock
from dragoman.cli.rows import Row
from dragoman.core.language import display_name

_GAP = 2
"""Blank columns between two columns of text."""

_NARROWEST = 28
"""Columns that a language needs to stand beside another; on narrower terminals they stand below each other."""

_TIME = 8


class TranscriptView:
    """Prints rows as they come: side by side where a terminal is wide enough, else one below the other; into a file
    or a pipe without any wrapping."""

    def __init__(self, console: Console, source: str, targets: Sequence[str]) -> None:
        self._console = console
        self._languages = (source, *targets)
        self._targets = targets
        self._column = column_width(console.width, len(self._languages)) if console.is_terminal else None
        self._headed = False

    def show(self, row: Row) -> None:
        if self._column is None:
            self._stack(row)
            return
        if not self._headed:
            self._headed = True
            names = [Text(display_name(tag), style="bold") for tag in self._languages]
            self._beside(Text("Time", style="bold"), names)
            self._beside(Text("─" * _TIME), [Text("─" * self._column) for _ in names], style="dim")
        translations = [Text(row.translations.get(tag, "—"), style="cyan") for tag in self._targets]
        time = Text(clock.position(row.sentence.start_time), style="dim")
        self._beside(time, [Text(row.sentence.text), *translations])

    def _beside(self, time: Text, cells: Sequence[Text], style: str = "") -> None:
        grid = Table.grid(padding=(0, _GAP, 0, 0))
        grid.add_column(width=_TIME, justify="right")
        for _ in cells:
            grid.add_column(width=self._column)
        grid.add_row(time, *cells, style=style)
        self._console.print(grid)

    def _stack(self, row: Row) -> None:
        time = clock.position(row.sentence.start_time)
        self._line(Text.assemble((f"[{time}] ", "dim"), row.sentence.text))
        for tag in self._targets:
            text = row.translations.get(tag, "—")
            self._line(Text.assemble(" " * (len(time) - len(tag) + 2), (f"{tag} ", "dim"), (text, "cyan")))

    def _line(self, text: Text) -> None:
        self._console.print(text, soft_wrap=not self._console.is_terminal)


def column_width(width: int, languages: int) -> int | None:
    """Columns for each language on a terminal of ``width``; None when they do not fit beside each other."""
    column = (width - _TIME - _GAP * (languages + 1)) // languages
    return column if column >= _NARROWEST else None
