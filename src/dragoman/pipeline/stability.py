"""How far a word can be relied on that is made final before its utterance has ended. Pure.

An engine knows confidences only when an utterance has ended. Before, what says most is how steadily it has kept to a
word ("acoustic stability", Zeppenfeld et al., ICASSP 1997). How well either tells right words from wrong ones:
docs/decisions/0012-final-in-passing.md.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import replace

from dragoman.core.transcript import Word

_REMEMBERED = 32
"""Hypotheses: two seconds, longer than a word waits that is final in passing."""


class Stability:
    """Of the words of one utterance."""

    def __init__(self) -> None:
        self._hypotheses: deque[tuple[float, Sequence[Word]]] = deque(maxlen=_REMEMBERED)

    def add(self, hypothesis: Sequence[Word], heard: float) -> None:
        """For the audio up to ``heard``."""
        self._hypotheses.append((heard, hypothesis))

    def rated(self, word: Word) -> Word:
        """With the share of the hypotheses that know it, of those since all of it was heard, as its confidence."""
        asked = [hypothesis for heard, hypothesis in self._hypotheses if heard >= word.end_time]
        known = sum(any(_same(word, other) for other in hypothesis) for hypothesis in asked)
        return replace(word, confidence=known / len(asked)) if asked else word


def _same(one: Word, other: Word) -> bool:
    return one.content == other.content and one.start_time < other.end_time and other.start_time < one.end_time
