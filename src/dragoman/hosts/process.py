"""Runs an engine in child processes, for engines that hold the GIL or must be isolated.

A child serves one call or one lease at a time. A child that dies is an :class:`EngineCrashed` for whoever was using
it and nobody else; the next call gets a new one. A child whose memory grew past the limit is replaced between calls.
"""

import os
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Concatenate, Generic, ParamSpec, Self, TypeVar

import anyio
import anyio.abc
from anyio.streams.buffered import BufferedByteReceiveStream

from dragoman.core.errors import EngineCrashed, first_error
from dragoman.hosts import wire
from dragoman.hosts.calls import method_name

E = TypeVar("E")
P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S")

_MAX_MEMORY = 1 << 30
_SPARE_SECONDS = 60.0
"""Loading a child again costs half a second of a core that running sessions need."""

_TUNABLES = "GLIBC_TUNABLES"
_HUGE_PAGES = "glibc.malloc.hugetlb"
"""Has an engine's memory lie in pages of 2 MB where the kernel has some (from glibc 2.35 on; others ignore it). Engines
jump about in tables of 100 MB: pocketsphinx decodes with a tenth less CPU, and takes 7 MB more."""

_KILL_SECONDS = 5.0
"""How long to wait for a killed child to be reaped; longer only when the kernel holds it in a system call."""


class ProcessHost(Generic[E]):
    """A pool of children, each with the engine loaded. At most ``size`` calls run at once, others wait; leases don't:
    whoever admits sessions has counted them."""

    def __init__(
        self,
        name: str,
        plugin: str,
        model: str | None = None,
        *,
        size: int,
        max_memory: int = _MAX_MEMORY,
        niceness: int = 0,
        spare_seconds: float = _SPARE_SECONDS,
    ) -> None:
        """``plugin`` is ``module`` or ``module:object`` with a ``load(model)``; ``max_memory`` is a child's resident
        size in bytes above which it is replaced; ``niceness`` is by how much the children give way to others;
        ``spare_seconds`` is how long :meth:`keep_warm` keeps what nobody needs."""
        self.name = name
        self._command = [str(niceness), plugin, *([model] if model else [])]
        self._slots = anyio.Semaphore(size)
        self._kept: float = size
        """Idle children beyond these are let go at once."""
        self._max_memory = max_memory
        self._spare_seconds = spare_seconds
        self._idle: list[_Child] = []
        self._taken = anyio.Event()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        while self._idle:
            await self._idle.pop().kill()

    async def warm(self, children: int = 1) -> None:
        """Makes sure that so many children are loaded and idle."""
        await self._fill(children, None)

    async def warm_leases(
        self, children: int, method: Callable[Concatenate[E, P], S], *args: P.args, **kwargs: P.kwargs
    ) -> None:
        """The same for leases: each child has opened such a stream once, since what live work needs may be loaded only
        then."""
        await self._fill(children, wire.Request("open", method_name(method), args, kwargs))

    async def keep_warm(
        self, children: int, method: Callable[Concatenate[E, P], S], *args: P.args, **kwargs: P.kwargs
    ) -> None:
        """:meth:`warm_leases`, again whenever a child is taken, so that the next lease does not wait for a load; until
        cancelled, or an engine can't be loaded.

        Children that leases give back are loaded, too, and stay while they are needed: sessions that come and go load
        none. A crowd leaves nothing behind: what nobody has needed for a while is let go."""
        kept, self._kept = self._kept, float("inf")
        try:
            while True:
                self._taken = anyio.Event()
                await self.warm_leases(children, method, *args, **kwargs)
                with anyio.move_on_after(self._spare_seconds):
                    await self._taken.wait()
                await self._let_go(beyond=children, idle_since=anyio.current_time() - self._spare_seconds)
        finally:
            self._kept = kept

    async def call(self, method: Callable[Concatenate[E, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        async with self._slots, self._child() as child:
            result: R = await child.ask(wire.Request("call", method_name(method), args, kwargs))
            return result

    async def iterate(
        self, method: Callable[Concatenate[E, P], Iterator[R]], *args: P.args, **kwargs: P.kwargs
    ) -> AsyncGenerator[R, None]:
        async with self._slots, self._child() as child:
            await child.send(wire.Request("iterate", method_name(method), args, kwargs))
            while isinstance(reply := await child.receive(), wire.Result):
                yield reply.value

    @asynccontextmanager
    async def lease(
        self, method: Callable[Concatenate[E, P], S], *args: P.args, **kwargs: P.kwargs
    ) -> AsyncIterator["ProcessLease[S]"]:
        async with self._child() as child:
            await child.ask(wire.Request("open", method_name(method), args, kwargs))
            try:
                yield ProcessLease(child)
            finally:
                if child.ready:
                    with anyio.CancelScope(shield=True), suppress(EngineCrashed):
                        await child.ask(wire.Request("close"))

    @asynccontextmanager
    async def _child(self) -> AsyncIterator["_Child"]:
        child = await self._take()
        try:
            yield child
        finally:
            if child.ready and child.memory() <= self._max_memory and len(self._idle) < self._kept:
                self._put(child)
            else:
                await child.kill()

    async def _take(self) -> "_Child":
        self._taken.set()
        while self._idle:
            child = self._idle.pop()
            if child.ready:
                return child
            await child.kill()
        return await _Child.start(self.name, self._command)

    def _put(self, child: "_Child") -> None:
        """Behind the others: the last is taken first, so that those in front are the ones that nobody needs."""
        child.idle_since = anyio.current_time()
        self._idle.append(child)

    async def _let_go(self, *, beyond: int, idle_since: float) -> None:
        while len(self._idle) > beyond and self._idle[0].idle_since <= idle_since:
            await self._idle.pop(0).kill()

    async def _fill(self, children: int, opening: wire.Request | None) -> None:
        missing = children - sum(child.ready for child in self._idle)
        try:
            async with anyio.create_task_group() as group:
                for _ in range(missing):
                    group.start_soon(self._start_idle, opening)
        except BaseExceptionGroup as errors:
            raise first_error(errors) from None

    async def _start_idle(self, opening: wire.Request | None) -> None:
        child = await _Child.start(self.name, self._command)
        try:
            if opening is not None:
                await child.ask(opening)
                await child.ask(wire.Request("close"))
        except BaseException:
            await child.kill()
            raise
        self._put(child)


class ProcessLease(Generic[S]):
    """A stream that lives in one child of a :class:`ProcessHost`."""

    def __init__(self, child: "_Child") -> None:
        self._child = child

    async def call(self, method: Callable[Concatenate[S, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        result: R = await self._child.ask(wire.Request("stream", method_name(method), args, kwargs))
        return result


class _Child:
    """One child process and the conversation with it."""

    def __init__(self, name: str, process: anyio.abc.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._name = name
        self._process = process
        self._requests = process.stdin
        self._replies = BufferedByteReceiveStream(process.stdout)
        self.idle_since = 0.0
        """On the event loop's clock."""
        self._owed = True  # the greeting
        self._many = False

    @classmethod
    async def start(cls, name: str, command: list[str]) -> Self:
        """Starts a child and waits until its engine is loaded."""
        process = await anyio.open_process(
            [sys.executable, "-m", "dragoman.hosts.child", str(os.getpid()), *command],
            stderr=None,
            start_new_session=True,  # Ctrl-C is for the parent, which ends its children itself
            env={**os.environ, _TUNABLES: _with_huge_pages(os.environ.get(_TUNABLES))},
        )
        child = cls(name, process)
        try:
            await child.receive()
        except BaseException:
            await child.kill()
            raise
        return child

    @property
    def ready(self) -> bool:
        """Alive, and no reply is outstanding."""
        return not self._owed and self._process.returncode is None

    def memory(self) -> int:
        """Resident bytes."""
        try:
            pages = int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1])
        except (OSError, IndexError):
            return 0
        return pages * os.sysconf("SC_PAGE_SIZE")

    async def ask(self, request: wire.Request) -> Any:
        """One request, one reply."""
        await self.send(request)
        reply = await self.receive()
        return reply.value if isinstance(reply, wire.Result) else None

    async def send(self, request: wire.Request) -> None:
        self._owed, self._many = True, request.verb == "iterate"
        try:
            await self._requests.send(wire.encode(request))
        except (anyio.BrokenResourceError, anyio.ClosedResourceError) as error:
            raise self._crashed() from error

    async def receive(self) -> wire.Result | wire.Done:
        """The next reply. Raises what the engine raised, or :class:`EngineCrashed`."""
        try:
            size = wire.body_size(await self._replies.receive_exactly(wire.HEADER_SIZE))
            reply: wire.Reply = wire.decode(await self._replies.receive_exactly(size))
        except (anyio.IncompleteRead, anyio.EndOfStream, anyio.BrokenResourceError) as error:
            raise self._crashed() from error
        self._owed = self._many and isinstance(reply, wire.Result)
        if isinstance(reply, wire.Failure):
            raise reply.error
        return reply

    async def kill(self) -> None:
        """Ends it, whatever it is doing, and reaps it."""
        with anyio.CancelScope(shield=True), anyio.move_on_after(_KILL_SECONDS):
            if self._process.returncode is None:
                self._process.kill()
            await self._process.aclose()

    def _crashed(self) -> EngineCrashed:
        return EngineCrashed(f"The process of {self._name} died", remedy="Try again: a new one is started")


def _with_huge_pages(tunables: str | None) -> str:
    """What glibc is told, unless somebody has told it already."""
    given = tunables.split(":") if tunables else []
    if any(each.startswith(_HUGE_PAGES) for each in given):
        return ":".join(given)
    return ":".join([*given, f"{_HUGE_PAGES}=1"])
