"""How many sessions the machine carries, measured with the engines that are installed."""

import pytest
from tests.service.inline_engines import SCRIPTED

from dragoman.app import open_dragoman
from dragoman.core.errors import DragomanError
from dragoman.live.capacity import measured_capacity

pytestmark = pytest.mark.anyio


async def test_a_light_engine_carries_many_and_more_cores_carry_more():
    async with open_dragoman(SCRIPTED, parallel=1) as dragoman:
        one = await measured_capacity(dragoman.loader.attach, "en", 1)
        many = await measured_capacity(dragoman.loader.attach, "en", 1000)
    assert 1 <= one < many


async def test_the_installed_engines_carry_at_least_one():
    async with open_dragoman() as dragoman:
        if not any(heard.streaming and heard.language == "en" for heard in dragoman.capabilities.heard):
            pytest.skip("no engine here hears English live")
        assert await measured_capacity(dragoman.loader.attach, "en", 1) >= 1


async def test_a_language_that_cannot_be_heard_cannot_be_measured():
    async with open_dragoman(SCRIPTED, parallel=1) as dragoman:
        with pytest.raises(DragomanError):
            await measured_capacity(dragoman.loader.attach, "fi", 1)
