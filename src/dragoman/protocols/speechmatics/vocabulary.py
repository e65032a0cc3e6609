"""Words that a client wants to be known."""

from collections.abc import Sequence
from dataclasses import dataclass

from dragoman.core.capabilities import Heard
from dragoman.core.options import VocabularyItem
from dragoman.protocols.speechmatics.config import VocabularyEntry
from dragoman.protocols.speechmatics.warned import Warned

_MOST_WORDS = 6
_MOST_CHARACTERS = 4000
"""Of an item, as documented; longer ones are dropped."""


@dataclass(frozen=True, slots=True)
class Taught:
    items: tuple[VocabularyItem, ...]
    warned: tuple[Warned, ...] = ()


def vocabulary(entries: Sequence[VocabularyEntry], heard: Heard) -> Taught:
    if not entries:
        return Taught(())
    if not heard.vocabulary:
        problem = f"{heard.engine} cannot be taught words of {heard.language}"
        return Taught((), (Warned(f"transcription_config.additional_vocab: {problem}"),))
    kept = [entry for entry in entries if _fits(entry)]
    items = tuple(VocabularyItem(entry.content, tuple(entry.sounds_like)) for entry in kept)
    if len(kept) == len(entries):
        return Taught(items)
    limits = f"more than {_MOST_WORDS} words or {_MOST_CHARACTERS} characters"
    dropped = f"transcription_config.additional_vocab: {len(entries) - len(kept)} items were dropped: {limits}, or none"
    return Taught(items, (Warned(dropped),))


def _fits(entry: VocabularyEntry) -> bool:
    texts = [entry.content, *entry.sounds_like]
    return all(1 <= len(text.split()) <= _MOST_WORDS and len(text) <= _MOST_CHARACTERS for text in texts)
