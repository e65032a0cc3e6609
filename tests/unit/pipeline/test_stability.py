"""How steadily an engine has kept to a word."""

import pytest

from dragoman.core.transcript import Word
from dragoman.pipeline.stability import Stability

WORD = Word("speech", 1.0, 1.5)


def test_a_word_is_as_sure_as_many_hypotheses_know_it_of_those_that_heard_all_of_it() -> None:
    stability = Stability()
    stability.add((Word("wreck", 0.5, 1.2),), 1.4)  # before its end: does not count
    stability.add((Word("peach", 1.1, 1.5),), 1.5)
    stability.add((Word("a", 0.9, 1.0), Word("speech", 1.1, 1.6)), 1.6)
    stability.add((Word("speech", 1.5, 1.9),), 1.7)  # another one
    stability.add((WORD,), 1.8)
    assert stability.rated(WORD).confidence == pytest.approx(0.5)


def test_one_that_nothing_is_known_of_stays_as_it_is() -> None:
    assert Stability().rated(WORD) == WORD


def test_only_the_newest_hypotheses_are_remembered() -> None:
    stability = Stability()
    for _ in range(1000):
        stability.add((), 2.0)
    for _ in range(100):
        stability.add((WORD,), 2.0)
    assert stability.rated(WORD).confidence == 1.0
