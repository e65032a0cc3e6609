"""The scripted engine keeps to the engines' Protocols and to its script."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.core.audio import OUTPUT_RATE, SPEECH_RATE, AudioChunk, join, silence
from dragoman.engines import scripted
from dragoman.engines.asr import RecognizerOptions
from dragoman.engines.tts import Voice

ENGLISH = RecognizerOptions("en")
SECOND = "This is sentence number 2."


def cut(audio: AudioChunk, sizes: list[int]) -> list[AudioChunk]:
    """Into pieces of these many samples, the last takes the rest."""
    edges = [0, *np.cumsum(sizes).tolist()]
    edges = [edge for edge in edges if edge < audio.samples] + [audio.samples]
    return [audio.slice(first, last) for first, last in pairwise(edges)]


sizes = st.lists(st.integers(1, 20_000), max_size=30)


def test_it_describes_what_its_script_can_do() -> None:
    assert scripted.recognizer.describe().languages == ("en",)
    assert scripted.translator.describe().pairs == (("en", "es"), ("en", "fr"), ("en", "de"))
    voices = scripted.synthesizer.describe().voices
    assert voices[:2] == (Voice("tone-en", "en"), Voice("tone-es", "es"))
    assert scripted.voice_activity.describe().sample_rate == SPEECH_RATE


def test_it_hears_its_script_wherever_the_audio_lies() -> None:
    words = scripted.recognizer.load().recognize(silence(3.0, SPEECH_RATE, 4.0), ENGLISH)
    assert " ".join(word.content for word in words) == SECOND
    assert (words[0].start_time, words[-1].end_time) == (4.5, 6.5)


@given(sizes)
def test_live_it_hears_the_same_however_the_audio_is_cut(sizes: list[int]) -> None:
    engine = scripted.recognizer.load()
    audio = silence(2.6, SPEECH_RATE, 4.2)
    stream = engine.open_stream(ENGLISH)
    for chunk in cut(audio, sizes):
        assert stream.accept(chunk) == engine.recognize(silence(chunk.end_time - 4.2, SPEECH_RATE, 4.2), ENGLISH)
    assert stream.finish() == engine.recognize(audio, ENGLISH)


def test_live_utterances_follow_each_other() -> None:
    stream = scripted.recognizer.load().open_stream(ENGLISH)
    stream.accept(silence(3.0, SPEECH_RATE, 0.0))
    assert len(stream.finish()) == 5
    assert stream.finish() == ()
    stream.accept(silence(3.0, SPEECH_RATE, 4.0))
    assert stream.finish()[-1].content == "2."


@given(sizes)
def test_every_whole_frame_is_judged_once(sizes: list[int]) -> None:
    audio = silence(4.0, SPEECH_RATE, 1.0)
    stream = scripted.voice_activity.load().open_stream()
    judged = [probability for chunk in cut(audio, sizes) for probability in stream.accept(chunk)]
    middles = [1.0 + (i + 0.5) * 512 / SPEECH_RATE for i in range(audio.samples // 512)]
    assert judged == [float(middle % 4.0 >= 0.5 and middle % 4.0 < 2.5) for middle in middles]


def test_it_translates_its_script() -> None:
    translate = scripted.translator.load().translate
    assert translate([SECOND, "Hi."], "en", "es") == ["Esta es la frase número 2.", "[es] Hi."]
    assert translate([], "en", "es") == []


texts = st.text("ab c.", max_size=60)


@given(texts, st.floats(1.0, 3.0))
def test_speech_takes_as_long_as_the_text_and_its_chunks_follow_each_other(text: str, rate: float) -> None:
    chunks = list(scripted.synthesizer.load().synthesize(text, "tone-es", rate))
    samples = 0
    for chunk in chunks:
        assert chunk.audio.start_time == pytest.approx(samples / OUTPUT_RATE)
        samples += chunk.audio.samples
    assert samples == pytest.approx(len(text) * 0.06 / rate * OUTPUT_RATE, abs=0.5)
    words = [(word, chunk) for chunk in chunks for word in chunk.words]
    assert [word.content for word, _ in words] == text.split()
    for word, chunk in words:
        assert chunk.audio.start_time <= word.start_time < chunk.audio.start_time + 0.06 + 1e-9


def test_its_voice_is_a_clean_tone() -> None:
    chunks = scripted.synthesizer.load().synthesize("Two words.", "tone-en")
    samples = np.frombuffer(join(chunk.audio for chunk in chunks).pcm, np.int16).astype(float)
    spectrum = np.abs(np.fft.rfft(samples))
    assert spectrum.argmax() * OUTPUT_RATE / samples.size == pytest.approx(440, abs=OUTPUT_RATE / samples.size)
    assert np.sqrt(np.mean(samples**2)) == pytest.approx(6000 / math.sqrt(2), rel=0.02)


def test_it_places_the_words_of_its_script_where_it_says_them() -> None:
    aligner, audio = scripted.aligner.load(), silence(3.0, SPEECH_RATE, 4.0)
    assert [word.content for word in aligner.hear(audio, "whatever", "en")] == SECOND.split()
    assert aligner.align(audio, ["number", "nonsense", "2."], "en") == ((5.7, 6.1), None, (6.1, 6.5))
    assert scripted.aligner.describe().languages == ("en",)
