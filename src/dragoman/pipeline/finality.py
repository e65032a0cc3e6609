"""Which words of an utterance that goes on are made final, so that none waits longer than it may. Pure.

An engine's words are only final when its utterance ends. So when the oldest word becomes due, the utterance is ended
under the speaker: the words before its longest late gap are final, and the audio after that gap is heard again as the
beginning of the next one. A little of the audio before the gap goes with it, and what is understood there is dropped:
an engine that begins between two words, knowing none, errs more often. How much that costs: docs/benchmarks.md.

Where the delay is short that would be most of the work, and the work itself would make words late. There they become
final in passing, as the hypothesis has them when they are due (docs/decisions/0012-final-in-passing.md).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import dropwhile, takewhile

from dragoman.core.transcript import Word

RESERVE = 0.25
"""Seconds kept for what comes after a word was heard: the block and the frame that are not complete yet, the
resamplers' delay, and the decoding of the utterance's end."""

_GUARD = 0.3
"""Seconds. A word that ended less than this before the end of the audio may go on, or be heard otherwise yet."""

_PADDING = 0.3
"""Seconds kept before a word at most, as before an utterance."""

_AGAIN = 0.5
"""Of the delay. Words that ended longer ago than this are final whatever the gaps: with less there would be no choice
among gaps, with more the same audio would be heard many times."""


_CONTEXT = 0.6
"""Seconds before a cut that are heard once more. On 447 words, at delays of 1 and 2 s, four points of WER less for a
third more decoding."""

SHORT = 1.75
"""Seconds. Words become final in passing where they may wait for less than this."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Where an utterance is parted."""

    count: int
    """So many words are final."""
    time: float
    """Seconds; the words from here on are heard again."""
    again: float
    """Seconds; the audio from here on is."""


class Finality:
    """For one allowed delay, in seconds from the end of a word."""

    def __init__(self, max_delay: float) -> None:
        self.in_passing = max_delay < SHORT
        """Whether words become final by :meth:`passed`, the utterance going on; else by :meth:`cut`."""
        self._longest = max_delay
        self._patience = max_delay - RESERVE
        self._again = max(_GUARD, self._patience * _AGAIN)

    def due(self, hypothesis: Sequence[Word], heard: float) -> bool:
        return bool(hypothesis) and heard - hypothesis[0].end_time >= self._patience

    def cut(self, words: Sequence[Word], begin: float, heard: float) -> Cut:
        """For the final words of the audio between two times. The hypothesis may have had others."""
        least = max(
            _leading(word.end_time <= heard - self._again for word in words),
            _leading(word.start_time <= heard - self._longest for word in words),
        )
        most = max(least, _leading(word.end_time <= heard - _GUARD for word in words))
        if most == 0:
            # An engine that suddenly knows of no words is given the audio once more.
            time = max(begin, words[0].start_time - _PADDING if words else heard - self._longest)
            return Cut(0, time, time)
        count = max(range(max(1, least), most + 1), key=lambda count: (_gap(words, count, heard), count))
        end, following = words[count - 1].end_time, _next_start(words, count, heard)
        time = min(max(begin, (end + following) / 2, following - _PADDING), heard)
        return Cut(count, time, max(begin, time - _CONTEXT))

    def passed(self, hypothesis: Sequence[Word], heard: float) -> Cut:
        """For a hypothesis with a word that is due. Nothing is heard again."""
        count = _leading(heard - word.end_time >= self._patience for word in hypothesis)
        time = hypothesis[count - 1].end_time
        return Cut(count, time, time)

    def wait(self, cut: Cut, heard: float) -> float:
        """Until where to look for nothing that is due: where nothing could be made final, trying again at once would
        hear the same audio for ever."""
        return heard if cut.count else heard + self._patience - _GUARD


def after(words: Sequence[Word], time: float) -> tuple[Word, ...]:
    """Those that were not final before ``time``; one across it begins there."""
    late = dropwhile(lambda word: (word.start_time + word.end_time) / 2 < time, words)
    return tuple(replace(word, start_time=max(word.start_time, time)) for word in late)


def since(words: Sequence[Word], time: float) -> tuple[Word, ...]:
    """Those that begin at ``time`` or later: one across it was heard in place of words that are final."""
    return tuple(dropwhile(lambda word: word.start_time < time, words))


def heard_again(max_delay: float | None) -> float:
    """How much of the audio is heard more than once, as a share of what it is where it is most."""
    return 0.0 if max_delay is None or max_delay < SHORT else SHORT / max_delay


def _gap(words: Sequence[Word], count: int, heard: float) -> float:
    """Seconds of silence after the first ``count`` words."""
    return max(0.0, _next_start(words, count, heard) - words[count - 1].end_time)


def _next_start(words: Sequence[Word], count: int, heard: float) -> float:
    return words[count].start_time if count < len(words) else heard


def _leading(conditions: Iterable[bool]) -> int:
    """How many hold before the first that does not."""
    return sum(1 for _ in takewhile(bool, conditions))
