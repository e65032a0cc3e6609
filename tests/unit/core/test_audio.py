"""Chunks of PCM on a time line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.core.audio import SAMPLE_WIDTH, AudioChunk, join, silence

chunks = st.builds(
    AudioChunk,
    pcm=st.binary(max_size=400).map(lambda pcm: pcm[: len(pcm) // SAMPLE_WIDTH * SAMPLE_WIDTH]),
    sample_rate=st.sampled_from([8_000, 16_000, 22_050, 24_000, 44_100, 48_000]),
    start_time=st.floats(0, 1e5),
)


def test_a_chunk_knows_its_place() -> None:
    chunk = AudioChunk(bytes(2 * 8_000), 16_000, start_time=3.0, channel="left")
    assert chunk.samples == 8_000
    assert chunk.duration == 0.5
    assert chunk.end_time == 3.5


def test_a_slice_lies_where_its_samples_did() -> None:
    chunk = AudioChunk(b"aabbccdd", 4, start_time=1.0, channel="left")
    assert chunk.slice(1, 3) == AudioChunk(b"bbcc", 4, 1.25, "left")
    assert chunk.slice(2, 99) == AudioChunk(b"ccdd", 4, 1.5, "left")
    assert chunk.slice(4, 4) == AudioChunk(b"", 4, 2.0, "left")


@given(chunks, st.integers(0, 250), st.integers(0, 250))
def test_slices_join_to_the_whole(chunk: AudioChunk, one: int, other: int) -> None:
    first, second = sorted((one, other))
    parts = [chunk.slice(0, first), chunk.slice(first, second), chunk.slice(second, chunk.samples)]
    assert join(parts) == chunk
    assert sum(part.samples for part in parts) == chunk.samples


def test_joining_keeps_where_the_first_began() -> None:
    parts = iter([AudioChunk(b"aa", 2, 7.0, "left"), AudioChunk(b"bb", 2, 7.5, "left")])
    assert join(parts) == AudioChunk(b"aabb", 2, 7.0, "left")
    with pytest.raises(ValueError, match="no chunk"):
        join([])


@given(st.floats(0, 10), st.sampled_from([8_000, 16_000, 44_100]))
def test_silence_is_as_long_as_asked_to_the_sample(seconds: float, rate: int) -> None:
    quiet = silence(seconds, rate, 2.0)
    assert abs(quiet.duration - seconds) <= 0.5 / rate + 1e-9
    assert quiet.pcm == bytes(quiet.samples * SAMPLE_WIDTH)
    assert quiet.start_time == 2.0
