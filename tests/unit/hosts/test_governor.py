"""Places, what they are counted from, and the CPU time of a family of processes."""

import subprocess
import sys

import pytest

from dragoman.core.errors import AtCapacity
from dragoman.hosts.governor import Governor, capacity, cpu_seconds


def test_so_many_and_no_more():
    governor = Governor(2)
    with governor.admitted(), governor.admitted():
        with pytest.raises(AtCapacity, match="2 live sessions"), governor.admitted():
            pass
        assert governor.running == 2
    with pytest.raises(KeyError), governor.admitted():
        raise KeyError
    assert governor.running == 0


@pytest.mark.parametrize(("cores", "cost", "places"), [(2, 0.19, 7), (1, 0.19, 3), (2, 5.0, 1), (64, 0.11, 407)])
def test_a_margin_is_kept_and_one_session_is_always_carried(cores, cost, places):
    assert capacity(cores, cost) == places


def test_a_child_at_work_counts():
    spin = (
        "import time; e = time.process_time() + 0.3\nwhile time.process_time() < e: pass\nprint(1, flush=True); input()"
    )
    before = cpu_seconds()
    with subprocess.Popen(
        [sys.executable, "-c", spin], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        child.stdout.readline()
        assert cpu_seconds() - before >= 0.29
        child.communicate("\n")
    assert cpu_seconds() - before >= 0.29  # it counts with its parent now
