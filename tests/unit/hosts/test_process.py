"""Engines in real child processes: calls, streams, crashes, limits, and the end of the parent."""

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from pathlib import Path

import anyio
import pytest
from tests.unit.hosts.toys import Toy, ToyStream

from dragoman.core.errors import EngineCrashed, EngineFailed, EngineUnavailable
from dragoman.hosts.process import ProcessHost
from dragoman.hosts.slots import NICENESS, Slots

pytestmark = pytest.mark.anyio

PLUGIN = "tests.unit.hosts.toys"


@asynccontextmanager
async def toys(size: int = 1, model: str | None = None, max_memory: int = 1 << 30) -> AsyncIterator[ProcessHost[Toy]]:
    async with ProcessHost[Toy]("toy", PLUGIN, model, size=size, max_memory=max_memory) as host:
        yield host


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] not in "ZX"
    except FileNotFoundError:
        return False


async def gone(pid: int) -> None:
    with anyio.fail_after(10):
        while alive(pid):  # noqa: ASYNC110  nobody tells us
            await anyio.sleep(0.01)


async def test_a_call_crosses_to_a_child_and_back() -> None:
    async with toys() as host:
        assert await host.call(Toy.echo, {"a": (1, b"\0" * 1_000_000)}) == {"a": (1, b"\0" * 1_000_000)}
        assert await host.call(Toy.pid) != os.getpid()


async def test_a_child_is_used_again() -> None:
    async with toys() as host:
        assert await host.call(Toy.pid) == await host.call(Toy.pid)


async def test_calls_run_at_once_in_as_many_children_as_allowed() -> None:
    pids = set()

    async def note_pid(host: ProcessHost[Toy]) -> None:
        pids.add(await host.call(Toy.pid))

    async with toys(size=2) as host:
        async with anyio.create_task_group() as group:
            for _ in range(4):
                group.start_soon(note_pid, host)
        await note_pid(host)
    assert 1 <= len(pids) <= 2


async def test_leases_wait_for_no_call_and_for_no_other_lease() -> None:
    async with toys(size=1) as host, AsyncExitStack() as stack:
        streams = [await stack.enter_async_context(host.lease(Toy.open_stream, number)) for number in range(3)]
        assert [await stream.call(ToyStream.add, 1) for stream in streams] == [1, 2, 3]
        assert await host.call(Toy.echo, "between") == "between"


async def test_a_crowd_leaves_no_more_children_than_are_needed() -> None:
    async with toys(size=1) as host:
        async with AsyncExitStack() as stack:
            for number in range(3):
                await stack.enter_async_context(host.lease(Toy.open_stream, number))
        assert len(host._pool.idle) == 1


async def test_results_arrive_one_by_one_and_an_error_ends_them() -> None:
    async with toys() as host:
        assert [number async for number in host.iterate(Toy.count, 3)] == [0, 1, 2]
        with pytest.raises(EngineFailed, match="13"):
            assert [number async for number in host.iterate(Toy.count, 20)] == []
        assert await host.call(Toy.echo, "still there") == "still there"


async def test_results_may_be_abandoned() -> None:
    async with toys() as host:
        async with aclosing(host.iterate(Toy.count, 5)) as numbers:
            async for _ in numbers:
                break
        assert await host.call(Toy.echo, 1) == 1


async def test_a_stream_lives_in_one_child() -> None:
    async with toys() as host:
        async with host.lease(Toy.open_stream, 10) as stream:
            assert await stream.call(ToyStream.add, 1) == 11
            assert await stream.call(ToyStream.add, 2) == 13
        async with host.lease(Toy.open_stream, 0) as stream:
            assert await stream.call(ToyStream.add, 1) == 1


async def test_what_an_engine_raises_is_an_engine_error_and_the_child_lives_on() -> None:
    async with toys() as host:
        pid = await host.call(Toy.pid)
        with pytest.raises(EngineFailed, match="KeyError: 'toy'"):
            await host.call(Toy.fail)
        assert await host.call(Toy.pid) == pid


async def test_a_crash_is_an_engine_error_and_the_next_call_works() -> None:
    async with toys() as host:
        with pytest.raises(EngineCrashed):
            await host.call(Toy.die)
        assert await host.call(Toy.echo, "back") == "back"
        with pytest.raises(EngineCrashed):
            async with host.lease(Toy.open_stream, 0) as stream:
                await stream.call(ToyStream.die)
        assert await host.call(Toy.echo, "back again") == "back again"


async def test_a_child_that_died_idle_is_replaced_unnoticed() -> None:
    async with toys() as host:
        pid = await host.call(Toy.pid)
        os.kill(pid, signal.SIGKILL)
        await gone(pid)
        with anyio.fail_after(10):
            while True:  # the loop reaps it a moment after the kernel ended it
                try:
                    assert await host.call(Toy.echo, 1) == 1
                    break
                except EngineCrashed:
                    continue


async def test_what_a_library_prints_does_not_break_the_framing() -> None:
    async with toys() as host:
        assert await host.call(Toy.chatter) == "quiet"


async def test_a_child_that_grew_too_large_is_replaced() -> None:
    async with toys(max_memory=150 << 20) as host:
        small = await host.call(Toy.grow, 1)
        assert await host.call(Toy.grow, 200 << 20) == small
        assert await host.call(Toy.pid) != small


async def test_a_cancelled_call_ends_its_child() -> None:
    async with toys() as host:
        pid = await host.call(Toy.pid)
        with anyio.move_on_after(0.05):
            async for _ in host.iterate(Toy.count, 10):
                await anyio.sleep_forever()
        await gone(pid)
        assert await host.call(Toy.echo, 1) == 1


async def test_an_engine_that_cannot_load_says_why() -> None:
    async with toys(model="missing") as host:
        with pytest.raises(EngineUnavailable, match="No such model"):
            await host.call(Toy.pid)
        with pytest.raises(EngineUnavailable):
            await host.warm(1)


async def test_warm_children_are_loaded_before_the_first_call() -> None:
    async with toys(size=2) as host:
        await host.warm(2)
        async with host.lease(Toy.open_stream, 0):
            assert await host.call(Toy.echo, 1) == 1


async def test_whenever_a_warm_child_is_taken_another_is_loaded() -> None:
    async with toys(size=1) as host, anyio.create_task_group() as group:
        group.start_soon(host.keep_warm, 2, Toy.open_stream, 0)
        async with AsyncExitStack() as leases:
            for _ in range(3):
                await _idle(host, 2)
                stream = await leases.enter_async_context(host.lease(Toy.open_stream, 5))
                assert await stream.call(ToyStream.add, 1) == 6
        group.cancel_scope.cancel()


async def test_a_stream_that_can_be_closed_is_closed() -> None:
    async with toys() as host:
        async with host.lease(Toy.open_stream, 0):
            pass
        assert await host.call(Toy.closed_streams) == 1


async def test_a_child_that_cannot_close_its_stream_is_replaced() -> None:
    async with toys() as host:
        pid = await host.call(Toy.pid)
        async with host.lease(Toy.open_stream, -1):
            pass
        await gone(pid)
        assert await host.call(Toy.pid) != pid


async def test_children_that_come_back_are_kept_beside_the_warm_ones() -> None:
    async with toys(size=1) as host, anyio.create_task_group() as group:
        group.start_soon(host.keep_warm, 1, Toy.open_stream, 0)
        await _idle(host, 1)
        async with host.lease(Toy.open_stream, 0):
            await _idle(host, 1)
        children = {child._process.pid for child in host._pool.idle}
        assert len(children) == 2
        for _ in range(3):
            async with host.lease(Toy.open_stream, 0):
                assert len(host._pool.idle) == 1
        assert {child._process.pid for child in host._pool.idle} == children
        group.cancel_scope.cancel()


async def test_children_that_nobody_needs_any_more_are_let_go() -> None:
    async with (
        ProcessHost[Toy]("toy", PLUGIN, size=1, spare_seconds=0.05) as host,
        anyio.create_task_group() as group,
    ):
        group.start_soon(host.keep_warm, 1, Toy.open_stream, 0)
        async with host.lease(Toy.open_stream, 0), host.lease(Toy.open_stream, 0):
            await _idle(host, 1)
            pid = host._pool.idle[0]._process.pid
        await _idle(host, 1)
        await gone(pid)
        group.cancel_scope.cancel()


async def _idle(host: ProcessHost[Toy], children: int) -> None:
    with anyio.fail_after(30):
        while len(host._pool.idle) != children:  # noqa: ASYNC110  nobody tells us
            await anyio.sleep(0.01)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (None, "glibc.malloc.hugetlb=1"),
        ("glibc.malloc.arena_max=1", "glibc.malloc.arena_max=1:glibc.malloc.hugetlb=1"),
        ("glibc.malloc.hugetlb=0", "glibc.malloc.hugetlb=0"),
    ],
)
async def test_children_use_huge_pages_unless_somebody_decided_otherwise(
    given: str | None, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GLIBC_TUNABLES", raising=False)
    if given is not None:
        monkeypatch.setenv("GLIBC_TUNABLES", given)
    async with toys() as host:
        assert await host.call(Toy.environment, "GLIBC_TUNABLES") == told


async def test_an_engine_whose_streams_cannot_be_opened_is_not_kept_warm() -> None:
    async with toys() as host:
        with pytest.raises(EngineFailed):
            await host.warm_leases(1, Toy.fail)
        assert host._pool.idle == []


async def test_no_child_outlives_the_host() -> None:
    async with toys() as host:
        pid = await host.call(Toy.pid)
    await gone(pid)


_PARENT = """
import anyio
from dragoman.hosts.process import ProcessHost
from tests.unit.hosts.toys import Toy

async def main():
    async with ProcessHost("toy", "tests.unit.hosts.toys", size=1) as host:
        print(await host.call(Toy.pid), flush=True)
        await anyio.sleep_forever()

anyio.run(main)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_no_child_outlives_a_killed_parent(number: signal.Signals) -> None:
    command = [sys.executable, "-c", _PARENT]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:  # noqa: ASYNC220
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert alive(pid)
        parent.send_signal(number)
        parent.wait(10)
    await gone(pid)


async def test_children_of_batch_calls_are_others_and_give_way() -> None:
    async with toys() as host:
        batch = host.at("batch")
        assert await batch.call(Toy.niceness) - await host.call(Toy.niceness) == NICENESS - os.nice(0)
        pids = {await host.call(Toy.pid), await batch.call(Toy.pid)}
        assert len(pids) == 2
        async with host.lease(Toy.open_stream, 1) as live, batch.lease(Toy.open_stream, 5) as other:
            assert [await live.call(ToyStream.add, 1), await other.call(ToyStream.add, 1)] == [2, 6]
        with pytest.raises(EngineCrashed):
            await batch.call(Toy.die)
        assert await batch.call(Toy.echo, "back") == "back"
    for pid in pids:
        await gone(pid)


async def test_live_streams_and_calls_go_on_while_batch_calls_hold_the_cores() -> None:
    slots = Slots(1, live_waits=False)
    async with (
        ProcessHost[Toy]("toy", PLUGIN, size=1, slots=slots) as host,
        anyio.create_task_group() as group,
        slots.taken("batch"),
    ):
        group.start_soon(host.at("batch").call, Toy.echo, "waits")
        assert await host.call(Toy.echo, 1) == 1
        assert [number async for number in host.iterate(Toy.count, 3)] == [0, 1, 2]
        async with host.lease(Toy.open_stream, 1) as stream:
            assert await stream.call(ToyStream.add, 1) == 2


async def test_results_that_nobody_fetches_hold_no_slot() -> None:
    slots = Slots(1)
    async with (
        ProcessHost[Toy]("toy", PLUGIN, size=2, slots=slots) as host,
        aclosing(host.iterate(Toy.count, 3)) as numbers,
    ):
        assert await anext(numbers) == 0
        assert await host.call(Toy.echo, 1) == 1
