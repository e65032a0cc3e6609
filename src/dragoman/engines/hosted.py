"""How a loaded engine is called, wherever it runs.

The first argument of each verb is a method of the engine's Protocol, so that calls stay typed across a process
boundary: ``await hosted.call(Recognizer.recognize, chunk, options)``.
"""

from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from typing import Concatenate, ParamSpec, Protocol, TypeVar

E_co = TypeVar("E_co", covariant=True)
P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S")


class Leased(Protocol[E_co]):
    """One stream of an engine, held by one session; calls on it run one after another."""

    async def call(self, method: Callable[Concatenate[E_co, P], R], *args: P.args, **kwargs: P.kwargs) -> R: ...


class Hosted(Protocol[E_co]):
    """A loaded engine, and how urgent the calls are that are made here. Safe to share between tasks.

    Every verb raises :class:`~dragoman.core.errors.EngineCrashed` when the engine's process dies under it (the next
    call gets a new one) and :class:`~dragoman.core.errors.EngineFailed` when the engine raises.
    """

    @property
    def slots(self) -> int:
        """Calls that the engine serves at once; more of them wait in line."""
        ...

    async def call(self, method: Callable[Concatenate[E_co, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """One stateless call."""
        ...

    def iterate(
        self, method: Callable[Concatenate[E_co, P], Iterator[R]], *args: P.args, **kwargs: P.kwargs
    ) -> AsyncGenerator[R, None]:
        """A call whose results are handed over as the engine produces them; close it when leaving early."""
        ...

    def lease(
        self, method: Callable[Concatenate[E_co, P], S], *args: P.args, **kwargs: P.kwargs
    ) -> AbstractAsyncContextManager[Leased[S]]:
        """Opens a stream; it lives where it was opened until the context is left."""
        ...

    async def warm_leases(
        self, streams: int, method: Callable[Concatenate[E_co, P], S], *args: P.args, **kwargs: P.kwargs
    ) -> None:
        """Load what opening so many such streams needs, so that as many start without waiting for it."""
        ...

    async def keep_warm(
        self, streams: int, method: Callable[Concatenate[E_co, P], S], *args: P.args, **kwargs: P.kwargs
    ) -> None:
        """:meth:`warm_leases`, again whenever a stream is opened, until cancelled. Returns where an engine stays loaded
        however many streams it has."""
        ...
