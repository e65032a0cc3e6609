import io

import pytest
from rich.console import Console

from dragoman.cli.screen import Screen
from dragoman.core.errors import NoSpeech


def screen(*, out_is_terminal=False):
    out = Console(file=io.StringIO(), force_terminal=out_is_terminal, color_system=None, width=40)
    return Screen(out, Console(file=io.StringIO(), width=40))


def test_results_and_messages_do_not_mix():
    shown = screen()
    shown.result("result")
    shown.warning("mind [this]")
    shown.error(NoSpeech("silent"))
    assert shown.out.file.getvalue() == "result\n"
    assert shown.err.file.getvalue() == "warning: mind [this]\nerror: silent\n"


def test_lines_are_never_wrapped():
    shown = screen()
    shown.message("word " * 50)
    assert shown.err.file.getvalue().count("\n") == 1


@pytest.mark.parametrize("out_is_terminal", [True, False])
def test_what_moves_stands_below_the_results(out_is_terminal):
    shown = screen(out_is_terminal=out_is_terminal)
    assert shown.moving is (shown.out if out_is_terminal else shown.err)


def test_what_is_for_programs_is_left_alone():
    shown = screen(out_is_terminal=True)
    shown.machine('{"text": "[bold]' + "x" * 100 + '"}')
    assert shown.out.file.getvalue() == '{"text": "[bold]' + "x" * 100 + '"}\n'
