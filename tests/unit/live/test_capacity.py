"""How many sessions the machine carries, measured with the engines that are installed."""

from dataclasses import replace

import pytest
from tests.service.inline_engines import SCRIPTED

from dragoman.app import open_dragoman
from dragoman.core.errors import DragomanError
from dragoman.core.options import RunOptions
from dragoman.live.capacity import Weights, measured_capacity, share_more

pytestmark = pytest.mark.anyio


async def test_a_light_engine_carries_many_and_more_cores_carry_more():
    async with open_dragoman(SCRIPTED, parallel=1) as dragoman:
        one = await measured_capacity(dragoman.loader.attach, "en", 1)
        many = await measured_capacity(dragoman.loader.attach, "en", 1000)
    assert 1 <= one.sessions < many.sessions
    assert one.weights.again >= 0


async def test_the_installed_engines_carry_at_least_one():
    async with open_dragoman() as dragoman:
        if not any(heard.streaming and heard.language == "en" for heard in dragoman.capabilities.heard):
            pytest.skip("no engine here hears English live")
        assert (await measured_capacity(dragoman.loader.attach, "en", 1)).sessions >= 1


async def test_a_language_that_cannot_be_heard_cannot_be_measured():
    async with open_dragoman(SCRIPTED, parallel=1) as dragoman:
        with pytest.raises(DragomanError):
            await measured_capacity(dragoman.loader.attach, "fi", 1)


PLAIN = RunOptions("en", ("es",), recognition="live", partials=True)


@pytest.mark.parametrize(
    ("options", "places"),
    [
        (PLAIN, 1.0),
        (replace(PLAIN, max_delay=1.0), 1.0),
        (replace(PLAIN, max_delay=1.75), 1.6),
        (replace(PLAIN, max_delay=3.5), 1.3),
        (replace(PLAIN, partial_translations=True), 1.2),
        (replace(PLAIN, partial_translations=True, targets=("es", "fr"), max_delay=3.5), 1.7),
        (replace(PLAIN, channels=("left", "right"), max_delay=3.5), 2.6),
    ],
)
def test_a_session_weighs_what_it_asks_for(options, places):
    assert Weights(again=0.6, drafts=0.2).places(options) == pytest.approx(places)


@pytest.mark.parametrize(
    ("most", "plain", "share"), [(0.6, 0.4, 0.5), (0.4, 0.4, 0.0), (0.3, 0.4, 0.0), (0.0, 0.0, 0.0)]
)
def test_what_is_measured_as_less_is_no_discount(most, plain, share):
    assert share_more(most, plain) == pytest.approx(share)
