"""One child process of a :class:`~dragoman.hosts.process.ProcessHost`, and the pool that keeps idle ones loaded."""

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

import anyio
import anyio.abc
from anyio.streams.buffered import BufferedByteReceiveStream

from dragoman.core.errors import EngineCrashed, first_error
from dragoman.hosts import wire

_TUNABLES = "GLIBC_TUNABLES"
_HUGE_PAGES = "glibc.malloc.hugetlb"
"""Has an engine's memory lie in pages of 2 MB where the kernel has some (from glibc 2.35 on; others ignore it). Engines
jump about in tables of 100 MB: pocketsphinx decodes with a tenth less CPU, and takes 7 MB more."""

_KILL_SECONDS = 5.0
"""How long to wait for a killed child to be reaped; longer only when the kernel holds it in a system call."""


class ChildPool:
    """Children of one engine and one niceness. Those that nobody uses wait here, loaded."""

    def __init__(self, name: str, command: list[str], *, kept: float, max_memory: int, spare_seconds: float) -> None:
        """``command``: arguments of :mod:`dragoman.hosts.child` after its parent. ``kept``: idle children beyond these
        are let go at once. ``max_memory``: resident bytes above which a child is replaced between two uses.
        ``spare_seconds``: how long :meth:`keep` keeps a child that nobody needs."""
        self.idle: list[Child] = []
        self._name = name
        self._command = command
        self._kept = kept
        self._max_memory = max_memory
        self._spare_seconds = spare_seconds
        self._taken = anyio.Event()

    async def close(self) -> None:
        while self.idle:
            await self.idle.pop().kill()

    @asynccontextmanager
    async def child(self) -> AsyncIterator["Child"]:
        """Lend a child: an idle one, or a new one. One that is broken or too large does not come back."""
        child = await self._take()
        try:
            yield child
        finally:
            if child.ready and child.memory() <= self._max_memory and len(self.idle) < self._kept:
                self._put(child)
            else:
                await child.kill()

    async def fill(self, children: int, opening: wire.Request | None = None) -> None:
        """Load children until so many are idle. Each new one has answered ``opening`` once."""
        missing = children - sum(child.ready for child in self.idle)
        try:
            async with anyio.create_task_group() as group:
                for _ in range(missing):
                    group.start_soon(self._start_idle, opening)
        except BaseExceptionGroup as errors:
            raise first_error(errors) from None

    async def keep(self, children: int, opening: wire.Request) -> None:
        """:meth:`fill`, again whenever a child is taken, until cancelled or an engine can't be loaded.

        Children that come back stay while they are needed, too: sessions that come and go load none. A crowd leaves
        nothing behind: what nobody has needed for a while is let go."""
        kept, self._kept = self._kept, float("inf")
        try:
            while True:
                self._taken = anyio.Event()
                await self.fill(children, opening)
                with anyio.move_on_after(self._spare_seconds):
                    await self._taken.wait()
                await self._let_go(beyond=children, idle_since=anyio.current_time() - self._spare_seconds)
        finally:
            self._kept = kept

    async def _take(self) -> "Child":
        self._taken.set()
        while self.idle:
            child = self.idle.pop()
            if child.ready:
                return child
            await child.kill()
        return await Child.start(self._name, self._command)

    def _put(self, child: "Child") -> None:
        """Behind the others: the last is taken first, so that those in front are the ones that nobody needs."""
        child.idle_since = anyio.current_time()
        self.idle.append(child)

    async def _let_go(self, *, beyond: int, idle_since: float) -> None:
        while len(self.idle) > beyond and self.idle[0].idle_since <= idle_since:
            await self.idle.pop(0).kill()

    async def _start_idle(self, opening: wire.Request | None) -> None:
        child = await Child.start(self._name, self._command)
        try:
            if opening is not None:
                await child.ask(opening)
                await child.ask(wire.Request("close"))
        except BaseException:
            await child.kill()
            raise
        self._put(child)


class Child:
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
