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

_UNKNOWN = 36_000.0
"""Seconds that a recording of unknown duration is taken to last."""


class TranscriptView:
    """Prints rows as they come: languages side by side where a terminal is wide enough, else one below the other;
    without any wrapping into a file or a pipe."""

    def __init__(self, console: Console, source: str, targets: Sequence[str], duration: float | None = None) -> None:
        """``duration`` of the recording in seconds, if it is known: the longer, the wider its times."""
        self._console = console
        self._languages = (source, *targets)
        self._targets = targets
        self._label = len(clock.position(_UNKNOWN if duration is None else duration))
        fitting = column_width(console.width - self._label, len(self._languages))
        self._column = fitting if console.is_terminal else None
        if self._column is None:
            self._label = max(self._label, *(len(tag) for tag in self._languages))
        self._headed = False

    def show(self, row: Row) -> None:
        time = clock.position(row.sentence.start_time)
        texts = [Text(row.sentence.text), *(Text(row.translations.get(tag, "—"), "cyan") for tag in self._targets)]
        if self._column is not None:
            if not self._headed:
                self._head(self._column)
            self._print_cells([(Text(time, "dim"), *texts)], self._column)
        elif self._console.is_terminal:
            labels = [Text(label, "dim") for label in (time, *self._targets)]
            self._print_cells(list(zip(labels, texts, strict=True)), None)
        else:
            labels = [Text(label.rjust(self._label)) for label in (time, *self._targets)]
            for label, text in zip(labels, texts, strict=True):
                self._console.print(Text.assemble(label, " " * _GAP, text), soft_wrap=True)

    def _head(self, column: int) -> None:
        self._headed = True
        names = [Text(display_name(tag), "bold") for tag in self._languages]
        rules = [Text("─" * column, "dim") for _ in names]
        self._print_cells([(Text("Time", "bold"), *names), (Text("─" * self._label, "dim"), *rules)], column)

    def _print_cells(self, rows: Sequence[Sequence[Text]], column: int | None) -> None:
        grid = Table.grid(padding=(0, _GAP, 0, 0))
        grid.add_column(width=self._label, justify="right")
        for _ in rows[0][1:]:
            grid.add_column(width=column)
        for row in rows:
            grid.add_row(*row)
        self._console.print(grid)


def column_width(width: int, languages: int) -> int | None:
    """Columns for each language beside each other on ``width`` columns; None when they do not fit."""
    column = (width - _GAP * (languages + 1)) // languages
    return column if column >= _NARROWEST else None
