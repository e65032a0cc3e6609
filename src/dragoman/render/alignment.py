"""A given text with the times at which its words are spoken.

What is a word of the text is said here once, for the aligner and for the two forms of its result. Nothing of the text
is changed or left out; only tags are put in.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dragoman.render.timestamps import timestamp

_COMMENT_END = "-->"
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_TAG = re.compile(r"<[a-zA-Z/!?][^<>]*>")
_MASK = "\0"

WordTimes = Sequence[tuple[float, float] | None]
"""Start and end, in seconds, of each word in order; None where it was not found in the audio."""


@dataclass(frozen=True, slots=True)
class TextWord:
    """A word of the given text."""

    content: str
    start: int
    """Offset of its first character."""
    end: int
    """Offset behind its last character."""


def text_words(text: str) -> list[TextWord]:
    """Everything between white space, less markup: ``<tags>`` and ``<!-- comments -->`` are not spoken."""
    masked = _without_markup(text)
    return [_word(masked, match) for match in re.finditer(r"\S+", masked) if match.group().strip(_MASK)]


def to_word_start_and_end(text: str, times: WordTimes) -> str:
    """Each timed word between its tags: ``<time=0.41>word<time=0.76>``."""
    parts: list[str] = []
    done = 0
    for word, span in _timed(text, times):
        tagged = f"<time={span[0]:.2f}>{text[word.start : word.end]}<time={span[1]:.2f}>"
        parts += [text[done : word.start], tagged]
        done = word.end
    return "".join([*parts, text[done:]])


def to_one_per_line(text: str, times: WordTimes) -> str:
    """Each line behind the time of its first timed word: ``[00:00:00.4] some words``; others as they are."""
    lines: list[str] = []
    timed = list(_timed(text, times))
    position = offset = 0
    for line in text.splitlines(keepends=True):
        offset += len(line)
        first = position
        while position < len(timed) and timed[position][0].start < offset:
            position += 1
        # Cut, not rounded to tenths: a line never claims to begin after its first word.
        prefix = f"[{timestamp(timed[first][1][0], '.')[:-2]}] " if position > first else ""
        lines.append(prefix + line)
    return "".join(lines)


def _timed(text: str, times: WordTimes) -> Iterator[tuple[TextWord, tuple[float, float]]]:
    for word, span in zip(text_words(text), times, strict=True):
        if span is not None:
            yield word, span


def _without_markup(text: str) -> str:
    """The text with every character of markup masked, so that offsets stay."""
    # Comments are only looked for where one still ends: searching on for the end of each of many that never end would
    # take a time that grows with the square of a hostile text.
    closed = text.rfind(_COMMENT_END) + len(_COMMENT_END) if _COMMENT_END in text else 0
    return _TAG.sub(_masked, _COMMENT.sub(_masked, text[:closed]) + text[closed:])


def _masked(match: re.Match[str]) -> str:
    return _MASK * len(match.group())


def _word(masked: str, match: re.Match[str]) -> TextWord:
    run = match.group()
    start = match.start() + len(run) - len(run.lstrip(_MASK))
    end = match.end() - len(run) + len(run.rstrip(_MASK))
    return TextWord(masked[start:end].replace(_MASK, ""), start, end)
