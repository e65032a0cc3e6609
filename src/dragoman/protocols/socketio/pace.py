"""How far ahead of time a client may be with its audio.

A session costs by the clock and engines hear faster than people speak: without a bound, an hour could be translated for
the price of a few minutes. Whoever speaks into a microphone is never ahead.
"""

AHEAD = 30.0
"""Seconds: what an inbox holds, so that a client may catch up after a bad moment of its network."""


class Pace:
    """Of one session. Times are seconds on any monotonic clock."""

    def __init__(self, began: float) -> None:
        self._began = began
        self._passed = 0.0
        self.overrun = False
        """Whether audio was refused since the client was last well within its bound."""

    def allows(self, seconds: float, now: float) -> bool:
        """Whether so much more audio may pass now; what may is counted."""
        ahead = self._passed - (now - self._began)
        if ahead <= AHEAD / 2:
            self.overrun = False
        if ahead + seconds > AHEAD:
            self.overrun = True
            return False
        self._passed += seconds
        return True
