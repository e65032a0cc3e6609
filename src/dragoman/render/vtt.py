"""WebVTT (``.vtt``), the W3C's format for subtitles on the web."""

from collections.abc import Iterable

from dragoman.render.cues import Cue
from dragoman.render.timestamps import timestamp

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
"""Cue text is markup; an escaped ">" also keeps "-->" out of it."""


def to_vtt(cues: Iterable[Cue]) -> str:
    """The file's text; a header alone when there is no cue."""
    return "\n".join(["WEBVTT\n", *(_block(cue) for cue in cues)])


def _block(cue: Cue) -> str:
    times = f"{timestamp(cue.start_time, '.')} --> {timestamp(cue.end_time, '.')}"
    lines = [line.translate(_ESCAPES) for text in cue.lines for line in text.splitlines() if line.strip()]
    return "\n".join([times, *lines, ""])
