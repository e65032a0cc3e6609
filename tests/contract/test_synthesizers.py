"""What every synthesizer promises, tried on each one that is installed."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import cast

import numpy as np
import pytest
from tests.made_voices import made_kokoro, made_piper

from dragoman.core.audio import AudioChunk, join
from dragoman.core.errors import EngineUnavailable, InvalidOption
from dragoman.core.language import canonical
from dragoman.engines import registry
from dragoman.engines.tts import PredictingSynthesizer, SpeechChunk, Synthesizer, SynthesizerInfo

TEXT = "The house is big, my cat eats fish, and nobody knows where the station is."


MADE = {"kokoro": made_kokoro, "piper": made_piper}
"""Engines whose models are downloads. They are tried on models made here as well, which hum."""


def references() -> list[str]:
    return [*registry.names(registry.SYNTHESIZERS), *(f"{name} made here" for name in MADE)]


@pytest.fixture(scope="module", params=references())
def ref(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[registry.EngineRef[Synthesizer, SynthesizerInfo]]:
    name, _, made = request.param.partition(" ")
    with pytest.MonkeyPatch.context() as environment:
        if made:
            environment.setenv("DRAGOMAN_MODELS_DIR", str(MADE[name](tmp_path_factory.mktemp("models"))))
        yield registry.find(registry.SYNTHESIZERS, name).with_models()[0]


@pytest.fixture(scope="module")
def info(ref: registry.EngineRef[Synthesizer, SynthesizerInfo]) -> SynthesizerInfo:
    try:
        return ref.describe()
    except EngineUnavailable as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def engine(ref: registry.EngineRef[Synthesizer, SynthesizerInfo], info: SynthesizerInfo) -> Iterator[Synthesizer]:
    engine = ref.plugin().load(ref.model)
    yield engine
    close = getattr(engine, "close", None)
    if close is not None:
        close()


@pytest.fixture(scope="module")
def voice(info: SynthesizerInfo) -> str:
    english = [voice.name for voice in info.voices if voice.language.partition("-")[0] == "en"]
    return (english or [info.voices[0].name])[0]


def spoken(chunks: list[SpeechChunk]) -> AudioChunk:
    return join(chunk.audio for chunk in chunks)


def seconds_of(chunks: Iterable[SpeechChunk]) -> float:
    return sum(chunk.audio.duration for chunk in chunks)


def same_speech(one: Iterable[SpeechChunk], other: Iterable[SpeechChunk]) -> bool:
    """An engine may breathe a little differently each time."""
    one, other = list(one), list(other)
    words = [[word.content for chunk in chunks for word in chunk.words] for chunks in (one, other)]
    return words[0] == words[1] and spoken(one).duration == pytest.approx(spoken(other).duration, rel=0.08)


def test_it_says_what_it_is(info: SynthesizerInfo) -> None:
    assert info.name
    assert info.version
    assert info.licence
    assert info.sample_rate > 0
    assert info.max_rate >= 1


def test_voices_have_canonical_languages(info: SynthesizerInfo) -> None:
    assert info.voices
    assert all(voice.language == canonical(voice.language) for voice in info.voices)


def test_chunks_follow_each_other_without_a_gap(engine: Synthesizer, info: SynthesizerInfo, voice: str) -> None:
    samples = 0
    for chunk in engine.synthesize(TEXT, voice):
        assert chunk.audio.sample_rate == info.sample_rate
        assert chunk.audio.samples > 0
        assert chunk.audio.start_time == pytest.approx(samples / info.sample_rate)
        samples += chunk.audio.samples
    assert samples / info.sample_rate > 1


def test_words_begin_in_their_chunk_and_come_in_order(engine: Synthesizer, voice: str) -> None:
    words = []
    for chunk in engine.synthesize(TEXT, voice):
        for word in chunk.words:
            assert chunk.audio.start_time <= word.start_time < chunk.audio.end_time
        words += chunk.words
    assert [word.start_time for word in words] == sorted(word.start_time for word in words)
    place = 0
    for word in words:
        place = TEXT.index(word.content, place) + len(word.content)


@pytest.mark.parametrize("text", ["", " ", "\0\n", "…", "?!", "😀 🎉", "---", "\ufeff", "]]](", "\u202e"])
def test_text_in_which_nothing_can_be_said(engine: Synthesizer, voice: str, text: str) -> None:
    assert seconds_of(engine.synthesize(text, voice)) < 3  # some voices name a picture


@pytest.mark.parametrize(
    "text",
    [
        " ".join(["of"] * 80),
        "THE HOUSE IS BIG AND NOBODY KNOWS WHERE THE STATION IS.",
        "one\0two\x07three 😀 four",
        "abcde" * 40,
        "1234567890" * 5,
        "<b>x</b> & [y](/z/) \\pause\\ 漢字 привет",
        "Dr. Lee paid $3.50 at 7:30 p.m. — 50 %, wasn't it?",
    ],
    ids=["no stop", "capitals", "controls", "one long word", "one long number", "markup", "abbreviations"],
)
def test_odd_text_is_spoken(engine: Synthesizer, voice: str, text: str) -> None:
    assert seconds_of(engine.synthesize(text, voice)) > 0.3


def test_the_length_is_known_beforehand(engine: Synthesizer, info: SynthesizerInfo, voice: str) -> None:
    if not info.predicts_duration:
        pytest.skip("it does not say that it can")
    predicting = cast("PredictingSynthesizer", engine)
    for rate in (0.8, 1.0, 1.3):
        seconds = seconds_of(engine.synthesize(TEXT, voice, rate))
        assert predicting.duration(TEXT, voice, rate) == pytest.approx(seconds, rel=0.06, abs=0.15)
    assert predicting.duration("…", voice) == 0


@pytest.mark.parametrize("rate", [0.0, -1.0, 99.0])
def test_a_rate_out_of_range_is_refused(engine: Synthesizer, info: SynthesizerInfo, voice: str, rate: float) -> None:
    if info.name == "scripted":
        pytest.skip("it says its script at any rate")
    with pytest.raises(InvalidOption, match="rate"):
        list(engine.synthesize(TEXT, voice, rate))


def test_a_voice_that_is_not_there_is_refused(engine: Synthesizer, info: SynthesizerInfo) -> None:
    if info.name == "scripted":
        pytest.skip("it has any voice")
    with pytest.raises(InvalidOption, match="nobody"):
        list(engine.synthesize(TEXT, "nobody"))


def test_no_silence_is_spoken_around_a_sentence(engine: Synthesizer, info: SynthesizerInfo, voice: str) -> None:
    if info.name == "scripted":
        pytest.skip("it has a silence in front by its script")
    audio = spoken(list(engine.synthesize("Mama radio hotel.", voice)))
    loudness = np.abs(np.frombuffer(audio.pcm, np.int16).astype(int))
    [loud] = np.nonzero(loudness > loudness.max() / 50)
    assert loud[0] / audio.sample_rate < 0.15
    assert audio.duration - loud[-1] / audio.sample_rate < 0.15


def test_same_text_same_speech(engine: Synthesizer, voice: str) -> None:
    assert same_speech(engine.synthesize(TEXT, voice), engine.synthesize(TEXT, voice))


def test_rate_shortens_in_proportion(engine: Synthesizer, info: SynthesizerInfo, voice: str) -> None:
    plain = spoken(list(engine.synthesize(TEXT, voice))).duration
    for rate in (1.3, info.max_rate):
        fast = spoken(list(engine.synthesize(TEXT, voice, rate))).duration
        assert fast == pytest.approx(plain / rate, rel=0.1)


def test_a_listener_may_leave(engine: Synthesizer, voice: str) -> None:
    whole = list(engine.synthesize(TEXT, voice))
    for _ in range(3):
        leaving = engine.synthesize(TEXT, voice)
        next(leaving)
        leaving.close()  # type: ignore[attr-defined]  # an iterator of the Protocol, a generator everywhere
    assert same_speech(engine.synthesize(TEXT, voice), whole)


def test_several_listeners_at_once(engine: Synthesizer, voice: str) -> None:
    whole = list(engine.synthesize(TEXT, voice))
    slow = engine.synthesize(TEXT, voice)
    first = next(slow)
    with ThreadPoolExecutor(4) as threads:
        heard = list(threads.map(lambda _: list(engine.synthesize(TEXT, voice)), range(4)))
    assert all(same_speech(speech, whole) for speech in heard)
    assert same_speech([first, *slow], whole)


def test_preparing_may_be_repeated(engine: Synthesizer, voice: str) -> None:
    engine.prepare(voice)
    engine.prepare(voice)
    assert list(engine.synthesize(TEXT, voice))
