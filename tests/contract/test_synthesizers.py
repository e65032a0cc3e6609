"""What every synthesizer promises, tried on each one that is installed."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from dragoman.core.audio import AudioChunk, join
from dragoman.core.errors import EngineUnavailable
from dragoman.core.language import canonical
from dragoman.engines import registry
from dragoman.engines.tts import SpeechChunk, Synthesizer, SynthesizerInfo

TEXT = "The house is big, my cat eats fish, and nobody knows where the station is."


@pytest.fixture(scope="module", params=registry.names(registry.SYNTHESIZERS))
def ref(request: pytest.FixtureRequest) -> registry.EngineRef[Synthesizer, SynthesizerInfo]:
    return registry.find(registry.SYNTHESIZERS, request.param)


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


def same_speech(one: Iterable[SpeechChunk], other: Iterable[SpeechChunk]) -> bool:
    """An engine may breathe a little differently each time."""
    one, other = list(one), list(other)
    words = [[word.content for chunk in chunks for word in chunk.words] for chunks in (one, other)]
    return words[0] == words[1] and spoken(one).duration == pytest.approx(spoken(other).duration, rel=0.03)


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
        heard = list(threads.map(lambda _: list(engine.synthesize(TEXT, voice)), range(12)))
    assert all(same_speech(speech, whole) for speech in heard)
    assert same_speech([first, *slow], whole)


def test_preparing_may_be_repeated(engine: Synthesizer, voice: str) -> None:
    engine.prepare(voice)
    engine.prepare(voice)
    assert list(engine.synthesize(TEXT, voice))
