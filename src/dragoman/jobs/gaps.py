"""What is between words whose times are known: pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from dragoman.engines.alignment import Span
from dragoman.jobs.anchors import fold

_FASTEST: Final = 0.06
"""Seconds of a word, at least on average; faster nobody speaks."""
_SLOWEST: Final = 1.0
_LEEWAY: Final = 2.0
"""Seconds. So far before the first word known, or behind the last, the others may be: one ``_SLOWEST`` each, and
these."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Words without times, and the audio in which they are, if they are said at all."""

    first: int
    last: int
    """Place behind the last word."""
    start_time: float
    end_time: float


def gaps(words: Sequence[str], spans: Sequence[Span | None], speech: Sequence[Span], longest: float) -> Iterator[Gap]:
    """Those in which it makes sense to look. ``speech``: when somebody speaks, in order; ``longest``: seconds of audio
    in which words can be placed."""
    first = 0
    for missing, run in groupby(span is None for span in spans):
        last = first + len(list(run))
        if missing and any(fold(word) for word in words[first:last]):
            gap = _within(speech, _between(spans, first, last))
            if gap is not None and _FASTEST * (last - first) <= gap.end_time - gap.start_time <= longest:
                yield gap
        first = last


def _between(spans: Sequence[Span | None], first: int, last: int) -> Gap:
    before, behind = spans[first - 1] if first else None, spans[last] if last < len(spans) else None
    reach = (last - first) * _SLOWEST + _LEEWAY
    start = before[1] if before else None
    end = behind[0] if behind else None
    if start is None:
        start = max(0.0, end - reach) if end is not None else 0.0
    return Gap(first, last, start, start + reach if end is None else end)


def _within(speech: Sequence[Span], gap: Gap) -> Gap | None:
    """Only as far as somebody speaks."""
    spoken = [span for span in speech if span[0] < gap.end_time and span[1] > gap.start_time]
    if not spoken:
        return None
    return Gap(gap.first, gap.last, max(gap.start_time, spoken[0][0]), min(gap.end_time, spoken[-1][1]))
