"""Blocks on one time line: mixed, split, resampled, holes filled."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.core.errors import MediaLimitExceeded
from dragoman.media.container import Block
from dragoman.media.track import Track

RATE = 16_000


def lay(blocks: list[Block], channels: int = 1, *, split: bool = False, longest: float = 3_600.0) -> list[np.ndarray]:
    track = Track(channels, RATE, split=split, longest=longest)
    pieces = [piece for block in blocks for piece in track.lay(block)] + list(track.finish())
    order = [index for index, _ in pieces]
    width = channels if split else 1
    assert order == list(range(width)) * (len(pieces) // width), "channels do not take turns"
    return [np.frombuffer(b"".join(pcm for index, pcm in pieces if index == line), np.int16) for line in range(width)]


def block(*channels: list[int] | np.ndarray, rate: int = RATE, time: float | None = None) -> Block:
    return Block(np.array(channels, np.int16), rate, time)


def test_one_channel_passes_untouched():
    samples = np.random.default_rng(0).integers(-32_768, 32_767, 50_001, np.int16)
    (output,) = lay([block(part) for part in np.array_split(samples, 7)])
    assert np.array_equal(output, samples)


def test_channels_are_mixed_to_their_mean_without_overflow():
    (output,) = lay([block([32_767, -32_768, 100, 3], [32_767, -32_768, 50, -4])])
    assert output.tolist() == [32_767, -32_768, 75, 0]


def test_channels_are_kept_apart_when_asked():
    samples = np.arange(20_000, dtype=np.int16)
    left, right = lay([block(samples, -samples)], channels=2, split=True)
    assert np.array_equal(left, samples)
    assert np.array_equal(right, -samples)


def test_a_file_that_changes_its_channels_goes_on():
    left, right = lay([block([1, 2], [3, 4]), block([7, 7]), block([1], [2], [6])], channels=2, split=True)
    assert left.tolist() == [1, 2, 7, 7, 3]
    assert right.tolist() == [3, 4, 7, 7, 3]


def test_a_file_that_changes_its_rate_goes_on():
    (output,) = lay([block(np.zeros(44_100, np.int16), rate=44_100), block(np.zeros(8_000, np.int16), rate=8_000)])
    assert output.size == 2 * RATE


@settings(deadline=None, max_examples=30)
@given(sizes=st.lists(st.integers(1, 9_000), max_size=20), rate=st.sampled_from([8_000, 16_000, 44_100]))
def test_the_output_is_as_long_as_the_blocks(sizes, rate):
    (output,) = lay([block(np.ones(size, np.int16), rate=rate) for size in sizes])
    assert abs(output.size - sum(sizes) * RATE / rate) <= 1


def test_a_hole_in_the_time_stamps_becomes_silence():
    (output,) = lay([block(np.ones(RATE), time=0.0), block(np.ones(RATE), time=3.5)])
    assert np.flatnonzero(output).tolist() == [*range(RATE), *range(round(3.5 * RATE), round(4.5 * RATE))]


def test_a_late_beginning_becomes_silence():
    (output,) = lay([block(np.ones(RATE), time=2.0)])
    assert np.argmax(output) == 2 * RATE


def test_rounded_time_stamps_leave_no_hole():
    (output,) = lay([block(np.ones(1_600), time=index / 10 + 0.03 * (index % 3)) for index in range(50)])
    assert output.all()


def test_a_broken_clock_is_not_followed_and_later_holes_are():
    blocks = [block(np.ones(RATE), time=time) for time in (0.0, 90_000.0, 90_001.0, 90_004.0)]
    (output,) = lay(blocks)
    assert output.size == 6 * RATE
    assert np.count_nonzero(output) == 4 * RATE


def test_more_than_the_longest_output_is_refused():
    with pytest.raises(MediaLimitExceeded, match="limit of 2 s"):
        lay([block(np.ones(RATE))] * 3, longest=2.0)


def test_nothing_gives_nothing():
    assert lay([])[0].size == 0
