"""Ctrl-C, SIGTERM, kill -9 and a reader that went away."""

import fcntl
import os
import pty
import signal
import subprocess
import termios

import pytest
from tests.e2e.conftest import family, still_running
from tests.e2e.servers import PROGRAM, environment


@pytest.fixture
def at_work(start_dragoman, speech, tmp_path):
    """The program in the middle of a live run, with everything loaded, and its descendants."""

    def start():
        arguments = ["--live", "--to", "es", "--speech", "--subtitles", "--out", "out"]
        process = start_dragoman("translate", speech, *arguments, speech, speech, speech)
        assert process.stdout is not None
        assert "leisure" in process.stdout.readline()  # the first of four recordings is through
        children = family(process)
        assert len(children) > 3
        return process, children

    return start


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_everything(at_work, tmp_path, number, code):
    process, children = at_work()
    process.send_signal(number)
    _, err = process.communicate(timeout=10)
    assert process.returncode == code
    assert err.splitlines()[-1] == "Interrupted"
    assert still_running(children) == []
    assert list(tmp_path.rglob("*.part")) == []


def test_ctrl_c_typed_at_a_terminal(speech, tmp_path):
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [PROGRAM, "translate", *[speech] * 4, "--live", "--to", "es", "--out", "out"],
        cwd=tmp_path,
        env=environment() | {"TERM": "xterm", "COLUMNS": "200"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509  a system call, and no threads
    )
    os.close(theirs)
    try:
        shown = read_screen(ours, until=b"leisure")
        assert b"loading the engines" in shown
        os.write(ours, b"\x03")
        shown += read_screen(ours)
        assert process.wait(timeout=10) == 130
    finally:
        process.kill()
        os.close(ours)
    assert b"Interrupted" in shown
    assert shown.rindex(b"\x1b[?25h") > shown.rindex(b"\x1b[?25l"), "the cursor is still hidden"
    assert list(tmp_path.rglob("*.part")) == []


def read_screen(terminal: int, until: bytes | None = None) -> bytes:
    """What a program draws until it draws ``until``, or ends."""
    shown = b""
    while until is None or until not in shown:
        try:
            piece = os.read(terminal, 1 << 16)
        except OSError:  # what Linux says when the other end is closed
            break
        if not piece:
            break
        shown += piece
    return shown


def test_a_signal_before_the_work_has_begun(start_dragoman, speech, tmp_path):
    process = start_dragoman("translate", speech, "--to", "es", "--out", "out")
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=10)
    assert process.returncode in (130, -signal.SIGINT)  # the latter while Python itself still starts
    assert process.returncode != 130 or "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def test_children_end_with_a_parent_that_is_killed(at_work):
    process, children = at_work()
    process.kill()
    process.wait()
    assert still_running(children) == []


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_reader_that_goes_away_is_no_error(speech, tmp_path, options):
    program = f"exec {PROGRAM} translate {speech} {' '.join(options)} | true"
    ended = subprocess.run(
        ["bash", "-c", f"{program}; exit ${{PIPESTATUS[0]}}"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 141
    assert "rror" not in ended.stderr
