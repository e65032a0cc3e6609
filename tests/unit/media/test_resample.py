"""Rates change; lengths, times and samples stay true."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.core.audio import SAMPLE_WIDTH, AudioChunk
from dragoman.media.resample import Resampler

RATES = (8_000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)


def noise(samples: int) -> bytes:
    return np.random.default_rng(7).integers(-32_768, 32_767, samples, np.int16, endpoint=True).tobytes()


def resample(pcm: bytes, source: int, target: int, cuts: list[int] = [], quality="HQ") -> list[AudioChunk]:  # noqa: B006 - never changed
    resampler = Resampler(source, target, quality=quality)
    whole = AudioChunk(pcm, source, 5.0, "left")
    edges = [0, *sorted(cut % (whole.samples + 1) for cut in cuts), whole.samples]
    parts = [resampler.accept(whole.slice(first, last)) for first, last in itertools.pairwise(edges)]
    return [*parts, resampler.flush()]


@settings(deadline=None, max_examples=60)
@given(
    samples=st.integers(0, 60_000),
    source=st.sampled_from(RATES),
    target=st.sampled_from(RATES),
    quality=st.sampled_from(["QQ", "LQ", "HQ"]),
)
def test_the_output_is_as_long_as_the_input(samples, source, target, quality):
    parts = resample(noise(samples), source, target, quality=quality)
    assert abs(sum(part.samples for part in parts) - samples * target / source) <= 1


@settings(deadline=None, max_examples=60)
@given(
    cuts=st.lists(st.integers(0, 20_000), max_size=30),
    source=st.sampled_from(RATES),
    target=st.sampled_from(RATES),
    quality=st.sampled_from(["QQ", "LQ", "HQ"]),
)
def test_chunking_changes_no_sample(cuts, source, target, quality):
    pcm = noise(20_000)
    whole = b"".join(part.pcm for part in resample(pcm, source, target, quality=quality))
    assert b"".join(part.pcm for part in resample(pcm, source, target, cuts, quality)) == whole


@pytest.mark.parametrize("target", [16_000, 24_000])
def test_times_count_output_samples_from_the_first_chunk(target):
    expected = 5.0
    for part in resample(noise(44_100), 44_100, target, list(range(0, 44_100, 441))):
        assert part.start_time == pytest.approx(expected, abs=1e-9)
        assert (part.channel, part.sample_rate) == ("left", target)
        expected += part.duration
    assert expected == pytest.approx(6.0, abs=1 / target)


def test_a_click_stays_where_it_was():
    samples = np.zeros(48_000, np.int16)
    samples[24_000] = 20_000
    output = b"".join(part.pcm for part in resample(samples.tobytes(), 48_000, 16_000))
    assert int(np.argmax(np.abs(np.frombuffer(output, np.int16)))) == 8_000


def test_silence_stays_digital_silence():
    output = b"".join(part.pcm for part in resample(bytes(44_100 * SAMPLE_WIDTH), 44_100, 16_000))
    assert not any(output)


def test_full_scale_is_clipped_and_does_not_wrap_around():
    square = np.where(np.arange(48_000) // 240 % 2, 32_767, -32_768).astype(np.int16)
    output = np.frombuffer(b"".join(part.pcm for part in resample(square.tobytes(), 48_000, 24_000)), np.int16)
    assert np.mean(np.sign(output) == np.sign(square[::2])) > 0.99


def test_equal_rates_pass_the_bytes():
    pcm = noise(1_001)
    first, last = resample(pcm, 16_000, 16_000)
    assert first.pcm == pcm
    assert last.pcm == b""


def test_after_a_flush_another_stream_can_begin():
    resampler = Resampler(44_100, 16_000)
    chunk = AudioChunk(noise(44_100), 44_100, 2.0)
    runs = [(resampler.accept(chunk), resampler.flush()) for _ in range(2)]
    assert runs[0] == runs[1]


def test_a_chunk_of_another_rate_is_refused():
    with pytest.raises(ValueError, match="8000 Hz came into a resampler from 44100 Hz"):
        Resampler(44_100, 16_000).accept(AudioChunk(b"", 8_000))
