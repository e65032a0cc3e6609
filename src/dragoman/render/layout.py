"""Pieces into lines, and sentences into subtitles that each fit their lines: the cheapest way by dynamic programming.

Costs are in columns. Every subtitle costs something, so that few are made; so does a break where the phrase goes on, a
first line longer than the second, and a stump of a subtitle. A pause makes a break cheaper, as long a pause pays for
the subtitle itself.
"""

from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate, pairwise

from dragoman.render.phrases import break_cost
from dragoman.render.pieces import Piece
from dragoman.render.style import SubtitleStyle

_SUBTITLE = 25.0
_ACROSS_SUBTITLES = 1.5
"""A bad break hurts more between subtitles than between lines."""
_PER_SECOND_OF_PAUSE = 30.0
_IMBALANCE = 0.3
_TOP_HEAVY = 0.3
"""Per column by which the lines differ, and again where the upper one is the longer."""
_STUMP_COLUMNS = 15
_STUMP = 1.5
"""Per column that a subtitle has less than ``_STUMP_COLUMNS``."""
_FULLNESS = 10.0
"""Of a full subtitle; grows with the square, so that two of equal size beat a full one and a rest."""

_Plan = tuple[float, tuple[int, ...]]
"""A cost, and the positions of the pieces before which a break falls."""


class Layout:
    """All ways to set the pieces of one sentence, weighed."""

    def __init__(self, pieces: Sequence[Piece], language: str, style: SubtitleStyle) -> None:
        self._pieces = pieces
        self._language = language
        self._style = style
        widths = [style.measure(piece.text) + piece.spaced for piece in pieces]
        self._offsets = [0, *accumulate(widths)]
        self._plans: dict[tuple[int, int, int], _Plan | None] = {}

    def subtitles(self) -> list[tuple[int, int]]:
        """First and last (exclusive) piece of each subtitle."""
        cheapest: list[tuple[float, int]] = [(0.0, 0)]
        for last in range(1, len(self._pieces) + 1):
            cheapest.append(min(self._ending_at(last, cheapest)))
        bounds: list[tuple[int, int]] = []
        last = len(self._pieces)
        while last:
            first = cheapest[last][1]
            bounds.append((first, last))
            last = first
        return bounds[::-1]

    def lines(self) -> tuple[str, ...]:
        """All pieces as the lines of one subtitle."""
        plan = self._set(0, len(self._pieces))
        cuts = (0, *(plan[1] if plan else ()), len(self._pieces))
        return tuple(self._text(start, end) for start, end in pairwise(cuts))

    def fits_one(self) -> bool:
        """Whether all pieces can be one subtitle, as to room and time."""
        last = len(self._pieces)
        return self._set(0, last) is not None and self._seconds(0, last) <= self._style.max_duration

    def _ending_at(self, last: int, cheapest: list[tuple[float, int]]) -> list[tuple[float, int]]:
        """Cost of the best way to set everything before ``last``, for each start of the final subtitle."""
        options: list[tuple[float, int]] = []
        for first in range(last - 1, -1, -1):
            plan = self._set(first, last)
            if plan is None or (first < last - 1 and not self._is_one_breath(first, last)):
                break
            cost = cheapest[first][0] + plan[0] + self._subtitle_cost(first, last)
            options.append((cost, first))
        return options

    def _is_one_breath(self, first: int, last: int) -> bool:
        """Whether it is said in the time of one subtitle, given that all but the first piece are."""
        return (
            self._seconds(first, last) <= self._style.max_duration and self._pause(first + 1) <= self._style.max_pause
        )

    def _subtitle_cost(self, first: int, last: int) -> float:
        columns = self._columns(first, last)
        room = self._style.max_line_length * self._style.max_lines
        cost = _SUBTITLE + _FULLNESS * (columns / room) ** 2
        if last - first < len(self._pieces):
            cost += _STUMP * max(0, _STUMP_COLUMNS - columns)
        if first:
            cost += _ACROSS_SUBTITLES * self._break_costs[first] - _PER_SECOND_OF_PAUSE * min(
                self._pause(first), self._style.max_pause
            )
        return cost

    def _set(self, first: int, last: int) -> _Plan | None:
        """The best way to set these pieces in as few lines as they need; None when they need too many."""
        if last - first > 1 and self._columns(first, last) > self._style.max_line_length * self._style.max_lines:
            return None
        plans = (self._set_in(first, last, lines) for lines in range(1, self._style.max_lines + 1))
        return next((plan for plan in plans if plan is not None), None)

    def _set_in(self, first: int, last: int, lines: int) -> _Plan | None:
        if lines == 1:
            return (0.0, ()) if self._is_line(first, last) else None
        # Weighed once: with many lines the same rest follows a great many ways to begin.
        key = (first, last, lines)
        if key not in self._plans:
            self._plans[key] = self._cut_in(first, last, lines)
        return self._plans[key]

    def _cut_in(self, first: int, last: int, lines: int) -> _Plan | None:
        plans: list[_Plan] = []
        for cut in range(self._earliest_cut(first, last, lines), last):
            if not self._is_line(first, cut):
                break
            rest = self._set_in(cut, last, lines - 1)
            if rest is not None:
                surplus = self._columns(first, cut) - self._columns(cut, last) / (lines - 1)
                balance = _IMBALANCE * abs(surplus) + _TOP_HEAVY * max(0.0, surplus)
                plans.append((self._break_costs[cut] + balance + rest[0], (cut, *rest[1])))
        return min(plans, default=None)

    def _earliest_cut(self, first: int, last: int, lines: int) -> int:
        """No earlier end of the first line leaves a rest that fits the others."""
        room = self._style.max_line_length * (lines - 1)
        earliest = bisect_left(self._offsets, self._offsets[last] - room - 1, first + 1, last)
        return min(earliest, last - 1) if last - first > 1 else last

    def _is_line(self, first: int, last: int) -> bool:
        """Whether the pieces fit one line; a word too long for any stands alone."""
        return last - first == 1 or self._columns(first, last) <= self._style.max_line_length

    def _columns(self, first: int, last: int) -> int:
        return self._offsets[last] - self._offsets[first] - self._pieces[first].spaced

    def _seconds(self, first: int, last: int) -> float:
        return self._pieces[last - 1].end_time - self._pieces[first].start_time

    def _pause(self, position: int) -> float:
        """Seconds of silence before a piece."""
        return max(0.0, self._pieces[position].start_time - self._pieces[position - 1].end_time)

    @cached_property
    def _break_costs(self) -> list[float]:
        """Cost of a break before each piece."""
        pairs = pairwise(piece.text for piece in self._pieces)
        return [0.0, *(break_cost(before, after, self._language) for before, after in pairs)]

    def _text(self, first: int, last: int) -> str:
        text = self._pieces[first].text
        for piece in self._pieces[first + 1 : last]:
            text += f" {piece.text}" if piece.spaced else piece.text
        return text
