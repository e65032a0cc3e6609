"""What every voice activity detector promises, tried on each one that is installed."""

import itertools
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.core.audio import AudioChunk, silence
from dragoman.core.errors import EngineUnavailable
from dragoman.engines import registry
from dragoman.engines.vad import VoiceActivityDetector, VoiceActivityInfo

Recording = Callable[[str], AudioChunk]


@pytest.fixture(scope="module", params=registry.names(registry.VOICE_ACTIVITY))
def ref(request: pytest.FixtureRequest) -> registry.EngineRef[VoiceActivityDetector, VoiceActivityInfo]:
    return registry.find(registry.VOICE_ACTIVITY, request.param)


@pytest.fixture(scope="module")
def info(ref: registry.EngineRef[VoiceActivityDetector, VoiceActivityInfo]) -> VoiceActivityInfo:
    try:
        return ref.describe()
    except EngineUnavailable as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def engine(
    ref: registry.EngineRef[VoiceActivityDetector, VoiceActivityInfo], info: VoiceActivityInfo
) -> VoiceActivityDetector:
    return ref.plugin().load(ref.model)


@pytest.fixture
def listening(info: VoiceActivityInfo) -> None:
    if info.name == "scripted":
        pytest.skip("the scripted engine does not listen")


def judge(engine: VoiceActivityDetector, audio: AudioChunk, cuts: Sequence[int] = ()) -> list[float]:
    """Probabilities of ``audio`` given in pieces that end at these samples."""
    stream = engine.open_stream()
    edges = [0, *sorted(cuts), audio.samples]
    return [p for first, last in itertools.pairwise(edges) for p in stream.accept(audio.slice(first, last))]


def test_it_says_what_it_is(info: VoiceActivityInfo) -> None:
    assert info.name
    assert info.version
    assert info.licence
    assert info.sample_rate > 0
    assert info.frame_samples > 0


def test_every_whole_frame_gets_a_probability(
    engine: VoiceActivityDetector, info: VoiceActivityInfo, recording: Recording
) -> None:
    clip = recording("speech/en/en_jfk.flac")
    probabilities = judge(engine, clip)
    assert len(probabilities) == clip.samples // info.frame_samples
    assert all(0 <= p <= 1 for p in probabilities)


@settings(deadline=None, max_examples=30)
@given(data=st.data())
def test_chunks_of_any_size_give_the_same_answer(
    engine: VoiceActivityDetector, recording: Recording, data: st.DataObject
) -> None:
    clip = recording("speech/en/en_jfk.flac").slice(0, 40_000)
    cuts = data.draw(st.lists(st.integers(0, clip.samples), max_size=40))
    assert judge(engine, clip, cuts) == judge(engine, clip)


def test_streams_do_not_know_of_each_other(engine: VoiceActivityDetector, recording: Recording) -> None:
    clip, other = recording("speech/en/en_jfk.flac"), recording("audio_events/other_ibm_rain.flac")
    alone = judge(engine, clip)
    one, two = engine.open_stream(), engine.open_stream()
    heard: list[float] = []
    for first in range(0, clip.samples, 1600):
        heard += one.accept(clip.slice(first, first + 1600))
        two.accept(other.slice(first, first + 1600))
    assert heard == alone


@pytest.mark.usefixtures("listening")
def test_speech_is_heard_and_the_silence_around_it_is_not(
    engine: VoiceActivityDetector, info: VoiceActivityInfo, recording: Recording
) -> None:
    clip, quiet = recording("speech/en/en_jfk.flac"), silence(1, info.sample_rate)
    frames = judge(engine, AudioChunk(quiet.pcm + clip.pcm + quiet.pcm, clip.sample_rate))
    second = info.sample_rate // info.frame_samples
    assert max(frames[: second - 1]) < 0.5
    assert max(frames[-second // 2 :]) < 0.5
    assert np.mean([p > 0.5 for p in frames[second:-second]]) > 0.6


@pytest.mark.usefixtures("listening")
@pytest.mark.parametrize("level", [0, 1, 32767], ids=["digital silence", "last bit", "full scale"])
def test_noise_of_any_level_is_no_speech(engine: VoiceActivityDetector, info: VoiceActivityInfo, level: int) -> None:
    noise = np.random.default_rng(1).integers(-level, level, 10 * info.sample_rate, np.int16, endpoint=True)
    assert np.mean([p > 0.5 for p in judge(engine, AudioChunk(noise.tobytes(), info.sample_rate))]) < 0.05


@pytest.mark.parametrize("samples", [0, 1, 511])
def test_less_than_a_frame_waits_for_the_rest(
    engine: VoiceActivityDetector, info: VoiceActivityInfo, samples: int
) -> None:
    stream = engine.open_stream()
    begun = silence(samples / info.sample_rate, info.sample_rate)
    assert stream.accept(begun) == ()
    rest = (info.frame_samples - samples) / info.sample_rate
    assert len(stream.accept(silence(rest, info.sample_rate, begun.end_time))) == 1
