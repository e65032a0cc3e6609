"""What of the open sentence was already announced: each item is said once. Pure."""

from collections.abc import Sequence
from itertools import dropwhile

from dragoman.core.transcript import Item, Punctuation


class Announced:
    """Of one stream of sentences, each of which begins with the items announced before it was closed."""

    def __init__(self) -> None:
        self._count = 0

    def new(self, items: Sequence[Item]) -> tuple[Item, ...]:
        """Those of the open sentence's items that were not announced."""
        return _whole_words(items[self._count :]) if self._count else tuple(items)

    def part(self, items: Sequence[Item]) -> tuple[Item, ...]:
        """The same, and from now on they are."""
        new = self.new(items)
        self._count = len(items)
        return new

    def rest(self, items: Sequence[Item]) -> tuple[Item, ...]:
        """The same of a sentence that is now closed."""
        new = self.new(items)
        self._count = 0
        return new


def _whole_words(items: Sequence[Item]) -> tuple[Item, ...]:
    """Without marks of a word that was announced before: a mark comes with its word or not at all."""
    return tuple(dropwhile(lambda item: isinstance(item, Punctuation) and item.attaches_to == "previous", items))
