"""Where a text and what was heard are the same: pure.

Moreno et al., A recursive algorithm for the forced alignment of very long audio segments (1998), find the longest runs
of words that both have, and then those between. Here runs that are there only once in both come first, so that the
search stays linear in a long text; and a run counts only if chance would hardly have made it.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise, takewhile
from typing import Final

_RUN: Final = 3
"""Words that are the same by no chance."""
_NEAR: Final = 4
"""Words by which a shorter run may be off the next that counts."""
_LARGEST: Final = 250_000
"""Words of one times words of the other, of what is searched without any run that is there once: 500 of both."""


@dataclass(frozen=True, slots=True)
class Run:
    """The same words, one after another."""

    heard: int
    """Place of the first."""
    text: int
    words: int


def fold(word: str) -> str:
    """A word without its marks and its case; empty for marks that stand alone."""
    return "".join(character for character in word.casefold() if character.isalnum())


def anchors(heard: Sequence[str], text: Sequence[str]) -> dict[int, int]:
    """Places in the text, and where in what was heard they were found. Both go up together."""
    here, there = [fold(word) for word in heard], [fold(word) for word in text]
    corners = [(0, 0), *_seeds(here, there), (len(here), len(there))]
    runs: list[Run] = []
    for (first, begin), (last, end) in pairwise(corners):
        for run in _same(here[first:last], there[begin:end]):
            _add(runs, Run(first + run.heard, begin + run.text, run.words))
    return {
        run.text + place: run.heard + place
        for run in _credible(runs, min(_RUN, len(there)))
        for place in range(run.words)
        if there[run.text + place]
    }


def _seeds(heard: Sequence[str], text: Sequence[str]) -> list[tuple[int, int]]:
    """Places of runs that both have once, as many as are in the same order in both."""
    once, also = _once(heard), _once(text)
    pairs = sorted((place, also[run]) for run, place in once.items() if run in also)
    ends: list[int] = []
    """The least place in the text at which a chain of so many pairs ends."""
    last: list[int] = []
    """The pair with which it does."""
    before: list[int | None] = []
    for number, (_, place) in enumerate(pairs):
        length = bisect_left(ends, place)
        before.append(last[length - 1] if length else None)
        if length == len(ends):
            ends.append(place)
            last.append(number)
        else:
            ends[length], last[length] = place, number
    chain: list[tuple[int, int]] = []
    link = last[-1] if last else None
    while link is not None:
        chain.append(pairs[link])
        link = before[link]
    return chain[::-1]


def _once(words: Sequence[str]) -> Mapping[tuple[str, ...], int]:
    places: dict[tuple[str, ...], int | None] = {}
    for place in range(len(words) - _RUN + 1):
        run = tuple(words[place : place + _RUN])
        places[run] = None if run in places else place
    return {run: place for run, place in places.items() if place is not None}


def _same(heard: Sequence[str], text: Sequence[str]) -> list[Run]:
    if not heard or not text or len(heard) * len(text) > _LARGEST:
        # At a corner something is the same, all the same.
        words = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(heard, text, strict=False)))
        return [Run(0, 0, words)] if words else []
    found = SequenceMatcher(None, heard, text, autojunk=False).get_matching_blocks()
    return [Run(block.a, block.b, block.size) for block in found if block.size]


def _add(runs: list[Run], run: Run) -> None:
    """Behind the others, with which it may be one."""
    if runs and (runs[-1].heard + runs[-1].words, runs[-1].text + runs[-1].words) == (run.heard, run.text):
        last = runs.pop()
        run = Run(last.heard, last.text, last.words + run.words)
    runs.append(run)


def _credible(runs: Sequence[Run], least: int) -> list[Run]:
    """Those that are long, and those near them."""
    kept = [run.words >= least for run in runs]
    for order in (range(1, len(runs)), range(len(runs) - 1, 0, -1)):
        for place in order:
            if kept[place] != kept[place - 1] and _near(runs[place - 1], runs[place]):
                kept[place] = kept[place - 1] = True
    return [run for run, is_kept in zip(runs, kept, strict=True) if is_kept]


def _near(one: Run, other: Run) -> bool:
    return other.heard - one.heard - one.words <= _NEAR and other.text - one.text - one.words <= _NEAR
