"""Runs an engine in child processes, for engines that hold the GIL or must be isolated.

A child serves one call or one lease at a time. A child that dies is an :class:`EngineCrashed` for the call or lease
that used it and no other; the next call gets a new one. A child whose memory grew past the limit is replaced between
calls. Children that do batch work are others than those of live work, and give way to them.
"""

import os
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, nullcontext, suppress
from copy import copy
from types import TracebackType
from typing import Concatenate, Generic, ParamSpec, Self, TypeVar

import anyio

from dragoman.core.errors import EngineCrashed
from dragoman.hosts import wire
from dragoman.hosts.calls import method_name
from dragoman.hosts.children import Child, ChildPool
from dragoman.hosts.slots import NICENESS, PRIORITIES, Priority, Slots

E = TypeVar("E")
P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S")

_MAX_MEMORY = 1 << 30
_SPARE_SECONDS = 60.0
"""Loading a child again costs half a second of a core that running sessions need."""


class ProcessHost(Generic[E]):
    """Children with the engine loaded. At most ``size`` calls of one priority run at once, others wait; leases don't:
    sessions have been counted when they were admitted. Calls are live unless they are made through :meth:`at`."""

    def __init__(
        self,
        name: str,
        plugin: str,
        model: str | None = None,
        *,
        size: int,
        slots: Slots | None = None,
        max_memory: int = _MAX_MEMORY,
        spare_seconds: float = _SPARE_SECONDS,
    ) -> None:
        """``plugin`` is ``module`` or ``module:object`` with a ``load(model)``; ``slots``: who computes when, where it
        is shared with other engines; ``max_memory`` is a child's resident size in bytes above which it is replaced;
        ``spare_seconds`` is how long :meth:`keep_warm` keeps a child that nobody needs."""
        self.name = name
        self.slots = size
        self._slots = slots or Slots(size)
        self._priority: Priority = "live"
        self._calls = {priority: anyio.Semaphore(size) for priority in PRIORITIES}
        engine = [plugin, *([model] if model else [])]
        self._pools = {
            priority: ChildPool(
                name,
                [str(_niceness(priority)), *engine],
                kept=size,
                max_memory=max_memory,
                spare_seconds=spare_seconds,
            )
            for priority in PRIORITIES
        }

    def at(self, priority: Priority) -> "ProcessHost[E]":
        """Return a view of this host whose calls have this priority."""
        view = copy(self)
        view._priority = priority  # noqa: SLF001  of the same class
        return view

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for pool in self._pools.values():
            await pool.close()

    async def warm(self, children: int = 1) -> None:
        """Make sure that so many children are loaded and idle."""
        await self._pool.fill(children)

    async def warm_leases(
        self, streams: int, method: Callable[Concatenate[E, P], S], *args: P.args, **kwargs: P.kwargs
    ) -> None:
        """:meth:`warm` for leases: each child has opened such a stream once, since what live work needs may be loaded
        only then."""
        await self._pool.fill(streams, wire.Request("open", method_name(method), args, kwargs))

    async def keep_warm(
        self, streams: int, method: Callable[Concatenate[E, P], S], *args: P.args, **kwargs: P.kwargs
    ) -> None:
        """:meth:`warm_leases`, again whenever a child is taken, so that the next lease does not wait for a load; until
        cancelled, or an engine can't be loaded."""
        await self._pool.keep(streams, wire.Request("open", method_name(method), args, kwargs))

    async def call(self, method: Callable[Concatenate[E, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        async with self._calls[self._priority], self._slots.taken(self._priority), self._pool.child() as child:
            result: R = await child.ask(wire.Request("call", method_name(method), args, kwargs))
            return result

    async def iterate(
        self, method: Callable[Concatenate[E, P], Iterator[R]], *args: P.args, **kwargs: P.kwargs
    ) -> AsyncGenerator[R, None]:
        async with self._calls[self._priority], self._pool.child() as child:
            await child.send(wire.Request("iterate", method_name(method), args, kwargs))
            while isinstance(reply := await self._next(child), wire.Result):
                yield reply.value

    @asynccontextmanager
    async def lease(
        self, method: Callable[Concatenate[E, P], S], *args: P.args, **kwargs: P.kwargs
    ) -> AsyncIterator["ProcessLease[S]"]:
        with self._slots.live_stream() if self._priority == "live" else nullcontext():
            async with self._pool.child() as child:
                await child.ask(wire.Request("open", method_name(method), args, kwargs))
                try:
                    yield ProcessLease(child, self._slots, self._priority)
                finally:
                    if child.ready:
                        with anyio.CancelScope(shield=True), suppress(EngineCrashed):
                            await child.ask(wire.Request("close"))

    @property
    def _pool(self) -> ChildPool:
        return self._pools[self._priority]

    async def _next(self, child: Child) -> wire.Result | wire.Done:
        """Wait for a reply in a slot; a slow reader of the replies before holds none."""
        async with self._slots.taken(self._priority):
            return await child.receive()


class ProcessLease(Generic[S]):
    """A stream that lives in one child of a :class:`ProcessHost`."""

    def __init__(self, child: Child, slots: Slots, priority: Priority) -> None:
        self._child = child
        self._slots = slots
        self._priority = priority

    async def call(self, method: Callable[Concatenate[S, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        async with self._slots.taken(self._priority):
            result: R = await self._child.ask(wire.Request("stream", method_name(method), args, kwargs))
            return result


def _niceness(priority: Priority) -> int:
    """By how much a child is nicer than this process, which may be nice itself."""
    return max(0, NICENESS - os.nice(0)) if priority == "batch" else 0
