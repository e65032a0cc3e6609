"""Silence off, PCM, and how long speech will be."""

import numpy as np
import pytest

from dragoman.engines.adapters.onnx_voice.speech import Lengths, pcm16, trim

RATE, FRAME = 24_000, 600


def hum(frames: int, level: float = 0.5) -> np.ndarray:
    return (level * np.sin(np.arange(frames * FRAME) / 5)).astype(np.float32)


def silence(frames: int) -> np.ndarray:
    return np.zeros(frames * FRAME, np.float32)


def test_silence_is_cut_off_but_for_two_frames() -> None:
    trimmed = trim(np.concatenate((silence(13), hum(20), silence(9))), FRAME, RATE)
    assert len(trimmed.samples) == 24 * FRAME
    assert trimmed.cut == 11 * FRAME


def test_a_pause_inside_and_a_soft_beginning_stay() -> None:
    samples = np.concatenate((hum(1, 0.02), hum(5), silence(30), hum(5)))
    assert len(trim(samples, FRAME, RATE).samples) == len(samples)


@pytest.mark.parametrize("samples", [silence(0), silence(10), np.full(900, np.nan, np.float32)])
def test_of_silence_and_nonsense_nothing_is_left(samples: np.ndarray) -> None:
    assert len(trim(samples, FRAME, RATE).samples) == 0


def test_loud_samples_are_clipped() -> None:
    np.testing.assert_array_equal(pcm16(np.array([0, 1, 2, -3], np.float32)), [0, 32767, 32767, -32767])


@pytest.mark.parametrize("rate", [0.8, 1.0, 1.1, 1.3, 1.5])
def test_a_speed_is_found_for_a_rate(rate: float) -> None:
    natural = np.random.default_rng(0).uniform(1.0, 5.0, 200)
    lengths = Lengths(lambda speed: np.maximum(1, np.rint(natural / speed)), 3, 0.025)
    assert lengths.seconds(lengths.speed_for(rate)) == pytest.approx(lengths.seconds(1.0) / rate, rel=0.02)


def test_a_rate_out_of_reach_is_approached() -> None:
    lengths = Lengths(lambda speed: np.maximum(1, np.rint(np.full(50, 1.0) / speed)), 1, 0.025)
    assert lengths.seconds(lengths.speed_for(3.0)) <= lengths.seconds(1.0)
