"""Words that a user brings, written as the user writes them.

The prompt makes Whisper expect them, but cannot say how they sound. So a word that is heard as one of its
``sounds_like`` spellings is rewritten afterwards.
"""

from collections.abc import Sequence
from dataclasses import replace

from dragoman.core.options import VocabularyItem
from dragoman.core.transcript import Word


class Spellings:
    """How the words of a vocabulary are written, by how they may be heard."""

    def __init__(self, vocabulary: Sequence[VocabularyItem]) -> None:
        self._written: dict[tuple[str, ...], str] = {}
        for item in vocabulary:
            for heard in (*item.sounds_like, item.content):
                if key := tuple(map(_bare, heard.split())):
                    self._written.setdefault(key, item.content)
        self._longest = max(map(len, self._written), default=0)

    def rewritten(self, words: Sequence[Word]) -> tuple[Word, ...]:
        """Return the words as the vocabulary writes them. Marks around a rewritten word stay."""
        if not self._written:
            return tuple(words)
        written: list[Word] = []
        position = 0
        while position < len(words):
            count, content = self._match(words[position : position + self._longest])
            run = words[position : position + max(1, count)]
            written += _as_written(run, content) if count else run
            position += len(run)
        return tuple(written)

    def _match(self, words: Sequence[Word]) -> tuple[int, str]:
        """Return the longest run of words at the beginning that is known, and how it is written; 0 for none."""
        bare = tuple(_bare(word.content) for word in words)
        for count in range(len(bare), 0, -1):
            if bare[:count] in self._written:
                return count, self._written[bare[:count]]
        return 0, ""


def _as_written(run: Sequence[Word], content: str) -> list[Word]:
    """Spread the written words over the time of those that were heard, the marks of the first and the last kept."""
    front, _ = _marks(run[0].content)
    _, back = _marks(run[-1].content)
    pieces = content.split()
    pieces[0], pieces[-1] = front + pieces[0], pieces[-1] + back
    if len(pieces) == len(run):
        return [replace(word, content=piece) for word, piece in zip(run, pieces, strict=True)]
    start, seconds = run[0].start_time, run[-1].end_time - run[0].start_time
    edges = [start + seconds * number / len(pieces) for number in range(len(pieces) + 1)]
    confidence = min(word.confidence for word in run)
    return [
        replace(run[0], content=piece, start_time=edges[number], end_time=edges[number + 1], confidence=confidence)
        for number, piece in enumerate(pieces)
    ]


def _marks(content: str) -> tuple[str, str]:
    """Return the marks before and behind the letters and digits of a word."""
    inside = [index for index, letter in enumerate(content) if letter.isalnum()]
    return (content[: inside[0]], content[inside[-1] + 1 :]) if inside else ("", "")


def _bare(content: str) -> str:
    front, back = _marks(content)
    return content[len(front) : len(content) - len(back)].casefold()
