"""Runs an engine inside this process, on worker threads, for engines that let go of the GIL."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, nullcontext
from copy import copy
from inspect import isgenerator
from types import TracebackType
from typing import Concatenate, Generic, ParamSpec, Self, TypeVar

import anyio
import anyio.to_thread

from dragoman.hosts.calls import as_engine_error, method_name
from dragoman.hosts.slots import PRIORITIES, Priority, Slots

E = TypeVar("E")
P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S")

_EXHAUSTED = object()


class ThreadHost(Generic[E]):
    """One engine object shared by all callers, whatever the priority of their calls.

    The engine is loaded by the first call, or by :meth:`warm`. If it has a ``close`` method, leaving the context
    calls it. Calls are live unless they are made through :meth:`at`.
    """

    def __init__(self, name: str, load: Callable[[], E], *, threads: int, slots: Slots | None = None) -> None:
        """``threads``: calls of one priority that run at once; the others wait in line. ``slots``: who computes when,
        where it is shared with other engines."""
        self.name = name
        self.slots = threads
        self._slots = slots or Slots(threads)
        self._priority: Priority = "live"
        self._threads = {priority: anyio.CapacityLimiter(threads) for priority in PRIORITIES}
        self._shared = _Shared(load)

    def at(self, priority: Priority) -> "ThreadHost[E]":
        """Return a view of this host whose calls have this priority."""
        view = copy(self)
        view._priority = priority  # noqa: SLF001  of the same class
        return view

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        engine, self._shared.engine = self._shared.engine, None
        close = getattr(engine, "close", None)
        if close is not None:
            with anyio.CancelScope(shield=True):
                await self._fenced(close, "live")

    async def warm(self) -> None:
        """Load the engine now."""
        await self._loaded()

    async def warm_leases(
        self,
        streams: int,  # noqa: ARG002  as the next ones: one engine serves all streams
        method: Callable[Concatenate[E, P], S],  # noqa: ARG002
        *args: P.args,  # noqa: ARG002
        **kwargs: P.kwargs,  # noqa: ARG002
    ) -> None:
        """Load the engine: its streams live beside each other."""
        await self._loaded()

    async def keep_warm(
        self, streams: int, method: Callable[Concatenate[E, P], S], *args: P.args, **kwargs: P.kwargs
    ) -> None:
        """:meth:`warm_leases`. Returns at once: what is loaded stays."""
        await self.warm_leases(streams, method, *args, **kwargs)

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
                    await self._fenced(close, self._priority)  # without a slot: it only ends work

    @asynccontextmanager
    async def lease(
        self, method: Callable[Concatenate[E, P], S], *args: P.args, **kwargs: P.kwargs
    ) -> AsyncIterator["ThreadLease[S]"]:
        with self._slots.live_stream() if self._priority == "live" else nullcontext():
            yield ThreadLease(self, await self.call(method, *args, **kwargs))

    async def _loaded(self) -> E:
        async with self._shared.loading:
            if self._shared.engine is None:
                # Without a slot: live calls may wait for a load that a batch call has begun.
                self._shared.engine = await self._fenced(self._shared.load, "live")
            return self._shared.engine

    async def _run(self, work: Callable[[], R], *, abandon: bool = False) -> R:
        """``abandon``: on cancellation, leave the thread to itself instead of waiting for it."""
        async with self._slots.taken(self._priority):
            return await self._fenced(work, self._priority, abandon=abandon)

    async def _fenced(self, work: Callable[[], R], priority: Priority, *, abandon: bool = False) -> R:
        limiter = self._threads[priority]
        try:
            return await anyio.to_thread.run_sync(work, limiter=limiter, abandon_on_cancel=abandon)
        except Exception as error:  # the engine is fenced here: it may raise anything
            raise as_engine_error(self.name, error) from error


class _Shared(Generic[E]):
    """The engine, which all views of a host share."""

    def __init__(self, load: Callable[[], E]) -> None:
        self.load = load
        self.loading = anyio.Lock()
        self.engine: E | None = None


class ThreadLease(Generic[S]):
    """A stream of a :class:`ThreadHost`."""

    def __init__(self, host: ThreadHost[E], stream: S) -> None:
        self._host = host
        self._stream = stream

    async def call(self, method: Callable[Concatenate[S, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        stream = self._stream
        work = lambda: getattr(stream, method_name(method))(*args, **kwargs)  # noqa: E731  typed by the host
        return await self._host._run(work)  # noqa: SLF001  the two are one thing
