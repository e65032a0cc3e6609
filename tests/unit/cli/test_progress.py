import io

import pytest
from rich.console import Console
from rich.progress import Task

from dragoman.cli.progress import run_progress
from dragoman.core.events import Progress, RunEnded, RunStarted


def console(*, terminal):
    return Console(file=io.StringIO(), width=100, force_terminal=terminal, color_system=None)


@pytest.mark.parametrize("duration", [90.0, None])
def test_a_bar_follows_the_run_and_goes_away(duration):
    shown = console(terminal=True)
    with run_progress(shown, duration) as progress:
        for event in (RunStarted("en", ("x",)), Progress(30.0), Progress(60.0), RunEnded(90.0)):
            progress.show(event)
    drawn = shown.file.getvalue()
    assert "loading the engines" in drawn
    assert "1:30 / 1:30" in drawn
    assert "x" in drawn
    assert drawn.endswith("\x1b[2K")


def test_nothing_is_drawn_where_nobody_looks():
    shown = console(terminal=False)
    with run_progress(shown, 90.0) as progress:
        progress.show(RunStarted("en", ("x",)))
        progress.show(RunEnded(90.0))
    assert shown.file.getvalue().strip() == ""


def test_speed_and_time_left():
    from dragoman.cli.progress import _Speed, _TimeLeft

    now = [0.0]
    task = Task(0, "", 120.0, 60.0, _get_time=lambda: now[0])
    task.start_time = 0.0
    now[0] = 5.0
    assert _Speed().render(task).plain == "12.0x"
    assert _TimeLeft().render(task).plain == "0:05 left"
    task.completed = 0.0
    assert _Speed().render(task).plain == ""
    assert _TimeLeft().render(task).plain == ""
