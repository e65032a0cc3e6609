"""A language model of one text, in the form of Doug Paul's ARPA format: what follows what in it, and how often.

Of each context what was seen in the text gets its share, less a discount that goes to the shorter contexts (Witten and
Bell's, halved: what is read is mostly what is written).
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

Gram = tuple[str, ...]

_ORDER = 3
"""Words of the longest context and the one that follows it."""

_DISCOUNT = 0.5
_END = 0.02
"""Probability that an utterance ends after a word, whatever it is."""
_LEAST = 1e-7


def arpa(words: Sequence[str], others: Mapping[str, float], share: float) -> Iterator[str]:
    """Lines of the model. ``others``: words that may be said although they are not in the text, and how often each is
    compared with the rest of them; ``share``: how much of all that is said they are."""
    tables, backoffs = [_unigrams(words, others, share)], dict[Gram, float]()
    for order in range(2, _ORDER + 1):
        tables.append(_ngrams(words, order, tables, backoffs))
    yield "\\data\\"
    for order, table in enumerate(tables, start=1):
        yield f"ngram {order}={len(table) + (order == 1)}"
    for order, table in enumerate(tables, start=1):
        yield f"\n\\{order}-grams:"
        if order == 1:
            yield "-99 <s> 0"
        for gram, probability in table.items():
            weight = f" {math.log10(backoffs.get(gram, 1.0)):.4f}" if order < _ORDER else ""
            yield f"{math.log10(probability):.4f} {' '.join(gram)}{weight}"
    yield "\n\\end\\"


def _unigrams(words: Sequence[str], others: Mapping[str, float], share: float) -> dict[Gram, float]:
    counts, everything = Counter(words), sum(others.values())
    weights: dict[Gram, float] = {(word,): (1 - share) * count / len(words) for word, count in counts.items()}
    for word, often in others.items():
        weights[word,] = weights.get((word,), 0.0) + share * often / everything
    whole = sum(weights.values())
    return {gram: (1 - _END) * weight / whole for gram, weight in weights.items()} | {("</s>",): _END}


def _ngrams(
    words: Sequence[str], order: int, tables: Sequence[Mapping[Gram, float]], backoffs: dict[Gram, float]
) -> dict[Gram, float]:
    """Those of one length; adds what their contexts leave for shorter ones."""
    following: defaultdict[Gram, list[tuple[str, int]]] = defaultdict(list)
    counts = Counter(zip(*(islice(words, first, None) for first in range(order)), strict=False))
    for gram, count in counts.items():
        following[gram[:-1]].append((gram[-1], count))
    table: dict[Gram, float] = {}
    for context, seen in following.items():
        whole = sum(count for _, count in seen) + _DISCOUNT * len(seen)
        shorter = sum(_probability((*context[1:], word), tables, backoffs) for word, _ in seen)
        table |= {(*context, word): count / whole for word, count in seen}
        backoffs[context] = max(_LEAST, _DISCOUNT * len(seen) / whole / max(_LEAST, 1 - shorter))
    return table


def _probability(gram: Gram, tables: Sequence[Mapping[Gram, float]], backoffs: Mapping[Gram, float]) -> float:
    if (found := tables[len(gram) - 1].get(gram)) is not None:
        return found
    return backoffs.get(gram[:-1], 1.0) * _probability(gram[1:], tables, backoffs)
