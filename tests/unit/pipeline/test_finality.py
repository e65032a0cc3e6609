"""Where an utterance that goes on is parted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.core.transcript import Word
from dragoman.pipeline.finality import RESERVE, Cut, Finality, after, heard_again, since


def words(*times: tuple[float, float]) -> tuple[Word, ...]:
    return tuple(Word(f"w{i}", start, end) for i, (start, end) in enumerate(times))


def test_the_oldest_word_is_due_a_little_before_its_time() -> None:
    finality = Finality(2.0)
    assert not finality.due((), 99.0)
    assert not finality.due(words((0.0, 1.0), (1.0, 1.5)), 2.7)
    assert finality.due(words((0.0, 1.0), (1.0, 1.5)), 3.0 - RESERVE)


def test_the_longest_gap_among_the_late_words_is_taken() -> None:
    heard = words((0.0, 0.5), (0.5, 1.0), (1.8, 2.4), (2.7, 2.8), (2.8, 3.1), (3.1, 3.9))
    assert Finality(4.0).cut(heard, 0.0, 4.0) == Cut(2, 1.5, 0.9)
    later = words((0.0, 0.5), (0.9, 1.4), (1.5, 2.4), (2.8, 2.9), (2.9, 3.1), (3.1, 3.9))
    assert Finality(4.0).cut(later, 0.0, 4.0) == Cut(3, pytest.approx(2.6), pytest.approx(2.0))


def test_of_gaps_alike_the_latest_is_taken() -> None:
    heard = words(*((i / 4, (i + 1) / 4) for i in range(16)))
    assert Finality(4.0).cut(heard, 0.0, 4.0) == Cut(14, 3.5, 2.9)


def test_a_word_that_may_go_on_is_not_final() -> None:
    assert Finality(4.0).cut(words((3.0, 3.9)), 0.0, 4.0) == Cut(0, 2.7, 2.7)


def test_a_silence_after_the_last_word_is_a_gap_too() -> None:
    assert Finality(4.0).cut(words((0.0, 0.2), (0.25, 0.5)), 0.0, 4.0) == Cut(2, 3.7, pytest.approx(3.1))


times = st.lists(st.tuples(st.floats(0, 2), st.floats(0.01, 6)), max_size=30)


@given(times, st.floats(0.7, 4.0), st.floats(0, 5), st.floats(0, 3))
def test_no_word_waits_too_long_and_no_more_than_the_delay_is_heard_again(gaps, max_delay, begin, tail) -> None:
    found, time = [], begin
    for silence, length in gaps:
        found.append((time + silence, time + silence + length))
        time = found[-1][1]
    heard, final = time + tail, words(*found)
    cut = Finality(max_delay).cut(final, begin, heard)
    assert all(heard - word.end_time < max_delay - RESERVE for word in final[cut.count :])
    assert begin <= cut.again <= cut.time <= heard
    assert cut.time - cut.again <= 0.6 + 1e-9
    assert cut.count == 0 or cut.time >= heard - max_delay - 0.3 - 1e-9
    for word in final[cut.count :]:
        assert word.start_time >= cut.time - 1e-9


def test_in_passing_only_what_is_due_becomes_final() -> None:
    finality = Finality(1.0)
    assert finality.in_passing
    assert finality.passed(words((0.0, 0.5), (0.5, 1.0), (1.0, 1.2)), 1.0 + 1.0 - RESERVE) == Cut(2, 1.0, 1.0)
    assert not Finality(1.75).in_passing


@given(times.filter(bool), st.floats(0.7, 1.74), st.floats(0, 3))
def test_passed_words_are_late_and_the_others_are_not(gaps, max_delay, tail) -> None:
    found, time = [], 0.0
    for silence, length in gaps:
        found.append((time + silence, time + silence + length))
        time = found[-1][1]
    heard, final = time + tail, words(*found)
    finality = Finality(max_delay)
    if finality.due(final, heard):
        passed = finality.passed(final, heard)
        assert not finality.due(final[passed.count :], heard)
        assert since(final, passed.time) == final[passed.count :]


def test_a_word_heard_in_place_of_final_ones_is_not_said() -> None:
    assert since(words((0.0, 1.0), (0.9, 2.0), (2.0, 3.0)), 1.0) == words((0.0, 1.0), (0.9, 2.0), (2.0, 3.0))[2:]


def test_the_shorter_the_delay_the_more_is_heard_again_but_in_passing_nothing() -> None:
    assert [heard_again(delay) for delay in (None, 1.0, 1.75, 3.5)] == [0.0, 0.0, 1.0, 0.5]


def test_what_was_final_is_not_said_again() -> None:
    found = words((0.0, 1.0), (1.0, 2.0), (2.0, 3.0))
    assert after(found, 0.0) == found
    assert after(found, 1.4) == (Word("w1", 1.4, 2.0), found[2])
    assert after(found, 1.6) == (found[2],)
