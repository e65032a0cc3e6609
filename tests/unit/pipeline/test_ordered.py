"""Several at once, in order."""

from collections.abc import AsyncIterator

import anyio
import anyio.lowlevel
import pytest

from dragoman.pipeline.ordered import map_in_order

pytestmark = pytest.mark.anyio


async def numbers(to: int) -> AsyncIterator[int]:
    for number in range(to):
        yield number


async def test_results_come_in_the_order_of_the_items() -> None:
    finished = []

    async def slower_first(number: int) -> int:
        for _ in range(10 * (10 - number)):
            await anyio.lowlevel.checkpoint()
        finished.append(number)
        return number * number

    async with map_in_order(slower_first, numbers(10), at_once=5) as squares:
        assert [square async for square in squares] == [number * number for number in range(10)]
    assert finished != sorted(finished)


async def test_no_more_than_allowed_at_once() -> None:
    running, most = 0, 0

    async def count(number: int) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        for _ in range(20):
            await anyio.lowlevel.checkpoint()
        running -= 1
        return number

    async with map_in_order(count, numbers(20), at_once=3) as results:
        assert len([result async for result in results]) == 20
    assert most == 3


async def test_a_slow_reader_holds_up_the_source() -> None:
    taken = []

    async def source() -> AsyncIterator[int]:
        for number in range(100):
            taken.append(number)
            yield number

    async def same(number: int) -> int:
        return number

    async with map_in_order(same, source(), at_once=2) as results:
        await anext(results)
        await anyio.wait_all_tasks_blocked()
        assert len(taken) <= 7


async def test_an_error_ends_it() -> None:
    async def fail(number: int) -> int:
        raise LookupError(number)

    with pytest.raises(ExceptionGroup) as raised:
        async with map_in_order(fail, numbers(3), at_once=2) as results:
            _ = [result async for result in results]
    assert raised.group_contains(LookupError)
