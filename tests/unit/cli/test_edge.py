import io
import json

import pytest
import typer
from rich.console import Console

from dragoman.cli.edge import run_command
from dragoman.cli.screen import Screen
from dragoman.core.errors import DiskFull, DragomanError


@pytest.fixture
def screen():
    return Screen(Console(file=io.StringIO()), Console(file=io.StringIO(), width=200))


def ended(work, screen, **options):
    with pytest.raises(typer.Exit) as end:
        run_command(work, screen, **options)
    return end.value.exit_code


def failing(error):
    async def work():
        raise error

    return work


def test_a_command_answers_with_its_exit_code(screen):
    async def work():
        return 7

    assert ended(work, screen) == 7


def test_an_error_is_a_line_and_a_line_of_remedy(screen):
    assert ended(failing(DiskFull("[no] room", remedy="Make [bold]some")), screen) == 22
    assert screen.err.file.getvalue() == "error: [no] room\n  Make [bold]some\n"


def test_an_error_for_programs(screen, capsys):
    assert ended(failing(DiskFull("¡no!", remedy="Do")), screen, as_json=True) == 22
    line = capsys.readouterr().err
    assert json.loads(line)["error"] == {"code": "disk_full", "message": "¡no!", "remedy": "Do", "retryable": False}
    assert line.count("\n") == 1


def test_a_bug_shows_its_insides_only_when_asked(screen, capsys, monkeypatch):
    monkeypatch.delenv("DRAGOMAN_DEBUG", raising=False)
    assert ended(failing(ZeroDivisionError("oh")), screen) == 70
    assert "internal error: ZeroDivisionError: oh" in screen.err.file.getvalue()
    assert capsys.readouterr().err == ""
    monkeypatch.setenv("DRAGOMAN_DEBUG", "1")
    assert ended(failing(ZeroDivisionError("oh")), screen) == 70
    assert "Traceback" in capsys.readouterr().err


def test_ctrl_c_before_the_work_begins_is_quiet(screen):
    assert ended(failing(KeyboardInterrupt()), screen) == 130
    assert screen.err.file.getvalue() == "Interrupted\n"


def test_an_error_of_the_base_class_has_a_code_too(screen):
    assert ended(failing(DragomanError("hm")), screen) == 1
