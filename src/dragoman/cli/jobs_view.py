"""Batch jobs on a terminal: tables, and bars while one is uploaded and worked on."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table

from dragoman.cli import clock
from dragoman.cli.tables import plain_table


class JobBar:
    """How far one job is."""

    def __init__(self, bar: Progress, name: str) -> None:
        self._bar = bar
        self._task = bar.add_task(name, total=None, status="uploading")

    def uploaded(self, gone: int, size: int) -> None:
        """Called from the thread that reads the file."""
        self._bar.update(self._task, completed=gone, total=size)

    def working(self, job: dict[str, Any]) -> None:
        progress = job.get("progress") or {}  # other servers of this protocol do not tell
        self._bar.update(
            self._task,
            completed=progress.get("percent", 0),
            total=100 if progress else None,
            status=progress.get("stage", job["status"]),
        )


@contextmanager
def job_bar(console: Console, name: str) -> Iterator[JobBar]:
    """On a terminal; it is gone afterwards."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=None),
        TextColumn("{task.percentage:>3.0f}%", style="cyan"),
        TextColumn("{task.fields[status]}", style="dim", markup=False),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal, expand=True) as bar:
        yield JobBar(bar, name)


def jobs_table(jobs: Sequence[dict[str, Any]]) -> Table:
    table = plain_table("Job", "Status", "Recording", "Length", "Made", "Done", "Errors")
    for job in jobs:
        percent = (job.get("progress") or {}).get("percent")
        errors = "; ".join(error["message"] for error in job.get("errors", ()))
        made = job["created_at"][:16].replace("T", " ")
        done = "" if percent is None else f"{percent}%"
        length = clock.length(job.get("duration") or 0)
        table.add_row(job["id"], job["status"], job.get("data_name", ""), length, made, done, errors)
    return table
