"""Language models of a text."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.engines.adapters.ngrams import arpa

OTHERS = {"the": 3.0, "of": 1.0}


def tables(words, others=OTHERS, share=0.2):
    """Probability and weight of each gram, by order."""
    found: list[dict] = [{}]
    for line in "\n".join(arpa(words, others, share)).splitlines():
        if line.startswith("\\") and line.endswith("-grams:"):
            found.append({})
        elif len(found) > 1 and line and not line.startswith("\\"):
            numbers = line.split()
            order = len(found) - 1
            weight = 10 ** float(numbers[order + 1]) if len(numbers) > order + 1 else 1.0
            found[-1][tuple(numbers[1 : order + 1])] = (10 ** float(numbers[0]), weight)
    return found


def probability(found, gram):
    if gram in found[len(gram)]:
        return found[len(gram)][gram][0]
    return found[len(gram) - 1].get(gram[:-1], (0, 1.0))[1] * probability(found, gram[1:])


words = st.lists(st.sampled_from(["a", "b", "c", "the"]), min_size=1, max_size=30)


@given(words)
def test_whatever_follows_a_context_is_one_in_all(text):
    found = tables(text)
    vocabulary = [gram[0] for gram in found[1] if gram != ("<s>",)]
    for context in ((), ("a",), ("the", "b"), tuple(text[:2])):
        assert sum(probability(found, (*context[-2:], word)) for word in vocabulary) == pytest.approx(1, abs=0.01)


def test_what_follows_in_the_text_is_likely_and_others_are_possible():
    text = "ask not what your country can do".split()  # noqa: SIM905  as it is said
    found = tables(text)
    assert all(probability(found, pair) > 0.5 for pair in pairwise(text))
    assert 0.001 < probability(found, ("not", "the")) < 0.1
    assert probability(found, ("</s>",)) == pytest.approx(0.02, abs=0.001)


def test_the_head_counts_what_follows():
    lines = list(arpa(["a", "b"], OTHERS, 0.2))
    assert lines[:4] == ["\\data\\", "ngram 1=6", "ngram 2=1", "ngram 3=0"]
    assert lines[-1] == "\n\\end\\"
