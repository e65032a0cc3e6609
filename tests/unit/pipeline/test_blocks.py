"""Blocks are counted from where an utterance begins."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.core.audio import AudioChunk
from dragoman.pipeline.blocks import BLOCK, Blocks


def noise(samples: int, rate: int, start: float) -> AudioChunk:
    return AudioChunk(b"".join((i * 7919 % 20_000).to_bytes(2, "little") for i in range(samples)), rate, start)


def cut(whole: AudioChunk, blocks: Blocks, sizes: list[int]) -> list[AudioChunk]:
    out, first = [], 0
    for size in [*sizes, whole.samples]:
        out += blocks.push(whole.slice(first, first + size))
        first = min(first + size, whole.samples)
    return [*out, blocks.end()]


@given(st.integers(1, 9000), st.lists(st.integers(1, 3000), max_size=8), st.sampled_from([8_000, 16_000]))
def test_chunks_change_nothing(samples: int, sizes: list[int], rate: int) -> None:
    whole = noise(samples, 16_000, 3.0)
    assert cut(whole, Blocks(16_000, rate), sizes) == cut(whole, Blocks(16_000, rate), [])


def test_blocks_are_consecutive_and_each_utterance_begins_anew() -> None:
    blocks = Blocks(16_000, 16_000)
    for start in (1.0, 10.0):
        whole = noise(5000, 16_000, start)
        out = cut(whole, blocks, [700, 700])
        assert b"".join(block.pcm for block in out) == whole.pcm
        assert [block.duration for block in out[:-1]] == [BLOCK] * 4
        for index, block in enumerate(out):
            assert block.start_time == pytest.approx(start + index * BLOCK)
