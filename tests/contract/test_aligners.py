"""What every aligner promises, tried on each one that is installed."""

from collections.abc import Callable

import pytest

from dragoman.core.audio import AudioChunk, silence
from dragoman.core.errors import EngineUnavailable
from dragoman.core.language import canonical
from dragoman.engines import registry
from dragoman.engines.alignment import Aligner, AlignerInfo

Recording = Callable[[str], AudioChunk]

CLIP = "speech/en/en_jfk.flac"
TEXT = "And so, my fellow Americans, ask not what your country can do for you; ask what you can do for your country."


@pytest.fixture(scope="module", params=registry.names(registry.ALIGNERS))
def ref(request: pytest.FixtureRequest) -> registry.EngineRef[Aligner, AlignerInfo]:
    return registry.find(registry.ALIGNERS, request.param)


@pytest.fixture(scope="module")
def info(ref: registry.EngineRef[Aligner, AlignerInfo]) -> AlignerInfo:
    try:
        return ref.describe()
    except EngineUnavailable as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def engine(ref: registry.EngineRef[Aligner, AlignerInfo], info: AlignerInfo) -> Aligner:
    return ref.plugin().load(ref.model)


@pytest.fixture
def listening(info: AlignerInfo) -> None:
    if info.name == "scripted":
        pytest.skip("the scripted engine does not listen")


def moved(audio: AudioChunk, seconds: float) -> AudioChunk:
    return AudioChunk(audio.pcm, audio.sample_rate, seconds)


def test_it_says_what_it_is(info: AlignerInfo) -> None:
    assert info.name
    assert info.version
    assert info.licence
    assert info.sample_rate > 0
    assert info.longest > 0
    assert info.languages
    assert all(canonical(tag) == tag for tag in info.languages)


def test_every_word_gets_an_answer_in_order_and_inside(engine: Aligner, recording: Recording) -> None:
    audio = moved(recording(CLIP), 4.0)
    for words in ((), ("—",), tuple(TEXT.split()), ("",), ("pfff" * 100, "<b>", "\x00", "名前")):
        spans = engine.align(audio, words, "en")
        assert len(spans) == len(words)
        times = [time for span in spans if span is not None for time in span]
        assert times == sorted(times)
        assert all(audio.start_time <= time <= audio.end_time for time in times)


@pytest.mark.usefixtures("listening")
def test_words_of_the_text_are_heard_as_they_are_written_there(engine: Aligner, recording: Recording) -> None:
    heard = engine.hear(recording(CLIP), TEXT, "en")
    words = [word.content for word in heard]
    assert sum(word in words for word in TEXT.split()) >= 15
    assert "Americans," in words
    times = [time for word in heard for time in (word.start_time, word.end_time)]
    assert times == sorted(times)


@pytest.mark.usefixtures("listening")
def test_answers_depend_on_nothing_but_the_arguments(engine: Aligner, recording: Recording) -> None:
    clip, other = recording(CLIP), recording("speech/en/en_libri_1688-142285-0002.flac")
    heard, placed = engine.hear(clip, TEXT, "en"), engine.align(clip, TEXT.split(), "en")
    engine.hear(other, "You don't mean that you thought me so silly", "en")
    engine.align(other, ["You", "don't", "mean", "Zbigniewski"], "en")
    assert (engine.hear(clip, TEXT, "en"), engine.align(clip, TEXT.split(), "en")) == (heard, placed)


@pytest.mark.usefixtures("listening")
def test_words_are_placed_where_they_are_said(engine: Aligner, recording: Recording) -> None:
    spans = engine.align(moved(recording(CLIP), 60.0), TEXT.split(), "en")
    assert None not in spans
    heard = {word.content: word.start_time + 60.0 for word in engine.hear(recording(CLIP), TEXT, "en")}
    starts = dict(zip(TEXT.split(), (span[0] for span in spans if span), strict=True))
    for word in ("fellow", "Americans,", "not"):
        assert starts[word] == pytest.approx(heard[word], abs=0.1)


@pytest.mark.usefixtures("listening")
def test_what_nobody_can_have_said_is_not_placed(engine: Aligner, recording: Recording) -> None:
    clip = recording(CLIP)
    assert engine.align(clip.slice(0, 8000), TEXT.split(), "en") == (None,) * len(TEXT.split())
    assert engine.align(silence(2, 16_000), ["country"], "en") == (None,)
    assert engine.align(clip.slice(0, 0), ["country"], "en") == (None,)
    assert engine.hear(silence(2, 16_000), TEXT, "en") == ()
    assert engine.hear(clip.slice(0, 0), TEXT, "en") == ()


@pytest.mark.usefixtures("listening")
@pytest.mark.parametrize("text", ["", "— … ***", "名前", "\x00 <s> </s> [NOISE] \\end\\ @1 (2)", "x" * 100_000])
def test_any_text_will_do(engine: Aligner, recording: Recording, text: str) -> None:
    engine.hear(recording(CLIP).slice(0, 32_000), text, "en")
    engine.align(recording(CLIP).slice(0, 32_000), text.split(), "en")
