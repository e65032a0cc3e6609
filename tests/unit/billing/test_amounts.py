import pytest

from dragoman.billing.amounts import MAX_TOKENS, checked_amount, checked_key
from dragoman.core.errors import InvalidAmount, InvalidOption


@pytest.mark.parametrize("amount", [-1, 0, MAX_TOKENS + 1, 1.0, True, "1", None])
def test_what_is_no_amount(amount):
    with pytest.raises(InvalidAmount, match="tokens"):
        checked_amount(amount, least=1)


def test_what_is():
    assert [checked_amount(amount) for amount in (0, 1, MAX_TOKENS)] == [0, 1, MAX_TOKENS]


@pytest.mark.parametrize("key", ["", "x" * 201, "a\nb", "a\x00"])
def test_what_is_no_key(key):
    with pytest.raises(InvalidOption, match="idempotency key"):
        checked_key(key)


def test_what_is_a_key():
    assert checked_key("hold:s-1 ü") == "hold:s-1 ü"
