"""Where one sentence ends and the next begins.

Unpunctuated words end a sentence where the speaker pauses. The default was chosen on the joined recordings in
``shared/data/longform`` as pocketsphinx hears and times them (38 changes of sentence, 688 gaps inside sentences): a
pause of 0.7 s, half as long again before a word that carries the sentence on, finds 35 of the 38 and cuts 10
sentences, the best balance of those tried. Asking for more after an article or preposition found fewer: where the
engine mishears the end of a sentence, it likes to hear a short word.
"""

from collections.abc import Sequence

import sentencex

from dragoman.core.transcript import Word
from dragoman.text.clauses import dangles, joins

PAUSE = 0.7
"""Seconds between two words that end a sentence of an unpunctuated engine."""
SILENCE = 3.0
"""Seconds between two words that end a sentence even where a punctuated engine put no mark."""

_BEFORE_JOINING = 1.5
"""Times the pause needed before a word that carries the sentence on."""

_CLAUSE_BONUS = 0.3
_DANGLING_PENALTY = 1.0
_MARK_BONUS = 1.0
"""In seconds of pause, what a clause boundary is worth when a long sentence must be cut somewhere."""


def gap(before: Word, after: Word) -> float:
    """Seconds of silence between two words; zero where they touch or overlap."""
    return max(0.0, after.start_time - before.end_time)


def same_voice(before: Word, after: Word) -> bool:
    return before.speaker == after.speaker and before.channel == after.channel


def sensitive_pause(pause: float, sensitivity: float) -> float:
    """``pause`` for somebody who wants marks more readily (1: half of it is enough) or less so (0: twice as long)."""
    return float(pause * 4 ** (0.5 - sensitivity))


def pause_needed(after: Word, language: str, pause: float) -> float:
    """Seconds of silence that end a sentence before ``after``."""
    return pause * _BEFORE_JOINING if joins(after.content.lower(), language) else pause


def marks_end_before_last(words: Sequence[Word], language: str, delimiter: str) -> bool:
    """Whether the library ends a sentence right before the last of these punctuated words."""
    if words[-2].content[-1:].isalnum():
        return False  # nearly every word, and asking costs half a millisecond
    text = delimiter.join(word.content for word in words)
    last = len(text) - len(words[-1].content)
    return any(boundary["start_index"] == last for boundary in sentencex.get_sentence_boundaries(language, text))


def best_cut(words: Sequence[Word], language: str, least: int = 1) -> int:
    """How many words of a sentence that grew too long make up its first part: ``least`` words or more, not all.

    The longest pause wins; a mark or the start of a clause counts as a pause, an article left hanging as the
    opposite. The first and last quarter are left alone, so that both parts are worth reading.
    """
    margin = max(1, len(words) // 4)
    first, last = max(margin, least), max(len(words) - margin, least)
    candidates = range(first, last + 1)
    return max(candidates, key=lambda cut: (_cut_score(words[cut - 1], words[cut], language), cut))


def _cut_score(before: Word, after: Word, language: str) -> float:
    score = gap(before, after)
    if not before.content[-1:].isalnum():
        score += _MARK_BONUS
    if joins(after.content.lower(), language):
        score += _CLAUSE_BONUS
    if dangles(before.content.lower(), language):
        score -= _DANGLING_PENALTY
    return score
