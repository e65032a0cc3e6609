"""How much of what is shown is taken back again."""

from collections.abc import Sequence
from itertools import pairwise


def erasure(shown: Sequence[Sequence[str]]) -> float:
    """Tokens taken back over tokens in the end: from each showing to the next, all behind what both begin with
    (Niehues et al. 2016; normalised as Arivazhagan et al. 2020, "Re-translation versus Streaming")."""
    erased = sum(len(one) - _in_common(one, other) for one, other in pairwise(shown))
    return erased / max(1, len(shown[-1])) if shown else 0.0


def _in_common(one: Sequence[str], other: Sequence[str]) -> int:
    for index, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return index
    return min(len(one), len(other))
