import pytest

from dragoman.render.style import SubtitleStyle
from dragoman.render.timing import Span, place

STYLE = SubtitleStyle(min_duration=1.0, max_duration=7.0, min_gap=0.1, chain_gap=0.5, max_chars_per_second=10.0)


def test_nothing_to_place() -> None:
    assert place([], STYLE) == []


def test_in_and_out_with_the_voice() -> None:
    assert place([Span(1.0, 4.0, 20)], STYLE) == [(1.0, 4.0)]


def test_a_short_one_stays_for_the_shortest_duration() -> None:
    assert place([Span(1.0, 1.2, 5)], STYLE) == [(1.0, 2.0)]


def test_a_dense_one_stays_until_it_is_read() -> None:
    assert place([Span(1.0, 2.0, 40)], STYLE) == [(1.0, 5.0)]


def test_none_stays_longer_than_the_longest_duration() -> None:
    assert place([Span(0.0, 30.0, 40), Span(40.0, 41.0, 200)], STYLE) == [(0.0, 7.0), (40.0, 47.0)]


def test_reading_time_ends_before_the_next() -> None:
    assert place([Span(0.0, 1.0, 80), Span(3.0, 5.0, 10)], STYLE)[0] == (0.0, pytest.approx(2.9))


def test_a_gap_that_would_flicker_is_closed() -> None:
    first, _ = place([Span(0.0, 2.0, 10), Span(2.4, 5.0, 10)], STYLE)
    assert first == (0.0, pytest.approx(2.3))


def test_a_wider_gap_is_left() -> None:
    first, _ = place([Span(0.0, 2.0, 10), Span(2.6, 5.0, 10)], STYLE)
    assert first == (0.0, 2.0)


def test_the_next_comes_a_little_late_so_that_the_first_is_seen() -> None:
    first, second = place([Span(0.0, 0.7, 5), Span(0.7, 3.0, 10)], STYLE)
    assert first == (0.0, pytest.approx(1.0))
    assert second[0] == pytest.approx(1.1)


def test_but_not_later_than_the_style_allows() -> None:
    first, second = place([Span(0.0, 0.3, 5), Span(0.3, 3.0, 10)], STYLE)
    assert second[0] == pytest.approx(0.8)
    assert first[1] == pytest.approx(0.7)


def test_two_voices_at_once_are_shown_in_turn() -> None:
    first, second = place([Span(0.0, 3.0, 10), Span(0.0, 3.0, 10)], STYLE)
    assert first[1] < second[0]
