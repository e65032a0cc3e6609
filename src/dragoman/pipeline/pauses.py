"""When a speaker's pause is worth saying so. Pure, on audio time."""

from collections.abc import Sequence

from dragoman.core.transcript import Word

_TOLERANCE = 0.02
"""Seconds. Silence is counted in whole frames, to the nearest, so it may end half a frame short of what was asked."""


class Pauses:
    """Of one channel. A pause is said once, and only after words; each method returns the end of speech when it is to
    be said now."""

    def __init__(self, trigger: float | None) -> None:
        self.trigger = trigger
        """Seconds of silence that make a pause; None: every end of an utterance is one."""
        self._end: float | None = None
        """Of the last words; None when their pause was said, or there are none."""

    def before(self, words: Sequence[Word]) -> float | None:
        """These words come next: was there a pause before them?"""
        return self.quiet(words[0].start_time) if words else None

    def spoke(self, words: Sequence[Word], until: float) -> None:
        if words:
            self._end = max(until, self._end or 0.0)

    def ended(self) -> float | None:
        """The utterance is over."""
        return self._take() if self.trigger is None else None

    def quiet(self, time: float) -> float | None:
        """Nothing was said before ``time``."""
        if self.trigger is None or self._end is None or time - self._end < self.trigger - _TOLERANCE:
            return None
        return self._take()

    def over(self) -> float | None:
        """No more audio comes, for now or for ever."""
        return self._take()

    def _take(self) -> float | None:
        end, self._end = self._end, None
        return end
