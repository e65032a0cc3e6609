"""The measures of subtitles.

From the Netflix Timed Text Style Guide (General Requirements, Subtitle Timing Guidelines and the language guides,
partnerhelp.netflixstudios.com) and the BBC Subtitle Guidelines (bbc.co.uk/accessibility/forproducts/guides/subtitles):
at most two lines of 42 characters; five sixths of a second to seven seconds; two frames between two subtitles, and
gaps under half a second closed to that; 17 characters a second for readers; 16 full-width characters a line in
Chinese and Korean, 13 in Japanese; no text more than 1.5 seconds ahead of the voice. Lines break after marks and
before conjunctions and prepositions, and never between an article and its noun.

One rule is left: subtitles may outstay the voice by more than half a second where reading takes longer and nobody
speaks. Speech here is verbatim, hence denser than edited subtitles.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from dragoman.render.characters import width

_TWO_FRAMES = 2 / 24


@dataclass(frozen=True, slots=True)
class SubtitleStyle:
    """Widths are in columns: a full-width character takes two."""

    max_line_length: int = 42
    measure: Callable[[str], int] = width
    """What ``max_line_length`` counts."""
    max_lines: int = 2
    min_duration: float = 5 / 6
    """Seconds"""
    max_duration: float = 7.0
    """Seconds"""
    min_gap: float = _TWO_FRAMES
    """Seconds between the end of one subtitle and the start of the next."""
    chain_gap: float = 0.5
    """Seconds; a shorter gap than this flickers, and is closed to ``min_gap``."""
    max_chars_per_second: float = 17.0
    """Columns a second; a subtitle that is denser stays on, if the speaker pauses."""
    max_pause: float = 1.5
    """Seconds of silence inside one subtitle; after longer ones it would give away what is not yet said."""
    max_delay: float = 0.5
    """Seconds by which a subtitle may come late to give the one before it ``min_duration``."""


_BY_LANGUAGE = {
    "zh": SubtitleStyle(max_line_length=32, max_chars_per_second=18.0),
    "yue": SubtitleStyle(max_line_length=32, max_chars_per_second=18.0),
    "ja": SubtitleStyle(max_line_length=26, max_chars_per_second=8.0),
    "ko": SubtitleStyle(max_line_length=32, max_chars_per_second=24.0),
}

_USUAL = SubtitleStyle()


def style_for(language: str) -> SubtitleStyle:
    """The usual measures for a canonical language tag."""
    return _BY_LANGUAGE.get(language.partition("-")[0], _USUAL)


_SRT_LINE_LENGTH = 37
"""Speechmatics' default."""

_MOST_LINES = 10
"""Of one subtitle, however many are allowed: what seven seconds of speech can fill, and a bound on the work."""


def srt_style(language: str, *, max_line_length: int | None = None, max_lines: int | None = None) -> SubtitleStyle:
    """Speechmatics' measures for srt: those asked for, which count characters, in place of those that are usual.

    Its line of 37 characters is no good in scripts of full width, which keep their own shorter one unless asked.
    """
    usual = style_for(language)
    if max_line_length is None:
        style = replace(usual, max_line_length=min(_SRT_LINE_LENGTH, usual.max_line_length))
    else:
        style = replace(usual, max_line_length=max_line_length, measure=len)
    return style if max_lines is None else replace(style, max_lines=min(max_lines, _MOST_LINES))
