import os
import signal

import anyio
import pytest

from dragoman.cli.interrupt import Interrupted, until_interrupted
from dragoman.core.errors import NoSpeech

pytestmark = pytest.mark.anyio


async def test_the_result_comes_back():
    async def work():
        await anyio.lowlevel.checkpoint()
        return 7

    assert await until_interrupted(work) == 7


async def test_an_error_comes_alone_and_not_in_a_group():
    async def work():
        async with anyio.create_task_group():
            raise NoSpeech("nobody")

    with pytest.raises(NoSpeech):
        await until_interrupted(work)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_cancels_the_work_and_lets_it_clean_up(number):
    closed = []

    async def work():
        try:
            os.kill(os.getpid(), number)
            await anyio.sleep_forever()
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.lowlevel.checkpoint()
            closed.append(True)

    with pytest.raises(Interrupted) as interrupted:
        await until_interrupted(work)
    assert interrupted.value.number == number
    assert closed


async def test_an_error_while_cleaning_up_does_not_hide_the_signal():
    async def work():
        try:
            os.kill(os.getpid(), signal.SIGINT)
            await anyio.sleep_forever()
        finally:
            raise NoSpeech("nobody")

    with pytest.raises(Interrupted):
        await until_interrupted(work)
