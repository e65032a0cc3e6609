"""Engines on threads of this process."""

import threading
from collections.abc import Iterator
from typing import ClassVar

import anyio
import anyio.to_thread
import pytest
from tests.unit.hosts.toys import Toy, ToyStream

from dragoman.core.errors import EngineFailed, EngineUnavailable
from dragoman.hosts.slots import Slots
from dragoman.hosts.thread import ThreadHost

pytestmark = pytest.mark.anyio


async def test_calls_streams_and_results() -> None:
    async with ThreadHost("toy", Toy, threads=2) as host:
        assert await host.call(Toy.echo, 5) == 5
        assert [number async for number in host.iterate(Toy.count, 3)] == [0, 1, 2]
        async with host.lease(Toy.open_stream, 1) as stream:
            assert await stream.call(ToyStream.add, 1) == 2


async def test_the_engine_is_loaded_once_however_many_ask() -> None:
    loads = []

    def load() -> Toy:
        loads.append(threading.get_ident())
        return Toy()

    async with ThreadHost("toy", load, threads=4) as host, anyio.create_task_group() as group:
        for number in range(8):
            group.start_soon(host.call, Toy.echo, number)
    assert len(loads) == 1


async def test_what_an_engine_raises_is_an_engine_error() -> None:
    async with ThreadHost("toy", Toy, threads=1) as host:
        with pytest.raises(EngineFailed, match="toy failed: KeyError"):
            await host.call(Toy.fail)
        with pytest.raises(EngineFailed, match="13"):
            _ = [number async for number in host.iterate(Toy.count, 20)]


async def test_a_failed_load_is_tried_again() -> None:
    attempts = iter([EngineUnavailable("not yet"), None])

    def load() -> Toy:
        if (error := next(attempts)) is not None:
            raise error
        return Toy()

    async with ThreadHost("toy", load, threads=1) as host:
        with pytest.raises(EngineUnavailable):
            await host.warm()
        assert await host.call(Toy.echo, 1) == 1


async def test_an_abandoned_iterator_and_the_engine_are_closed() -> None:
    class Closing(Toy):
        closed: ClassVar[list[str]] = []

        def count(self, to: int) -> Iterator[int]:
            try:
                yield from range(to)
            finally:
                self.closed.append("iterator")

        def close(self) -> None:
            self.closed.append("engine")

    async with ThreadHost("toy", Closing, threads=1) as host:
        numbers = host.iterate(Closing.count, 9)
        async for _ in numbers:
            break
        await numbers.aclose()
    assert Closing.closed == ["iterator", "engine"]


async def test_an_iterator_that_can_be_closed_from_outside_ends_its_work_at_once() -> None:
    class Slow(Iterator[int]):
        def __init__(self) -> None:
            self.working = threading.Event()
            self.left = threading.Event()
            self.ended = threading.Event()

        def __next__(self) -> int:
            self.working.set()
            assert self.left.wait(30)
            self.ended.set()
            raise StopIteration

        def close(self) -> None:
            self.left.set()

    class Slowly(Toy):
        slow = Slow()

        def count(self, to: int) -> Iterator[int]:
            return self.slow

    async with ThreadHost("toy", Slowly, threads=2) as host, anyio.create_task_group() as group:

        async def listen() -> None:
            async for _ in host.iterate(Slowly.count, 9):
                pass

        group.start_soon(listen)
        assert await anyio.to_thread.run_sync(Slowly.slow.working.wait, 30)
        group.cancel_scope.cancel()
    assert Slowly.slow.left.is_set()
    assert Slowly.slow.ended.wait(30)


class Gate(Toy):
    """Calls that last until the test opens the gate."""

    def __init__(self) -> None:
        super().__init__()
        self.open = threading.Event()

    def wait(self, name: str) -> str:
        assert self.open.wait(30)
        return name


async def test_a_live_call_waits_for_no_batch_call() -> None:
    gate, done = Gate(), []
    slots = Slots(1, live_waits=False)
    async with ThreadHost("toy", lambda: gate, threads=1, slots=slots) as host, anyio.create_task_group() as group:
        batch = host.at("batch")

        async def work(name: str) -> None:
            done.append(await batch.call(Gate.wait, name))

        group.start_soon(work, "first")
        group.start_soon(work, "second")
        await anyio.wait_all_tasks_blocked()
        assert await host.call(Gate.echo, "live") == "live"
        assert done == []
        gate.open.set()
    assert sorted(done) == ["first", "second"]


async def test_both_priorities_share_one_engine() -> None:
    loads = []

    def load() -> Toy:
        loads.append(1)
        return Toy()

    async with ThreadHost("toy", load, threads=2) as host:
        await host.at("batch").warm()
        async with host.lease(Toy.open_stream, 1) as stream, host.at("batch").lease(Toy.open_stream, 5) as other:
            assert [await stream.call(ToyStream.add, 1), await other.call(ToyStream.add, 1)] == [2, 6]
        await host.warm_leases(2, Toy.open_stream, 0)
        await host.keep_warm(2, Toy.open_stream, 0)  # returns, since the engine stays
        assert host.slots == host.at("batch").slots == 2
    assert loads == [1]


async def test_engines_share_the_slots_of_their_cores() -> None:
    """A live stream of one engine, and a batch call of another, keep a batch call of a third waiting."""
    slots, done = Slots(2, live_waits=False), []
    async with (
        ThreadHost("live", Toy, threads=2, slots=slots) as live,
        ThreadHost("toy", Toy, threads=2, slots=slots) as host,
        anyio.create_task_group() as group,
    ):

        async def work() -> None:
            done.append(await host.at("batch").call(Toy.echo, "batch"))

        await host.warm()
        async with live.lease(Toy.open_stream, 0), slots.taken("batch"):
            group.start_soon(work)
            for number in range(5):
                assert await host.call(Toy.echo, number) == number
            assert done == []
    assert done == ["batch"]
