import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.accounts.keytext import new_key, parse_key


def test_a_new_key_has_256_random_bits_after_what_may_be_shown():
    keys = [new_key() for _ in range(100)]
    assert len({key.id for key in keys}) == len({key.text for key in keys}) == 100
    for key in keys:
        assert re.fullmatch(rf"dgm_{key.id}_[A-Za-z0-9_-]{{43}}", key.text)
        assert parse_key(key.text) == key
        assert key.text not in repr(key)


@pytest.mark.parametrize(
    "change", [str.upper, lambda text: text[:-1], lambda text: text + "x", lambda text: f" {text}"]
)
def test_what_only_looks_like_one(change):
    assert parse_key(change(new_key().text)) is None


@given(st.text())
def test_any_text_is_answered(text):
    assert parse_key(text) is None


@given(st.data())
def test_with_any_character_changed_it_is_another_or_none(data):
    key = new_key()
    place = data.draw(st.integers(0, len(key.text) - 1))
    changed = key.text[:place] + data.draw(st.characters()) + key.text[place + 1 :]
    assert changed == key.text or parse_key(changed) != key
