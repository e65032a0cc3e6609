"""Against the espeak-ng that is installed."""

from collections.abc import Iterator

import numpy as np
import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.core.audio import join
from dragoman.core.errors import EngineCrashed, EngineUnavailable, InvalidOption
from dragoman.engines.adapters import espeak
from dragoman.engines.adapters.espeak import Espeak
from dragoman.engines.tts import SpokenWord


@pytest.fixture(scope="module")
def engine() -> Iterator[Espeak]:
    try:
        engine = espeak.load()
    except EngineUnavailable as error:
        pytest.skip(str(error))
    yield engine
    engine.close()


def words(engine: Espeak, text: str, voice: str) -> list[SpokenWord]:
    return [word for chunk in engine.synthesize(text, voice) for word in chunk.words]


def children() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "espeak_child.py" in " ".join(child.cmdline())]


def test_voices_of_the_languages_that_matter(engine: Espeak) -> None:
    voices = espeak.describe().voices
    spoken = {voice.language for voice in voices}
    assert {"es", "pt", "pt-BR", "fr-FR", "de", "ca", "it", "gl", "nn", "hr"} <= spoken
    assert len(voices) > 100


def test_kanji_are_never_read_as_chinese_letter(engine: Espeak) -> None:
    spoken = {voice.language.partition("-")[0] for voice in espeak.describe().voices}
    assert spoken.isdisjoint({"ja", "zh", "yue", "hak"})
    for name in ("ja", "cmn", "yue"):
        with pytest.raises(InvalidOption, match="no voice"):
            engine.synthesize("漢字", name)


@pytest.mark.parametrize(
    ("text", "voice", "expected"),
    [
        ("Hello world, this is a test.", "en-US", ["Hello", "world", "this", "is", "a", "test"]),
        ("Adiós, ¿qué tal el año 1999?", "es", ["Adiós", "qué", "tal", "el", "año", "1999"]),
        ("😀 hello\ncafé", "en-US", ["😀", "hello", "café"]),
    ],
)
def test_words(engine: Espeak, text: str, voice: str, expected: list[str]) -> None:
    spoken = words(engine, text, voice)
    assert [word.content for word in spoken if word.content in expected] == expected
    assert spoken[0].start_time < 0.2
    assert [word.start_time for word in spoken] == sorted(word.start_time for word in spoken)


def test_markup_is_text(engine: Espeak) -> None:
    assert "b" in [word.content for word in words(engine, "<b>x</b>", "en-US")]
    assert "break" in [word.content for word in words(engine, '<break time="60s"/>', "en-US")]
    assert sum(chunk.audio.duration for chunk in engine.synthesize('<break time="60s"/>', "en-US")) < 10


@pytest.mark.parametrize("text", ["", "  ", "\n\0\t", "\x01\x02"])
def test_nothing_to_say(engine: Espeak, text: str) -> None:
    assert list(engine.synthesize(text, "es")) == []


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_any_text_can_be_spoken(engine: Espeak, text: str) -> None:
    samples = 0
    for chunk in engine.synthesize(text, "es"):
        assert round(chunk.audio.start_time * espeak.SAMPLE_RATE) == samples
        samples += chunk.audio.samples
    assert words(engine, "hola", "es")[0].content == "hola"


@pytest.mark.parametrize("voice", ["en-US", "es", "fr", "pt", "it", "ca"])
def test_a_sentence_begins_and_ends_promptly(engine: Espeak, voice: str) -> None:
    audio = join(chunk.audio for chunk in engine.synthesize("Mama radio hotel.", voice))
    [loud] = np.nonzero(np.abs(np.frombuffer(audio.pcm, np.int16).astype(int)) > 100)
    assert loud[0] / audio.sample_rate < 0.15
    assert audio.duration - loud[-1] / audio.sample_rate < 0.1


def test_a_long_text_comes_in_small_pieces(engine: Espeak) -> None:
    speech = engine.synthesize("word " * 2000, "en-US")
    assert next(speech).audio.duration < 0.1
    speech.close()  # type: ignore[attr-defined]  # a generator


def test_a_child_that_dies_is_replaced(engine: Espeak) -> None:
    speech = engine.synthesize("word " * 20_000, "en-US")
    next(speech)
    for child in children():
        child.kill()
    with pytest.raises(EngineCrashed):
        list(speech)
    assert words(engine, "hello", "en-US")


def test_a_child_that_died_in_the_meantime_is_not_noticed(engine: Espeak) -> None:
    assert words(engine, "hello", "en-US")
    idle = children()
    for child in idle:
        child.kill()
    psutil.wait_procs(idle, timeout=20)
    assert words(engine, "hello", "en-US")


def test_children_are_reused_and_few_are_kept(engine: Espeak) -> None:
    speeches = [engine.synthesize("one two three", "en-US") for _ in range(5)]
    for speech in speeches:
        next(speech)
    assert len(children()) == 5
    for speech in speeches:
        list(speech)
    kept = children()
    assert len(kept) == 2
    assert words(engine, "hello", "en-US")
    assert children() == kept


def test_a_voice_is_prepared_once(engine: Espeak) -> None:
    engine.prepare("es")
    idle = children()
    for child in idle:
        child.suspend()  # whoever asks one now gets no answer
    engine.prepare("es")
    for child in idle:
        child.resume()
        child.kill()
    psutil.wait_procs(idle, timeout=20)
    engine.prepare("es")
    assert children()


def test_close_ends_the_children() -> None:
    engine = espeak.load()
    before = children()
    engine.prepare("es")
    started = [child for child in children() if child not in before]
    assert started
    engine.close()
    assert not any(child.is_running() for child in started)


@pytest.mark.parametrize("rate", [0.0, -1.0, 2.6])
def test_a_rate_out_of_range(engine: Espeak, rate: float) -> None:
    with pytest.raises(InvalidOption, match="rate"):
        engine.synthesize("x", "es", rate)


def test_a_voice_that_is_not_there(engine: Espeak) -> None:
    with pytest.raises(InvalidOption, match="nobody"):
        engine.synthesize("x", "nobody")
