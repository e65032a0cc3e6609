"""What waits, what is lost, and which moment counts."""

import anyio
import pytest

from dragoman.core.audio import AudioChunk
from dragoman.core.controls import ForceEndOfUtterance
from dragoman.core.errors import InvalidMessage, SenderTooFast
from dragoman.live.clocks import Clocks
from dragoman.live.events import Trouble
from dragoman.live.inbox import Inbox, Stop

pytestmark = pytest.mark.anyio

SECOND = AudioChunk(bytes(32_000), 16_000)


class Hands:
    """A clock turned by hand."""

    now = 100.0

    def inbox(self):
        return Inbox(Clocks(monotonic=lambda: self.now))


@pytest.fixture
def hands():
    return Hands()


async def everything(inbox):
    inbox.finish()
    received = []
    while (one := await inbox.receive()) is not None:
        received.append(one)
    return received


async def test_messages_come_in_order_with_the_moment_they_came(hands):
    inbox = hands.inbox()
    inbox.post(SECOND)
    hands.now = 101.0
    inbox.post(Stop())
    hands.now = 109.0
    assert [(one.message, one.at) for one in await everything(inbox)] == [(SECOND, 100.0), (Stop(), 101.0)]


async def test_audio_that_piles_up_is_lost_and_the_client_told_once(hands):
    inbox = hands.inbox()
    for _ in range(100):
        inbox.post(SECOND)
    received = [one.message for one in await everything(inbox)]
    assert received[:-1] == [SECOND] * 30
    assert isinstance(received[-1].error, SenderTooFast)


async def test_a_client_that_catches_up_and_falls_behind_again_is_told_again(hands):
    inbox = hands.inbox()
    for _ in range(2):
        for _ in range(40):
            inbox.post(SECOND)
        for _ in range(31):
            await inbox.receive()
    assert await everything(inbox) == []


async def test_a_stop_is_never_lost_and_counts_once(hands):
    inbox = hands.inbox()
    for _ in range(3000):
        inbox.post(Trouble(InvalidMessage("odd")))
        inbox.post(Stop())
    received = [one.message for one in await everything(inbox)]
    assert received.count(Stop()) == 1
    assert len(received) <= 1026


async def test_one_piece_longer_than_the_bound_is_taken(hands):
    inbox = hands.inbox()
    inbox.post(AudioChunk(bytes(32_000 * 60), 16_000))
    inbox.post(SECOND)
    assert len(await everything(inbox)) == 2


async def test_after_the_end_of_a_session_audio_is_dropped_until_the_next(hands):
    inbox = hands.inbox()
    inbox.post(SECOND)
    inbox.finish()
    inbox.post(SECOND)
    inbox.post(Stop())
    assert [one.message for one in await everything(inbox)] == [SECOND, Stop()]
    inbox.reopen()
    inbox.post(SECOND)
    assert [one.message for one in await everything(inbox)] == [SECOND]


@pytest.mark.parametrize(("vanished", "until"), [(False, 107.0), (True, 103.0)])
async def test_a_client_that_is_gone_used_its_session_to_the_last_sign_of_it(hands, vanished, until):
    inbox = hands.inbox()
    hands.now = 103.0
    inbox.post(SECOND)
    hands.now = 107.0
    inbox.close(vanished=vanished)
    hands.now = 109.0
    inbox.close()
    assert inbox.gone_at == until
    assert await inbox.receive() is None


async def test_a_stop_that_nobody_has_read_yet_is_where_the_session_of_a_gone_client_ends(hands):
    inbox = hands.inbox()
    inbox.post(Stop())
    hands.now = 120.0
    inbox.close()
    inbox.post(SECOND)
    assert inbox.gone_at == 100.0


async def test_whoever_puts_waits_for_room_and_loses_nothing(hands):
    inbox = hands.inbox()
    heard = []

    async def listen():
        while not isinstance(received := (await inbox.receive()).message, Stop):
            heard.append(received)

    async with anyio.create_task_group() as group:
        for _ in range(30):
            await inbox.put(SECOND)
        with pytest.raises(TimeoutError), anyio.fail_after(0.01):
            await inbox.put(SECOND)
        group.start_soon(listen)
        for _ in range(100):
            await inbox.put(SECOND)
        for _ in range(3000):
            await inbox.put(ForceEndOfUtterance())
        inbox.post(Stop())
    assert len(heard) == 3130
    assert not any(isinstance(message, Trouble) for message in heard)


@pytest.mark.parametrize("end", ["finish", "close"])
async def test_nobody_waits_for_room_when_the_session_is_over(hands, end):
    inbox = hands.inbox()
    inbox.post(AudioChunk(bytes(64_000 * 30), 16_000))
    with anyio.fail_after(1):
        async with anyio.create_task_group() as group:
            group.start_soon(inbox.put, SECOND)
            await anyio.wait_all_tasks_blocked()
            getattr(inbox, end)()
