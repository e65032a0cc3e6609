"""Words of a window to words of its utterances: where attention puts a word, corrected by where there is sound.

Whisper starts the first word behind a pause with the pause, a second early, and its inner word times are right within
0.06 s (median; docs/engines.md, "Recognition").
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from dragoman.core.transcript import Word
from dragoman.engines.adapters.whisper.confidence import confidence
from dragoman.engines.adapters.whisper.decoding import TimedWord
from dragoman.engines.adapters.whisper.packing import Place, Window
from dragoman.engines.adapters.whisper.sound import Sound

_SHORTEST: Final = 0.02
"""Seconds of a word, at least."""
_ONSET: Final = 0.03
"""Seconds before the first sound at which a word starts: soft consonants are not loud enough."""
_LAG: Final = 0.04
"""Seconds by which attention runs ahead of the sound, against forced alignment (docs/engines.md, "Recognition")."""
_HOLE: Final = 1.6
"""Seconds without a word that are worth another look."""
_LONG_WORD: Final = 2.0
"""Seconds that no word takes: attention stretches one over what the decoder skipped."""
_VOICED: Final = 0.4
"""Share of such a stretch in which there must be sound."""


def placed(words: Sequence[TimedWord], window: Window) -> list[tuple[int, Word]]:
    """Return the words in source time, each with the number of its utterance."""
    sound = Sound(window.samples)
    found: list[tuple[int, Word]] = []
    earliest = 0.0
    for word in words:
        place, start, end = _bounds(word, window, sound)
        start = max(start, earliest)
        end = earliest = max(end, start + _SHORTEST)
        content = Word(
            word.text, place.source_time(start), place.source_time(end), confidence=confidence(word.probability)
        )
        found.append((place.utterance, content))
    return _in_order(found)


def skipped(words: Sequence[TimedWord], window: Window) -> list[tuple[float, float]]:
    """Return the stretches of a window, in its seconds, in which there is sound and the decoder has hardly a word:
    between two words, or in a word that is far too long for one."""
    sound = Sound(window.samples)
    bounds = [_bounds(word, window, sound)[1:] for word in words]
    edges = [0.0, *(time for bound in bounds for time in bound), window.duration]
    between = [(start, end) for start, end in list(pairwise(edges))[::2] if end - start >= _HOLE]
    long_words = [(start, end) for start, end in bounds if end - start >= _LONG_WORD]
    return [stretch for stretch in sorted(between + long_words) if sound.share(*stretch) >= _VOICED]


def _bounds(word: TimedWord, window: Window, sound: Sound) -> tuple[Place, float, float]:
    """Return the utterance of a word, and its start and end in the window: of the sound in what attention gave it, so
    that it is looked up where it is said and not in the pause before or behind."""
    first, last = word.start + _LAG, word.end + _LAG
    start, end = sound.within(first, last) or (first, last)
    place = window.place_at((start + end) / 2)
    start = max(start - _ONSET, min(first, start), place.offset)
    end = min(end + _ONSET, max(last, end), place.end)
    return place, min(start, end), end


def _in_order(words: Sequence[tuple[int, Word]]) -> list[tuple[int, Word]]:
    """Keep utterances in order: a word that attention put into an earlier one than the word before goes along."""
    latest = 0
    ordered: list[tuple[int, Word]] = []
    for utterance, word in words:
        latest = max(latest, utterance)
        ordered.append((latest, word))
    return ordered
