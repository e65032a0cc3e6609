"""Subtitles as a subtitler makes them: sentences and translations cut, set and timed by the measures of a style."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dragoman.core.transcript import Sentence, Translation
from dragoman.render.characters import width
from dragoman.render.layout import Layout
from dragoman.render.pieces import Piece, pieces
from dragoman.render.style import SubtitleStyle, style_for
from dragoman.render.timing import Span, place


@dataclass(frozen=True, slots=True)
class Cue:
    """One subtitle; times in seconds."""

    start_time: float
    end_time: float
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Block:
    """What one subtitle shows, before it is timed."""

    pieces: tuple[Piece, ...]
    speaker: str | None

    @property
    def start_time(self) -> float:
        return self.pieces[0].start_time

    @property
    def end_time(self) -> float:
        return self.pieces[-1].end_time


def cues(parts: Iterable[Sentence | Translation], style: SubtitleStyle | None = None) -> list[Cue]:
    """Subtitles for sentences or translations of one language, ordered and never overlapping.

    Without ``style`` the language gets its usual one. Speech of two people at once is shown one after the other.
    """
    spoken = sorted(parts, key=lambda part: part.start_time)
    if not spoken:
        return []
    language = spoken[0].language
    style = style or style_for(language)
    blocks = [block for part in spoken for block in _blocks(part, style)]
    blocks.sort(key=lambda block: block.start_time)
    return _timed(_merged(blocks, language, style), language, style)


def _blocks(part: Sentence | Translation, style: SubtitleStyle) -> list[_Block]:
    """One sentence, cut into as many subtitles as it needs."""
    cut = pieces(part, style.max_line_length, style.measure)
    bounds = Layout(cut, part.language, style).subtitles()
    return [_Block(tuple(cut[first:last]), part.speaker) for first, last in bounds]


def _merged(blocks: Sequence[_Block], language: str, style: SubtitleStyle) -> list[_Block]:
    """Joins neighbours of one speaker that come too fast to be read one by one ("No. No. No.")."""
    merged: list[_Block] = []
    for block in blocks:
        if merged and _is_crowded(merged[-1], block, style):
            both = _Block(merged[-1].pieces + block.pieces, block.speaker)
            if Layout(both.pieces, language, style).fits_one():
                merged[-1] = both
                continue
        merged.append(block)
    return merged


def _is_crowded(before: _Block, after: _Block, style: SubtitleStyle) -> bool:
    """Whether neither can be shown long enough."""
    first_is_cut_off = after.start_time - before.start_time < style.min_duration + style.min_gap
    second_is_short = after.end_time - after.start_time < style.min_duration
    return first_is_cut_off and second_is_short and before.speaker == after.speaker


def _timed(blocks: Sequence[_Block], language: str, style: SubtitleStyle) -> list[Cue]:
    texts = [Layout(block.pieces, language, style).lines() for block in blocks]
    spans = [
        Span(block.start_time, block.end_time, sum(map(width, lines)))
        for block, lines in zip(blocks, texts, strict=True)
    ]
    return [Cue(start, end, lines) for lines, (start, end) in zip(texts, place(spans, style), strict=True)]
