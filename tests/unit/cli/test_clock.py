import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.cli.clock import length, position


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0, "0:00"), (59.6, "1:00"), (750, "12:30"), (3599.9, "1:00:00"), (36_061, "10:01:01")]
)
def test_lengths(seconds, shown):
    assert length(seconds) == shown


@pytest.mark.parametrize("seconds", [0.0, 4.2, 59.9, 60.0, 3723.4])
def test_positions(seconds):
    shown = {0.0: "0:00.0", 4.2: "0:04.2", 59.9: "0:59.9", 60.0: "1:00.0", 3723.4: "1:02:03.4"}
    assert position(seconds) == shown[seconds]


@given(st.floats(0, 1e6))
def test_a_position_names_its_moment_to_the_tenth(seconds):
    parts = [float(part) for part in position(seconds).split(":")]
    named = sum(part * 60**power for power, part in enumerate(reversed(parts)))
    assert named == pytest.approx(seconds, abs=0.0501)
