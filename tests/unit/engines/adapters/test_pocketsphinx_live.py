from collections.abc import Callable

import pytest

from dragoman.core.audio import AudioChunk, join, silence
from dragoman.core.transcript import Word
from dragoman.engines.adapters.pocketsphinx_decoder import UtteranceDecoder
from dragoman.engines.adapters.pocketsphinx_live import LiveStream

Recording = Callable[[str], AudioChunk]

STEP = 1600
"""Samples of one chunk: 100 ms."""


@pytest.fixture(scope="module")
def decoder() -> UtteranceDecoder:
    return UtteranceDecoder(fwdflat=False)


@pytest.fixture
def clip(recording: Recording) -> AudioChunk:
    return recording("speech/en/en_librivox_ss01_0880.flac")


def hypotheses(stream: LiveStream, audio: AudioChunk) -> list[tuple[Word, ...]]:
    return [stream.accept(audio.slice(first, first + STEP)) for first in range(0, audio.samples, STEP)]


def text(words: tuple[Word, ...]) -> list[str]:
    return [word.content for word in words]


def first_words_after(partials: list[tuple[Word, ...]]) -> float:
    """Seconds until there was a hypothesis."""
    return next(i for i, words in enumerate(partials, start=1) if words) * STEP / 16_000


def test_the_first_second_is_awaited_once(decoder: UtteranceDecoder, clip: AudioChunk) -> None:
    stream = LiveStream(decoder)
    assert first_words_after(hypotheses(stream, clip)) >= 1
    stream.finish()
    assert first_words_after(hypotheses(stream, clip)) < 1


@pytest.mark.parametrize(("max_delay", "prefix"), [(0.7, 0.5), (1.0, 0.5), (1.5, 0.75), (4.0, 1.0)])
def test_where_words_may_not_wait_less_is_awaited(
    decoder: UtteranceDecoder, clip: AudioChunk, max_delay: float, prefix: float
) -> None:
    stream = LiveStream(decoder, max_delay)
    assert prefix <= first_words_after(hypotheses(stream, clip)) < prefix + 0.3
    assert {"he", "was", "young", "man"} <= set(text(stream.finish()))


def test_a_stream_finds_nothing_of_the_one_before(decoder: UtteranceDecoder, clip: AudioChunk) -> None:
    heard = []
    for _ in range(2):
        stream = LiveStream(decoder)
        heard.append((hypotheses(stream, clip), stream.finish()))
        stream.close()
    stream = LiveStream(decoder)
    hypotheses(stream, clip)  # and is left in the middle, and not closed
    stream = LiveStream(decoder)
    heard.append((hypotheses(stream, clip), stream.finish()))
    assert heard[0] == heard[1] == heard[2]


def test_hearing_a_voice_again_it_is_understood_no_worse(decoder: UtteranceDecoder, clip: AudioChunk) -> None:
    stream = LiveStream(decoder)
    for _ in range(2):
        hypotheses(stream, clip)
        assert {"he", "was", "young", "man"} <= set(text(stream.finish()))


def test_shorter_than_a_second_is_decoded_as_a_whole(decoder: UtteranceDecoder, clip: AudioChunk) -> None:
    short = clip.slice(0, 14_000)
    decoder.decode(short.pcm)
    whole = decoder.words(short.start_time, short.end_time)
    stream = LiveStream(decoder)
    assert set(hypotheses(stream, short)) == {()}
    assert stream.finish() == whole


def test_ended_in_the_middle_of_a_word_it_keeps_what_it_understood(decoder: UtteranceDecoder, clip: AudioChunk) -> None:
    """After 1.7 s of this recording the library itself has no answer."""
    stream = LiveStream(decoder)
    seen = hypotheses(stream, clip.slice(0, 27_200))
    words = stream.finish()
    assert not decoder.has_result
    assert text(words) == text(seen[-1])
    assert len(words) >= 4


def test_a_silent_beginning_does_not_become_the_mean(decoder: UtteranceDecoder, clip: AudioChunk) -> None:
    stream = LiveStream(decoder)
    hypotheses(stream, join([silence(2, 16_000), clip]))
    assert {"he", "young", "man"} <= set(text(stream.finish()))


def test_times_are_those_of_the_source(decoder: UtteranceDecoder, clip: AudioChunk) -> None:
    stream = LiveStream(decoder)
    late = AudioChunk(clip.pcm, clip.sample_rate, start_time=100.0)
    stream.accept(late)
    words = stream.finish()
    assert 100 <= words[0].start_time < words[-1].end_time <= late.end_time
    assert stream.finish() == ()
