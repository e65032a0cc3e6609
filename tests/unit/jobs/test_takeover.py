"""Who is silent for too long is dead, on the clock of whoever listens."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dragoman.jobs.takeover import Pace, Watch

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_a_process_is_dead_once_its_heartbeat_has_not_changed_for_long_enough():
    watch, beats = Watch(15.0), {"a": NOON}
    assert watch.dead(["a"], beats, 100.0) == frozenset()
    assert watch.dead(["a"], beats, 115.0) == frozenset()
    assert watch.dead(["a"], beats, 115.1) == {"a"}
    assert watch.dead(["a"], {"a": NOON + SECOND}, 116.0) == frozenset()


def test_who_has_left_is_dead_at_once():
    assert Watch(15.0).dead(["gone"], {"a": NOON}, 1.0) == {"gone"}


def test_who_is_silent_and_has_begun_nothing_is_let_be():
    watch = Watch(15.0)
    watch.dead([], {"a": NOON}, 0.0)
    assert watch.dead([], {"a": NOON}, 99.0) == frozenset()


@given(st.integers(-100_000, 100_000), st.lists(st.floats(0.1, 14.0), max_size=20))
def test_a_living_process_is_never_taken_for_dead_however_wrong_its_clock_is(skew, pauses):
    watch, time, clock = Watch(15.0), 0.0, NOON + skew * SECOND
    for pause in pauses:
        time, clock = time + pause, clock + pause * SECOND
        assert watch.dead(["a"], {"a": clock}, time) == frozenset()


def test_a_job_of_a_dead_process_is_gone_on_with_within_half_a_minute():
    pace = Pace()
    assert pace.beat + pace.silence + 2 * pace.look < 30
