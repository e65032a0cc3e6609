"""Volume of words, from their samples."""

import numpy as np
import pytest

from dragoman.core.audio import AudioChunk
from dragoman.core.transcript import Word
from dragoman.pipeline.volume import loud_enough, measured


def level(decibels: float, seconds: float) -> bytes:
    """A square wave so many decibels below full scale."""
    amplitude = 32_767 * 10 ** (decibels / 20)
    return (np.where(np.arange(round(seconds * 16_000)) % 2, amplitude, -amplitude)).astype("<i2").tobytes()


AUDIO = AudioChunk(level(0, 1.0) + level(-30, 1.0) + bytes(32_000), 16_000, 5.0)
WORDS = (Word("loud", 5.0, 6.0), Word("soft", 6.0, 7.0), Word("silent", 7.0, 8.0))


def test_volume_is_the_level_above_sixty_decibels_below_full_scale() -> None:
    assert [word.volume for word in measured(WORDS, AUDIO)] == [100.0, pytest.approx(50.0, abs=0.1), 0.0]


def test_words_are_kept_from_the_threshold_on() -> None:
    assert [word.content for word in loud_enough(WORDS, AUDIO, 40.0)] == ["loud", "soft"]
    assert [word.content for word in loud_enough(WORDS, AUDIO, 60.0)] == ["loud"]


def test_a_threshold_of_zero_only_measures_and_none_does_nothing() -> None:
    assert len(loud_enough(WORDS, AUDIO, 0.0)) == 3
    assert loud_enough(WORDS, AUDIO, None) == WORDS


def test_a_word_outside_of_the_audio_is_silent() -> None:
    assert [word.volume for word in measured((Word("late", 9.0, 9.5), Word("flat", 5.0, 5.0)), AUDIO)] == [0.0, 0.0]
