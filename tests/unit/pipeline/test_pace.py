"""Speaking rates."""

from hypothesis import given
from hypothesis import strategies as st

from dragoman.pipeline.pace import MAX_RATE, rate_for_backlog, rate_to_fit


def test_rates() -> None:
    assert rate_for_backlog(0.0) == 1.0
    assert rate_for_backlog(2.0) == 1.15
    assert rate_for_backlog(60.0) == MAX_RATE
    assert rate_to_fit(2.0, 4.0) == 1.0
    assert rate_to_fit(2.2, 2.0) == 1.1
    assert rate_to_fit(9.0, 2.0) == MAX_RATE
    assert rate_to_fit(1.0, -1.0) == MAX_RATE


@given(st.floats(0, 1e4), st.floats(0, 1e4))
def test_more_backlog_is_never_spoken_slower(one: float, other: float) -> None:
    low, high = sorted([one, other])
    assert 1.0 <= rate_for_backlog(low) <= rate_for_backlog(high) <= MAX_RATE
