"""Places, what they are counted from, and the CPU time of a family of processes."""

import subprocess
import sys
from contextlib import ExitStack
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.core.errors import AtCapacity
from dragoman.core.options import RunOptions
from dragoman.hosts.governor import Governor, capacity, cpu_seconds

PLAIN = RunOptions("en")


def test_so_many_and_no_more():
    governor = Governor(2)
    with governor.admitted(PLAIN), governor.admitted(PLAIN):
        with pytest.raises(AtCapacity, match="2 live sessions"), governor.admitted(PLAIN):
            pass
        assert governor.running == 2
    with pytest.raises(KeyError), governor.admitted(PLAIN):
        raise KeyError
    assert governor.running == 0


def test_each_channel_takes_a_place():
    governor = Governor(3)
    two, four = (replace(PLAIN, channels=tuple("abcd"[:count])) for count in (2, 4))
    with governor.admitted(two):
        assert governor.has_room(PLAIN)
        assert not governor.has_room(two)
    assert not governor.has_room(four)


def test_who_asks_for_more_takes_more_but_not_more_than_there_is():
    governor = Governor(2, lambda options: len(options.channels) * (1.4 if options.max_delay is None else 2.5))
    with governor.admitted(PLAIN):
        assert not governor.has_room(PLAIN)
        assert governor.taken == 2
    assert governor.taken == 0
    heavy = replace(PLAIN, max_delay=1.0)
    with governor.admitted(heavy):
        assert governor.running == 2
    assert not governor.has_room(replace(heavy, channels=("a", "b", "c")))


@given(st.lists(st.floats(0.1, 5.0), max_size=20))
def test_all_places_come_back(weights):
    governor = Governor(1000, lambda options: options.speed)
    with ExitStack() as sessions:
        for weight in weights:
            sessions.enter_context(governor.admitted(replace(PLAIN, speed=weight)))
        assert governor.running == pytest.approx(sum(weights))
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
