"""The confidence of a word rises with the decoder's probability and stays a probability."""

from itertools import pairwise

import pytest

from dragoman.engines.adapters.whisper.confidence import confidence


def test_a_surer_decoder_gives_a_surer_word():
    found = [confidence(step / 1000) for step in range(1001)]
    assert all(before <= after for before, after in pairwise(found))
    assert found[5] < found[500] < found[995]


@pytest.mark.parametrize("probability", [-1.0, 0.0, 1e-300, 0.5, 1.0, 1.0000001, float("inf"), float("-inf")])
def test_it_is_a_probability_whatever_the_decoder_says(probability):
    assert 0.0 < confidence(probability) < 1.0


def test_a_word_without_a_probability_cannot_be_relied_on():
    assert confidence(float("nan")) == 0.0


@pytest.mark.parametrize(
    ("decoder", "right"), [(0.458, 0.59), (0.554, 0.69), (0.753, 0.88), (0.853, 0.88), (0.971, 0.973)]
)
def test_it_is_the_share_of_words_that_were_right(decoder, right):
    """The pairs are bins of at least 60 words of the recordings that it was fitted to."""
    assert confidence(decoder) == pytest.approx(right, abs=0.06)
