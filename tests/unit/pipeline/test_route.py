"""What comes in goes to its channel."""

import math

import anyio
import pytest
from tests.unit.pipeline.stage import drained

from dragoman.core.audio import AudioChunk
from dragoman.core.controls import AudioStalled, EndOfChannel, ForceEndOfUtterance, Input
from dragoman.core.errors import InvalidOption
from dragoman.pipeline.route import route

pytestmark = pytest.mark.anyio


def chunk(channel: str | None) -> AudioChunk:
    return AudioChunk(bytes(2), 16_000, 0.0, channel)


async def routed(items: list[Input], *channels: str | None) -> dict[str | None, list[Input]]:
    given, taken = anyio.create_memory_object_stream[Input](math.inf)
    ends = {channel: anyio.create_memory_object_stream[Input](math.inf) for channel in channels}
    with given:
        for item in items:
            given.send_nowait(item)
    try:
        await route(taken, {channel: sending for channel, (sending, _) in ends.items()})
        return {channel: drained(receiving) for channel, (_, receiving) in ends.items()}
    finally:
        for _, receiving in ends.values():
            receiving.close()


async def test_labels_part_the_channels() -> None:
    force = ForceEndOfUtterance("left")
    items = [chunk("left"), chunk("right"), force, chunk("left")]
    assert await routed(items, "left", "right") == {
        "left": [chunk("left"), force, chunk("left")],
        "right": [chunk("right")],
    }


async def test_what_names_no_channel_concerns_all_that_go_on() -> None:
    ended = [EndOfChannel("left"), chunk("left"), ForceEndOfUtterance("left")]
    both = [ForceEndOfUtterance(), AudioStalled()]
    assert await routed([*both, *ended, *both], "left", "right") == {"left": both, "right": [*both, *both]}


async def test_a_run_without_labels_takes_any() -> None:
    items = [chunk("left"), ForceEndOfUtterance("right"), chunk(None)]
    assert await routed([*items, EndOfChannel("left"), chunk(None)], None) == {None: items}


@pytest.mark.parametrize("item", [chunk("middle"), chunk(None), ForceEndOfUtterance("middle"), EndOfChannel("middle")])
async def test_a_channel_that_nobody_spoke_of_is_an_error(item: Input) -> None:
    with pytest.raises(InvalidOption, match="left, right"):
        await routed([item], "left", "right")
