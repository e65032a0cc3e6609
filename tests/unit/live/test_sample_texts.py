"""What the voice says when capacity is measured."""

import pytest

from dragoman.core.language import canonical
from dragoman.live.sample_texts import _TEXTS, sample_text


def test_tags_are_canonical():
    assert [canonical(tag) for tag in _TEXTS] == list(_TEXTS)


@pytest.mark.parametrize(
    ("language", "begins"), [("en-GB", "Good"), ("pt-BR", "Bom dia"), ("zh", "大家"), ("fi", "1, 2")]
)
def test_a_region_hears_its_language_and_all_others_digits(language, begins):
    assert sample_text(language).startswith(begins)
