"""Which numbers can be amounts."""

from typing import Final

from dragoman.core.errors import InvalidAmount, InvalidOption

MAX_TOKENS: Final = 2**53 - 1
"""The most that an account can have: the largest integer that every reader of JSON takes exactly."""

_LONGEST_KEY: Final = 200


def checked_amount(amount: int, *, least: int = 0) -> int:
    """Raises :class:`InvalidAmount` unless it is an integer (no bool, no float) in range."""
    if type(amount) is not int or not least <= amount <= MAX_TOKENS:
        raise InvalidAmount(
            f"{amount!r} is not a number of tokens", remedy=f"Allowed: whole numbers from {least} to {MAX_TOKENS}"
        )
    return amount


def checked_key(key: str) -> str:
    """An idempotency key; raises :class:`InvalidOption`."""
    if not 1 <= len(key) <= _LONGEST_KEY or not key.isprintable():
        raise InvalidOption(
            "the idempotency key cannot be used", remedy=f"Allowed: 1 to {_LONGEST_KEY} printable characters"
        )
    return key
