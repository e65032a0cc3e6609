from hypothesis import given
from hypothesis import strategies as st

from dragoman.protocols.socketio.pace import AHEAD, Pace

PIECES = st.lists(st.tuples(st.floats(0, 25), st.floats(0, 25)), max_size=40)


@given(PIECES)
def test_never_more_has_passed_than_time_and_the_bound(pieces):
    pace, now, passed = Pace(100.0), 100.0, 0.0
    for seconds, wait in pieces:
        now += wait
        allowed = pace.allows(seconds, now)
        passed += seconds if allowed else 0.0
        assert passed <= now - 100.0 + AHEAD + 1e-6
        assert pace.overrun or allowed


@given(PIECES)
def test_a_microphone_is_never_ahead(pieces):
    """However late what it has heard arrives, and in what pieces."""
    pace, spoken, now = Pace(0.0), 0.0, 0.0
    for seconds, delay in pieces:
        spoken += seconds
        now = max(now, spoken) + delay
        assert pace.allows(seconds, now)
