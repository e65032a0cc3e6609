"""When the client of a session is told that a limit comes near."""

from collections.abc import Iterable

_SLACK = 0.001
"""Seconds; a clock that was asked to wait until a moment may be the last bit of a float before it."""


class Warnings:
    """Those of one limit. Each is due once, and again when the limit has moved away in between."""

    def __init__(self, before: Iterable[float]) -> None:
        """``before``: seconds before the limit."""
        self._before = sorted(before, reverse=True)
        self._last = float("inf")

    def due(self, left: float) -> bool:
        """Whether it is time for one, with ``left`` seconds to go; of several at once, one is enough."""
        is_due = any(left <= before + _SLACK < self._last for before in self._before)
        self._last = left
        return is_due

    def next_in(self, left: float) -> float:
        """Seconds to the next one; infinite after the last."""
        return min((left - before for before in self._before if before + _SLACK < left), default=float("inf"))
