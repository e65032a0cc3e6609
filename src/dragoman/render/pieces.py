"""Timed pieces of text between which a subtitle may break, from sentences and translations alike."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from dragoman.core.transcript import Item, Punctuation, Sentence, Translation, Word
from dragoman.render.characters import breakable, clusters, width


@dataclass(frozen=True, slots=True)
class Piece:
    """A word with the marks that stick to it, or a character of a script that writes no spaces."""

    text: str
    start_time: float
    end_time: float
    spaced: bool = True
    """Whether a space stands before it, unless it opens a line."""

    @property
    def columns(self) -> int:
        return width(self.text)


def pieces(part: Sentence | Translation, max_length: int, measure: Callable[[str], int] = width) -> list[Piece]:
    """The pieces of ``part`` in order.

    Words bring their times; a translation has only those of its sentence, and is spread over them by its width. Text
    longer than ``max_length`` in a script that has no break of its own (Thai) is cut between characters.
    """
    runs = _words(part) if isinstance(part, Sentence) else _spread(part)
    return [piece for run in runs for piece in _split(run, is_too_long=measure(run.text) > max_length)]


def _words(sentence: Sentence) -> list[Piece]:
    """One piece per word, its marks glued on."""
    runs: list[Piece] = []
    glue_next = False
    for item in sentence.items:
        text = " ".join(item.content.split())
        attaches = item.attaches_to if isinstance(item, Punctuation) else "none"
        if runs and (glue_next or attaches in ("previous", "both")):
            runs[-1] = _glued(runs[-1], text, item)
        elif text:
            runs.append(Piece(text, item.start_time, item.end_time, spaced=bool(sentence.delimiter)))
        glue_next = attaches in ("next", "both")
    return runs


def _glued(run: Piece, text: str, item: Item) -> Piece:
    # A mark takes no time of its own; only a word moves the end.
    end_time = item.end_time if isinstance(item, Word) else run.end_time
    return replace(run, text=run.text + text, end_time=end_time)


def _spread(translation: Translation) -> list[Piece]:
    text = " ".join(translation.content.split())
    whole = Piece(text, translation.start_time, translation.end_time)
    return _timed(whole, text.split(), gap_columns=1)


def _split(run: Piece, *, is_too_long: bool) -> list[Piece]:
    texts = breakable(run.text)
    if len(texts) == 1 and is_too_long and not run.text.isascii() and not _has_case(run.text):
        texts = clusters(run.text)
    return _timed(run, texts, gap_columns=0)


def _has_case(text: str) -> bool:
    """Whether it is written in an alphabet with capitals; those all write spaces, so a long word is a word."""
    return text.lower() != text.upper()


def _timed(whole: Piece, texts: list[str], *, gap_columns: int) -> list[Piece]:
    """``texts``, spread over the time of ``whole`` by their width, with gaps of ``gap_columns`` between."""
    columns = [width(text) + gap_columns for text in texts]
    seconds_per_column = (whole.end_time - whole.start_time) / max(1, sum(columns) - gap_columns)
    parts: list[Piece] = []
    start = whole.start_time
    for text, taken in zip(texts, columns, strict=True):
        end = min(whole.end_time, start + (taken - gap_columns) * seconds_per_column)
        spaced = gap_columns > 0 if parts else whole.spaced
        parts.append(Piece(text, start, end, spaced))
        start = min(whole.end_time, start + taken * seconds_per_column)
    return parts
