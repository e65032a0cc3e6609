"""What is stable: live hypotheses to committed and tentative words. Pure.

The policy is LocalAgreement-2 (Liu et al., Interspeech 2020; whisper_streaming) with a guard: a word is committed when
two hypotheses in a row agree on it and it is not among the last words, which the engine usually still revises.
Committed words are never taken back, even when the engine changes its mind; the final transcript, which comes from the
ended utterance, is what counts.
"""

from dragoman.core.transcript import Word


class StablePrefix:
    """The committed beginning of one utterance."""

    def __init__(self, unstable_words: int) -> None:
        self._unstable_words = unstable_words
        self._previous: tuple[Word, ...] = ()
        self._committed: tuple[Word, ...] = ()

    def update(self, hypothesis: tuple[Word, ...]) -> tuple[tuple[Word, ...], int]:
        """The words to show for this hypothesis, and how many of the first are committed."""
        agreed = _agreement(self._previous, hypothesis)
        commit = min(agreed, len(hypothesis) - self._unstable_words)
        if commit > len(self._committed) and _agreement(self._committed, hypothesis) == len(self._committed):
            self._committed += hypothesis[len(self._committed) : commit]
        self._previous = hypothesis
        return self._committed + self._tentative(hypothesis), len(self._committed)

    def after(self, time: float) -> "StablePrefix":
        """For what follows when the words before ``time`` have become final."""
        rest = StablePrefix(self._unstable_words)
        rest._committed = tuple(word for word in self._committed if word.start_time >= time)
        return rest

    def _tentative(self, hypothesis: tuple[Word, ...]) -> tuple[Word, ...]:
        if not self._committed:
            return hypothesis
        heard = self._committed[-1].end_time
        return tuple(word for word in hypothesis if (word.start_time + word.end_time) / 2 >= heard)


def _agreement(one: tuple[Word, ...], other: tuple[Word, ...]) -> int:
    """Length of the common beginning."""
    length = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine.content != theirs.content:
            break
        length += 1
    return length
