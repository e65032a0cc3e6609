"""Where the words are that were not heard."""

import pytest

from dragoman.jobs.gaps import Gap, gaps

WORDS = ["one", "two", "three", "four", "five"]
SPEECH = [(0.0, 10.0)]


def found(spans, words=WORDS, speech=SPEECH, longest=60.0):
    return list(gaps(words, spans, speech, longest))


def test_words_are_looked_for_between_their_neighbours():
    assert found([(1, 2), None, None, (4, 5), (5, 6)]) == [Gap(1, 3, 2, 4)]
    assert found([(1, 2)] * 5) == []


def test_at_the_ends_not_further_than_they_can_be():
    assert found([None, (9, 9.5), (9.5, 9.7), (9.7, 9.9), None]) == [Gap(0, 1, 6.0, 9), Gap(4, 5, 9.9, 10.0)]
    assert found([None] * 5, speech=[(0, 100)]) == [Gap(0, 5, 0.0, 7.0)]


def test_only_where_somebody_speaks():
    spans = [(1, 2), None, None, (8, 9), (9, 10)]
    assert found(spans, speech=[(0, 2), (4, 5), (8, 10)]) == [Gap(1, 3, 4, 5)]
    assert found(spans, speech=[(0, 2), (8, 10)]) == []


@pytest.mark.parametrize("end", [2.05, 70.0], ids=["faster than speech", "more than is placed at once"])
def test_not_where_it_makes_no_sense(end):
    assert found([(1, 2), None, None, (end, end + 1), (end + 1, end + 2)], speech=[(0, 100)]) == []


def test_marks_that_stand_alone_are_not_looked_for():
    assert found([(1, 2), None, (4, 5)], words=["one", "—", "two"]) == []
