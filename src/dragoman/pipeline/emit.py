"""How a stage announces what it did: waits while nobody reads."""

from collections.abc import Awaitable, Callable

from dragoman.core.events import Event

Emit = Callable[[Event], Awaitable[None]]
