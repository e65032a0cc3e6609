"""When subtitles come and go: in with the first word, out when they could be read, never two at once."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from dragoman.render.style import SubtitleStyle

_SHORTEST = 0.2
"""Seconds that a subtitle is shown at the very least, whatever crowds in after it."""


@dataclass(frozen=True, slots=True)
class Span:
    """What one subtitle shows, as far as timing cares."""

    start_time: float
    """Of its first word."""
    end_time: float
    """Of its last word."""
    columns: int
    """Width of its text, for the reading speed."""


def place(spans: Sequence[Span], style: SubtitleStyle) -> list[tuple[float, float]]:
    """In and out times, in seconds, of subtitles in order of their first word."""
    starts = _starts(spans, style)
    next_starts = [*starts[1:], math.inf]
    return [
        (start, _end(span, start, following - style.min_gap, style))
        for span, start, following in zip(spans, starts, next_starts, strict=False)
    ]


def _starts(spans: Sequence[Span], style: SubtitleStyle) -> list[float]:
    """With the first word; later, by at most ``max_delay``, where the one before would be gone before it is seen.

    Speech that overlaps cannot be shown at once; what starts second then waits as long as it must.
    """
    starts = [spans[0].start_time] if spans else []
    for span in spans[1:]:
        shown_since = starts[-1]
        affordable = span.start_time + style.max_delay - style.min_gap - shown_since
        shown_for = min(style.min_duration, max(_SHORTEST, affordable))
        starts.append(max(span.start_time, shown_since + shown_for + style.min_gap))
    return starts


def _end(span: Span, start: float, limit: float, style: SubtitleStyle) -> float:
    """Out with the last word, later where reading takes longer, before the next one and the longest duration."""
    readable = start + max(style.min_duration, span.columns / style.max_chars_per_second)
    end = min(max(span.end_time, readable), start + style.max_duration, limit)
    if limit - end < style.chain_gap - style.min_gap and limit - start <= style.max_duration:
        return limit
    return end
