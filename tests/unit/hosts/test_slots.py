"""Live calls at once or first, batch calls on what those leave."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest
from anyio.abc import TaskGroup
from anyio.lowlevel import checkpoint
from hypothesis import given
from hypothesis import strategies as st

from dragoman.hosts.slots import PRIORITIES, Priority, Slots

pytestmark = pytest.mark.anyio


class Calls:
    """Calls that hold a slot until the test ends them."""

    def __init__(self, slots: Slots, group: TaskGroup) -> None:
        self.running: list[str] = []
        self._slots = slots
        self._group = group
        self._scopes: dict[str, anyio.CancelScope] = {}

    async def start(self, *names: str) -> None:
        """``names`` begin with the priority: ``live 1``."""
        for name in names:
            self._scopes[name] = anyio.CancelScope()
            self._group.start_soon(self._hold, name)
        await self._settle()

    async def end(self, *names: str) -> None:
        for name in names:
            self._scopes[name].cancel()
        await self._settle()

    async def _hold(self, name: str) -> None:
        priority: Priority = "live" if name.startswith("live") else "batch"
        with self._scopes[name]:
            async with self._slots.taken(priority):
                self.running.append(name)
                try:
                    await anyio.sleep_forever()
                finally:
                    self.running.remove(name)

    async def _settle(self) -> None:
        await anyio.wait_all_tasks_blocked()


@asynccontextmanager
async def calls(slots: Slots) -> AsyncIterator[Calls]:
    async with anyio.create_task_group() as group:
        yield Calls(slots, group)
        group.cancel_scope.cancel()


async def test_batch_calls_use_all_cores_while_nothing_is_live():
    async with calls(Slots(2, live_waits=False)) as held:
        await held.start("batch 1", "batch 2", "batch 3")
        assert held.running == ["batch 1", "batch 2"]
        await held.end("batch 1")
        assert held.running == ["batch 2", "batch 3"]


async def test_a_live_call_does_not_wait_for_batch_calls_on_all_cores():
    async with calls(Slots(2, live_waits=False)) as held:
        await held.start("batch 1", "batch 2", "batch 3", "live 1")
        assert held.running == ["batch 1", "batch 2", "live 1"]
        await held.end("batch 1")
        assert held.running == ["batch 2", "live 1"]  # batch 3 leaves a core to the live call
        await held.end("live 1")
        assert held.running == ["batch 2", "batch 3"]


async def test_an_open_live_stream_keeps_a_core_though_it_computes_nothing():
    slots = Slots(2, live_waits=False)
    async with calls(slots) as held:
        with slots.live_stream():
            await held.start("batch 1", "batch 2")
            assert held.running == ["batch 1"]
        await anyio.wait_all_tasks_blocked()
        assert held.running == ["batch 1", "batch 2"]


@pytest.mark.parametrize("cores", [1, 2, 4])
async def test_one_batch_call_goes_on_however_much_is_live(cores):
    slots = Slots(cores, live_waits=False)
    async with calls(slots) as held:
        with slots.live_stream():
            await held.start(*(f"live {number}" for number in range(2 * cores)), "batch 1", "batch 2")
            assert len(held.running) == 2 * cores + 1
            await held.end("batch 1")
            assert "batch 2" in held.running


async def test_where_live_calls_wait_they_go_first():
    async with calls(Slots(1)) as held:
        await held.start("batch 1", "batch 2", "live 1", "live 2")
        assert held.running == ["batch 1"]
        for ended, next_one in (("batch 1", "live 1"), ("live 1", "live 2"), ("live 2", "batch 2")):
            await held.end(ended)
            assert held.running == [next_one]


async def test_where_live_calls_wait_batch_calls_leave_them_a_slot():
    slots = Slots(3)
    async with calls(slots) as held:
        with slots.live_stream():
            await held.start("batch 1", "batch 2", "batch 3")
            assert held.running == ["batch 1", "batch 2"]
            await held.start("live 1")
            assert held.running == ["batch 1", "batch 2", "live 1"]


async def test_live_calls_that_never_stop_coming_do_not_starve_a_batch_call():
    async with calls(Slots(1)) as held:
        await held.start("live 0", "batch 1")
        for number in range(1, 1000):
            await held.start(f"live {number}")
            await held.end(f"live {number - 1}")
            if held.running == ["batch 1"]:
                return
    pytest.fail("the batch call waited for a thousand live calls")


async def test_a_call_that_is_cancelled_while_it_waits_leaves_the_line():
    async with calls(Slots(1)) as held:
        await held.start("live 1", "live 2", "live 3")
        await held.end("live 2")
        await held.end("live 1")
        assert held.running == ["live 3"]


async def test_a_call_that_is_cancelled_as_its_turn_comes_gives_its_slot_back():
    slots = Slots(1)
    async with calls(slots) as held:
        await held.start("live 1", "live 2", "live 3")
        held._scopes["live 1"].cancel()
        held._scopes["live 2"].cancel()
        await anyio.wait_all_tasks_blocked()
        assert held.running == ["live 3"]


@given(
    st.integers(1, 4),
    st.booleans(),
    st.lists(st.tuples(st.sampled_from(PRIORITIES), st.integers(0, 3), st.integers(0, 3)), max_size=30),
)
def test_every_call_gets_its_turn_and_the_bounds_hold(total, live_waits, wanted):
    most = {"live": 0, "batch": 0, "all": 0}
    running = {"live": 0, "batch": 0}
    done = []

    async def call(slots: Slots, priority: Priority, before: int, during: int) -> None:
        for _ in range(before):
            await checkpoint()
        async with slots.taken(priority):
            running[priority] += 1
            most[priority] = max(most[priority], running[priority])
            most["all"] = max(most["all"], sum(running.values()))
            for _ in range(during):
                await checkpoint()
            running[priority] -= 1
        done.append(priority)

    async def main() -> None:
        slots = Slots(total, live_waits=live_waits)
        with anyio.fail_after(60):
            async with anyio.create_task_group() as group:
                for priority, before, during in wanted:
                    group.start_soon(call, slots, priority, before, during)

    anyio.run(main)
    assert len(done) == len(wanted)
    assert most["batch"] <= total
    if live_waits:
        assert most["all"] <= total
