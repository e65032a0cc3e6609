"""Plain text: what was said, or what it means, to be read as prose."""

from collections.abc import Sequence

from dragoman.core.transcript import Sentence, Translation
from dragoman.render.characters import join

PARAGRAPH_PAUSE = 2.0
"""Seconds between two sentences that begin a paragraph."""


def to_txt(parts: Sequence[Sentence | Translation], *, paragraph_pause: float | None = PARAGRAPH_PAUSE) -> str:
    """A paragraph a line, blank lines between; without ``paragraph_pause`` a sentence a line, no blank lines.

    A paragraph also ends where the speaker changes.
    """
    if paragraph_pause is None:
        return "".join(f"{_text(part)}\n" for part in parts)
    paragraphs: list[str] = []
    for position, part in enumerate(parts):
        if position and not _begins_paragraph(parts[position - 1], part, paragraph_pause):
            paragraphs[-1] = join(paragraphs[-1], _text(part))
        else:
            paragraphs.append(_text(part))
    return "\n".join(f"{paragraph}\n" for paragraph in paragraphs)


def _begins_paragraph(before: Sentence | Translation, part: Sentence | Translation, pause: float) -> bool:
    return part.start_time - before.end_time >= pause or part.speaker != before.speaker


def _text(part: Sentence | Translation) -> str:
    text = part.text if isinstance(part, Sentence) else part.content
    return " ".join(text.split())
