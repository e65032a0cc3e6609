"""Several at once, in order: the one way in which a stage works on more than one item at a time."""

from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import anyio

T = TypeVar("T")
R = TypeVar("R")


@dataclass(slots=True)
class _Pending(Generic[R]):
    """A place in the line; the result arrives when it arrives."""

    done: anyio.Event = field(default_factory=anyio.Event)
    results: list[R] = field(default_factory=list)


@asynccontextmanager
async def map_in_order(
    work: Callable[[T], Awaitable[R]], items: AsyncIterable[T], *, at_once: int
) -> AsyncIterator[AsyncIterator[R]]:
    """Applies ``work`` to up to ``at_once`` items at the same time and yields the results in the items' order.

    An error of ``work`` or of ``items`` leaves the context as an exception group, after the others were cancelled.
    """
    # As many places as run at once: an item is taken from the source only when it can be worked on.
    line_in, line_out = anyio.create_memory_object_stream[_Pending[R]](at_once)
    running = anyio.Semaphore(at_once)

    async def one(item: T, pending: _Pending[R]) -> None:
        try:
            pending.results.append(await work(item))
        finally:
            running.release()
        pending.done.set()

    async def start_all() -> None:
        async with line_in:
            async for item in items:
                await running.acquire()
                pending = _Pending[R]()
                group.start_soon(one, item, pending)
                await line_in.send(pending)

    async def results() -> AsyncIterator[R]:
        async for pending in line_out:
            await pending.done.wait()
            yield pending.results[0]

    async with line_out, anyio.create_task_group() as group:
        group.start_soon(start_all)
        yield results()
        group.cancel_scope.cancel()  # whoever leaves early wants no more
