"""Runs an engine inside this process, on worker threads, for engines that let go of the GIL."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from inspect import isgenerator
from types import TracebackType
from typing import Concatenate, Generic, ParamSpec, Self, TypeVar

import anyio
import anyio.to_thread

from dragoman.hosts.calls import as_engine_error, method_name

E = TypeVar("E")
P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S")

_EXHAUSTED = object()


class ThreadHost(Generic[E]):
    """One engine object shared by all callers; at most ``threads`` calls run at once, the others wait in line.

    The engine is loaded by the first call, or by :meth:`warm`. If it has a ``close`` method, leaving the context
    calls it.
    """

    def __init__(self, name: str, load: Callable[[], E], *, threads: int) -> None:
        self.name = name
        self._load = load
        self._threads = anyio.CapacityLimiter(threads)
        self._loading = anyio.Lock()
        self._engine: E | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        engine, self._engine = self._engine, None
        close = getattr(engine, "close", None)
        if close is not None:
            with anyio.CancelScope(shield=True):
                await self._run(close)

    async def warm(self) -> None:
        """Loads the engine now."""
        await self._loaded()

    async def call(self, method: Callable[Concatenate[E, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        engine = await self._loaded()
        result: R = await self._run(lambda: getattr(engine, method_name(method))(*args, **kwargs))
        return result

    async def iterate(
        self, method: Callable[Concatenate[E, P], Iterator[R]], *args: P.args, **kwargs: P.kwargs
    ) -> AsyncGenerator[R, None]:
        results = await self.call(method, *args, **kwargs)
        # A generator cannot be closed while it runs; an iterator of the engine's own ends its work when told to.
        close = getattr(results, "close", None)
        at_once = close is not None and not isgenerator(results)
        try:
            while (result := await self._run(lambda: next(results, _EXHAUSTED), abandon=at_once)) is not _EXHAUSTED:
                yield result  # type: ignore[misc]  # mypy cannot tell the sentinel apart
        finally:
            if at_once and close is not None:
                close()
            elif close is not None:
                with anyio.CancelScope(shield=True):
                    await self._run(close)

    @asynccontextmanager
    async def lease(
        self, method: Callable[Concatenate[E, P], S], *args: P.args, **kwargs: P.kwargs
    ) -> AsyncIterator["ThreadLease[S]"]:
        yield ThreadLease(self, await self.call(method, *args, **kwargs))

    async def _loaded(self) -> E:
        async with self._loading:
            if self._engine is None:
                self._engine = await self._run(self._load)
            return self._engine

    async def _run(self, work: Callable[[], R], *, abandon: bool = False) -> R:
        """``abandon``: on cancellation, leave the thread to itself instead of waiting for it."""
        try:
            return await anyio.to_thread.run_sync(work, limiter=self._threads, abandon_on_cancel=abandon)
        except Exception as error:  # the engine is fenced here: it may raise anything
            raise as_engine_error(self.name, error) from error


class ThreadLease(Generic[S]):
    """A stream of a :class:`ThreadHost`."""

    def __init__(self, host: ThreadHost[E], stream: S) -> None:
        self._host = host
        self._stream = stream

    async def call(self, method: Callable[Concatenate[S, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        stream = self._stream
        work = lambda: getattr(stream, method_name(method))(*args, **kwargs)  # noqa: E731  typed by the host
        return await self._host._run(work)  # noqa: SLF001  the two are one thing
