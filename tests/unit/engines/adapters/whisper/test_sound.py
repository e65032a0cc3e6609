import numpy as np
import pytest

from dragoman.engines.adapters.whisper.sound import Sound


def test_sound_is_found_between_silences():
    samples = np.random.default_rng(0).normal(0, 1e-4, 48_000).astype(np.float32)
    samples[16_000:32_000] += np.sin(np.arange(16_000) / 10).astype(np.float32) * 0.2
    sound = Sound(samples)
    assert sound.within(0.0, 3.0) == (pytest.approx(1.0, abs=0.03), pytest.approx(2.0, abs=0.03))
    assert sound.within(0.0, 0.9) is None
    assert sound.share(1.1, 1.9) == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("samples", [0, 1, 100, 161])
def test_hardly_any_audio(samples):
    assert Sound(np.zeros(samples, np.float32)).share(0.0, 1.0) <= 1.0
