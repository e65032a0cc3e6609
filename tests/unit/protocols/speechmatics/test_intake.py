import anyio
import pytest
from anyio.lowlevel import checkpoint

from dragoman.core.controls import ForceEndOfUtterance
from dragoman.live.inbox import Stop
from dragoman.protocols.speechmatics.intake import _BYTES, _MESSAGE, Intake
from dragoman.protocols.speechmatics.rt_frames import Sound

pytestmark = pytest.mark.anyio

MIB = 1 << 20


async def fill(intake):
    await intake.put(Sound(bytes(_BYTES - _MESSAGE)))


async def test_everything_comes_out_in_the_order_in_which_it_came():
    intake = Intake()
    given = [Sound(b"a"), ForceEndOfUtterance(), Sound(b"b", "left"), Stop(in_turn=True)]
    for one in given:
        await intake.put(one)
    assert [await intake.take() for _ in given] == given


async def test_who_sends_more_than_may_wait_waits_until_some_was_taken():
    intake, done = Intake(), []
    await fill(intake)

    async def send():
        await intake.put(Sound(b"more"))
        done.append(True)

    async with anyio.create_task_group() as group:
        group.start_soon(send)
        for _ in range(5):
            await checkpoint()
        assert not done
        await intake.take()
    assert done
    assert await intake.take() == Sound(b"more")


async def test_tiny_messages_are_bounded_too():
    intake = Intake()
    for _ in range(_BYTES // _MESSAGE):
        await intake.put(ForceEndOfUtterance())
    with anyio.move_on_after(0.05) as time:
        await intake.put(ForceEndOfUtterance())
    assert time.cancelled_caught


async def test_one_piece_fits_however_large_it_is():
    intake = Intake()
    await intake.put(Sound(bytes(2 * _BYTES)))
    assert len((await intake.take()).data) == 2 * _BYTES


async def test_when_nobody_takes_any_more_nobody_waits():
    intake = Intake()
    await fill(intake)
    async with anyio.create_task_group() as group:
        group.start_soon(intake.put, Sound(b"more"))
        await checkpoint()
        intake.close()
    await intake.put(Sound(bytes(MIB)))


async def test_who_takes_waits_for_what_comes():
    intake, taken = Intake(), []

    async def take():
        taken.append(await intake.take())

    async with anyio.create_task_group() as group:
        group.start_soon(take)
        await checkpoint()
        await intake.put(Sound(b"x"))
    assert taken == [Sound(b"x")]
