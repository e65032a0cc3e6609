"""SubRip (``.srt``): numbered blocks parted by blank lines. There is no standard; this is what every player reads."""

from collections.abc import Iterable

from dragoman.render.cues import Cue
from dragoman.render.timestamps import timestamp


def to_srt(cues: Iterable[Cue]) -> str:
    """The file's text; empty when there is no cue."""
    return "\n".join(_block(number, cue) for number, cue in enumerate(cues, 1))


def _block(number: int, cue: Cue) -> str:
    times = f"{timestamp(cue.start_time, ',')} --> {timestamp(cue.end_time, ',')}"
    return "\n".join([str(number), times, *_lines(cue), ""])


def _lines(cue: Cue) -> list[str]:
    """Text that cannot be taken for a block's end or for times; SubRip knows no escape."""
    return [line.replace("-->", "→") for text in cue.lines for line in text.splitlines() if line.strip()]
