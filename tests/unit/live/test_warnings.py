"""When a warning is due."""

from hypothesis import given
from hypothesis import strategies as st

from dragoman.live.warnings import Warnings


def test_each_warning_is_due_once_as_the_limit_comes_near():
    warnings = Warnings([300, 900, 600])
    assert [left for left in range(1000, -1, -50) if warnings.due(left)] == [900, 600, 300]


def test_of_several_that_are_due_at_once_one_is_enough():
    warnings = Warnings([900, 600, 300])
    assert warnings.due(100)
    assert not warnings.due(50)


def test_a_limit_that_moved_away_is_warned_of_again():
    warnings = Warnings([300])
    assert warnings.due(200)
    assert not warnings.due(3600)
    assert warnings.due(300)


def test_without_warnings_nobody_needs_to_look_again():
    assert Warnings([]).next_in(10) == float("inf")


@given(st.lists(st.floats(1, 1e5), max_size=5), st.floats(0, 1e6))
def test_looking_again_when_told_finds_every_warning_and_ends(before, left):
    warnings, said, looks = Warnings(before), 0, 0
    while True:
        said += warnings.due(left)
        wait = warnings.next_in(left)
        looks += 1
        if wait == float("inf"):
            break
        assert wait > 0
        left -= wait
    assert looks <= len(before) + 1
    assert said <= len(before)
