import numpy as np
import pytest

from dragoman.engines.adapters.whisper.decoding import Care, Decoder, loops
from dragoman.engines.adapters.whisper.features import samples_of


@pytest.mark.parametrize(
    ("tokens", "looping"),
    [
        ([], False),
        ([1, 2, 3, 4], False),
        ([7, 7, 7], False),
        ([7, 7, 7, 7], True),
        ([1, 2, 1, 2, 1, 2, 1, 2], True),
        ([9, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 5], True),
        ([1, 2, 3, 1, 2, 3, 1, 2, 3, 9], False),
    ],
)
def test_the_same_tokens_four_times_in_a_row_are_a_loop(tokens, looping):
    assert loops(tokens) is looping


@pytest.mark.parametrize("seconds", [0.05, 1.0, 28.0])
@pytest.mark.parametrize("level", [0.0, 0.001, 0.1])
def test_nothing_is_heard_in_silence_and_noise(weights, seconds, level):
    samples = np.random.default_rng(1).normal(0, level, round(seconds * 16_000)).astype(np.float32)
    assert Decoder(weights).words([samples], "en", Care(15.0)) == [[]]


def test_windows_of_one_batch_are_decoded_as_each_by_itself(weights, recording):
    clips = [samples_of(recording(f"speech/en/{name}.flac").pcm) for name in ("en_jfk", "en_librivox_ss01_0880")]
    decoder, care = Decoder(weights), Care(15.0)
    together = decoder.words(clips, "en", care)
    alone = [decoder.words([clip], "en", care)[0] for clip in clips]
    assert [[word.text for word in words] for words in together] == [[word.text for word in words] for words in alone]
    assert "country" in together[0][-1].text


def test_languages_are_told_apart(weights, recording):
    decoder = Decoder(weights)
    for language, clip in (("en", "en/en_jfk"), ("de", "de/de_autodub_003"), ("es", "es/es_fleurs_000")):
        found = decoder.languages(samples_of(recording(f"speech/{clip}.flac").pcm), Care(15.0))
        assert max(found, key=found.__getitem__) == language
