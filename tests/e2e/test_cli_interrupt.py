"""Ctrl-C, SIGTERM, kill -9 and a reader that went away."""

import signal
import subprocess

import pytest
from tests.e2e.conftest import PROGRAM, environment, family, still_running


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
