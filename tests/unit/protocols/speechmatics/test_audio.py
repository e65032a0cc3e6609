from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.core.audio import join
from dragoman.protocols.speechmatics.audio import RawAudio
from dragoman.protocols.speechmatics.config import RawFormat

ENCODINGS = ("pcm_s16le", "pcm_f32le", "mulaw")


def heard(encoding, pieces, rate=16_000, channel=None):
    audio = RawAudio(RawFormat(type="raw", encoding=encoding, sample_rate=rate), channel)
    return [chunk for piece in pieces for chunk in audio.accept(piece)]


def samples(encoding, data):
    return np.frombuffer(join(heard(encoding, [data])).pcm, "<i2").tolist()


@given(
    st.sampled_from(ENCODINGS), st.binary(min_size=8, max_size=300), st.lists(st.integers(0, 300)), st.integers(1, 50)
)
def test_any_chunking_of_the_same_bytes_gives_the_same_samples(encoding, data, cuts, rate):
    places = [0, *sorted(cut for cut in cuts if cut < len(data)), len(data)]
    pieces = [data[first:last] for first, last in pairwise(places)]
    chunks = heard(encoding, pieces, rate * 1000)
    assert join(chunks).pcm == join(heard(encoding, [data], rate * 1000)).pcm
    position = 0
    for chunk in chunks:
        assert chunk.start_time == position / chunk.sample_rate
        assert chunk.samples > 0
        position += chunk.samples


def test_half_a_sample_waits_for_its_other_half():
    assert heard("pcm_s16le", [b"\x01"]) == []
    (chunk,) = heard("pcm_s16le", [b"\x01", b"\x02"])
    assert chunk.pcm == b"\x01\x02"


def test_channels_are_named_and_each_has_its_own_time():
    (chunk,) = heard("pcm_s16le", [bytes(320)], channel="caller")
    assert (chunk.channel, chunk.start_time, chunk.samples) == ("caller", 0.0, 160)


def test_minutes_in_one_frame_come_a_second_at_a_time():
    chunks = heard("mulaw", [bytes(8000 * 90 + 100)], rate=8000)
    assert [chunk.duration for chunk in chunks] == [1.0] * 90 + [100 / 8000]
    assert chunks[-1].start_time == 90.0


@pytest.mark.parametrize(
    ("value", "sample"),
    [(0.0, 0), (1.0, 32767), (-1.0, -32767), (7.5, 32767), (-1e38, -32767), (float("nan"), 0), (float("inf"), 32767)],
)
def test_floats_are_scaled_clipped_and_never_trouble(value, sample):
    assert samples("pcm_f32le", np.array([value], "<f4").tobytes()) == [sample]


def test_mulaw_is_that_of_the_recommendation():
    """ITU-T G.711, table 2a: silence, the loudest, and one step above silence, of both signs."""
    assert samples("mulaw", bytes([0xFF, 0x7F, 0x80, 0x00, 0xFE, 0x7E])) == [0, 0, 32124, -32124, 8, -8]
