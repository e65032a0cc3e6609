"""The edge of the program: whatever ends a command becomes a line or JSON, and an exit code."""

import json
import os
import signal
import sys
import traceback
from collections.abc import Awaitable, Callable
from functools import partial

import anyio
import typer

from dragoman.cli.exit_codes import BROKEN_PIPE, INTERNAL_ERROR, SIGNAL, exit_code
from dragoman.cli.interrupt import Interrupted, until_interrupted
from dragoman.cli.screen import Screen
from dragoman.core.errors import DragomanError, InternalError

_DEBUG = "DRAGOMAN_DEBUG"
"""Environment variable; when set, a bug of ours shows its traceback."""


def run_command(work: Callable[[], Awaitable[int]], screen: Screen, *, as_json: bool = False) -> None:
    """Runs a command, which answers with its exit code, and ends the program."""
    run_blocking(lambda: anyio.run(partial(until_interrupted, work)), screen, as_json=as_json)


def run_blocking(work: Callable[[], int], screen: Screen, *, as_json: bool = False) -> None:
    """The same for one that brings its own event loop and sees to signals itself."""
    try:
        code = work()
        sys.stdout.flush()
    except DragomanError as error:
        report(error, screen, as_json=as_json)
        code = exit_code(error)
    except Interrupted as interrupted:
        screen.message("Interrupted")
        code = SIGNAL + interrupted.number
    except KeyboardInterrupt:  # before or after the work itself
        screen.message("Interrupted")
        code = SIGNAL + signal.SIGINT
    except BrokenPipeError:
        code = _leave_pipe()
    except Exception as error:  # noqa: BLE001  the last fence: a bug must not show its insides
        if os.environ.get(_DEBUG):
            traceback.print_exc()
        report(_internal(error), screen, as_json=as_json)
        code = INTERNAL_ERROR
    raise typer.Exit(code)


def report(error: DragomanError, screen: Screen, *, as_json: bool = False) -> None:
    """One line of text and one of remedy, or one line of JSON, on standard error."""
    if not as_json:
        screen.error(error)
        return
    fields = {"code": error.code, "message": error.message, "remedy": error.remedy, "retryable": error.retryable}
    print(json.dumps({"error": fields}, ensure_ascii=False), file=sys.stderr)


def _internal(error: Exception) -> DragomanError:
    return InternalError(
        f"internal error: {type(error).__name__}: {error}",
        remedy=f"Please report it, with what {_DEBUG}=1 shows when you run the same again",
    )


def _leave_pipe() -> int:
    """Standard output goes nowhere from here on, so that the interpreter's own flush at exit has no complaint."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return BROKEN_PIPE
