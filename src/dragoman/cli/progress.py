"""How far a recording is, how fast it goes and how long it will take, while it is being translated."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, ProgressColumn, SpinnerColumn, Task, TextColumn
from rich.progress import Progress as ProgressBar
from rich.text import Text

from dragoman.cli import clock
from dragoman.core.events import Event, Progress, RunEnded, RunStarted


class RunProgress:
    """A bar on a terminal, driven by the events of a run; nothing elsewhere."""

    def __init__(self, bar: ProgressBar, duration: float | None) -> None:
        """``duration`` is the recording's, in seconds, when it is known."""
        self._bar = bar
        self._task = bar.add_task("", total=None, status="loading the engines", start=False)
        self._duration = duration

    def show(self, event: Event) -> None:
        match event:
            case RunStarted():
                self._bar.start_task(self._task)
                self._bar.update(self._task, total=self._duration, status="")
            case Progress(time):
                self._bar.update(self._task, completed=time)
            case RunEnded(duration):
                self._bar.update(self._task, completed=duration, total=duration)


@contextmanager
def run_progress(console: Console, duration: float | None) -> Iterator[RunProgress]:
    """The bar stands below what ``console`` prints, and is gone afterwards."""
    columns = (
        SpinnerColumn(),
        BarColumn(bar_width=None),
        _Position(),
        _Speed(),
        _TimeLeft(),
        TextColumn("{task.fields[status]}", style="dim", markup=False),
    )
    # auto_refresh redraws from a thread ten times a second, also while no event comes
    bar = ProgressBar(*columns, console=console, transient=True, disable=not console.is_terminal, expand=True)
    with bar:
        yield RunProgress(bar, duration)


class _Position(ProgressColumn):
    def render(self, task: Task) -> Text:
        total = "?" if task.total is None else clock.length(task.total)
        return Text(f"{clock.length(task.completed)} / {total}", style="cyan")


class _Speed(ProgressColumn):
    """Seconds of recording per second of work."""

    def render(self, task: Task) -> Text:
        speed = _speed(task)
        return Text(f"{speed:.1f}x" if speed else "", style="bold green")


class _TimeLeft(ProgressColumn):
    def render(self, task: Task) -> Text:
        speed = _speed(task)
        if not speed or task.total is None:
            return Text("")
        return Text(f"{clock.length(max(task.total - task.completed, 0.0) / speed)} left", style="magenta")


def _speed(task: Task) -> float | None:
    elapsed = task.elapsed
    return task.completed / elapsed if elapsed and task.completed else None
