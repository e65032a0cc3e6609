"""What a credential allows: each product by its name, and administration."""

from collections.abc import Iterable
from typing import Final, Literal

from dragoman.core.errors import InvalidOption
from dragoman.core.product import PRODUCTS, Product

Scope = Product | Literal["admin"]

SCOPES: Final[tuple[Scope, ...]] = (*PRODUCTS, "admin")
DEFAULT_SCOPES: Final[frozenset[Scope]] = frozenset(PRODUCTS)
"""Of a key that was made without saying which."""


def scopes_from(names: Iterable[str]) -> frozenset[Scope]:
    """Raises :class:`InvalidOption` naming what is none, or when there is none at all."""
    wanted = frozenset(names)
    found: frozenset[Scope] = frozenset(scope for scope in SCOPES if scope in wanted)
    unknown = sorted(wanted - found)
    if unknown or not found:
        raise InvalidOption(
            f"{unknown[0]!r} is not a scope" if unknown else "a credential needs at least one scope",
            remedy=f"Scopes are {', '.join(SCOPES)}",
        )
    return found
