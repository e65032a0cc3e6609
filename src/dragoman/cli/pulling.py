"""A pull as people see it: a bar per model on a terminal, a line per model elsewhere."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, SpinnerColumn, TextColumn, TransferSpeedColumn
from rich.table import Column

from dragoman.cli.interrupt import Interrupted
from dragoman.cli.screen import Screen
from dragoman.engines.catalogue.source import Entry


class PullProgress:
    """Shows what is being fetched, from where, and how far it is."""

    def __init__(self, bar: Progress, screen: Screen) -> None:
        self._bar = bar
        self._screen = screen
        self._task = bar.add_task("", total=None, source="", visible=False)

    def started(self, entry: Entry) -> None:
        self._bar.reset(self._task, description=entry.model.name, source="", total=None, visible=True)

    def waits(self, entry: Entry) -> None:
        self._screen.message(f"{entry.model.name}: another process is getting it; waiting for that")

    def trying(self, source: str, size: int) -> None:
        self._bar.reset(self._task, total=size, source=f"from {source}")

    def advanced(self, count: int) -> None:
        self._bar.advance(self._task, count)

    def installed(self, entry: Entry) -> None:
        self._bar.update(self._task, visible=False)
        self._screen.message(f"{entry.model.name}: installed, {megabytes(entry.model.size)}")


def megabytes(size: int) -> str:
    if size == 0:
        return "not stated"
    return f"{size / 1e6:.0f} MB" if size >= 1e6 else f"{size / 1e3:.0f} kB"


@contextmanager
def pull_progress(screen: Screen) -> Iterator[PullProgress]:
    """The bar stands below the messages, and is gone afterwards."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=None),
        DownloadColumn(table_column=Column(no_wrap=True)),
        TransferSpeedColumn(table_column=Column(no_wrap=True)),
        TextColumn("{task.fields[source]}", style="dim", markup=False),
    )
    console: Console = screen.err
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal, expand=True) as bar:
        yield PullProgress(bar, screen)


@contextmanager
def heeding_signals() -> Iterator[None]:
    """Turns SIGTERM and a closed terminal into :class:`Interrupted`, as Ctrl-C is one, so that programs that were
    started are ended and half a download is kept."""

    def interrupt(number: int, _frame: Any) -> NoReturn:
        raise Interrupted(number)

    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    heeded = [number for number, action in before.items() if action is not signal.SIG_IGN]
    for number in heeded:
        signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number in heeded:
            signal.signal(number, before[number])
