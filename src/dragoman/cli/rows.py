"""Sentences and their translations, put side by side as they come."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from dragoman.core.events import Event, FinalTranscript, FinalTranslation
from dragoman.core.transcript import Sentence


@dataclass(frozen=True, slots=True)
class Row:
    """A sentence; a translation that failed is missing."""

    sentence: Sentence
    translations: Mapping[str, str]


@dataclass(slots=True)
class _Open:
    sentence: Sentence
    translations: dict[str, str] = field(default_factory=dict)


class RowBuilder:
    """Gives out each sentence as soon as all its translations are there, or known not to come."""

    def __init__(self, targets: Sequence[str]) -> None:
        self._targets = targets
        self._open: deque[_Open] = deque()
        self._reached = dict.fromkeys(targets, -1.0)
        """Start of the latest sentence translated, per target; they come in order, so earlier ones are settled."""

    def add(self, event: Event) -> Iterator[Row]:
        match event:
            case FinalTranscript(sentence):
                self._open.append(_Open(sentence))
            case FinalTranslation(translation):
                self._reached[translation.language] = translation.start_time
                for row in self._open:
                    if row.sentence.start_time == translation.start_time:
                        row.translations.setdefault(translation.language, translation.content)
        while self._open and self._settled(self._open[0].sentence):
            yield self._next()

    def finish(self) -> Iterator[Row]:
        """The rest, when no more translations come."""
        while self._open:
            yield self._next()

    def _settled(self, sentence: Sentence) -> bool:
        return all(self._reached[target] >= sentence.start_time for target in self._targets)

    def _next(self) -> Row:
        row = self._open.popleft()
        return Row(row.sentence, row.translations)
