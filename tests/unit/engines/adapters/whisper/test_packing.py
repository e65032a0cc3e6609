import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dragoman.core.audio import SPEECH_RATE, AudioChunk
from dragoman.engines.adapters.whisper.packing import windows

LONGEST = 10.0


def noise(seconds: float, start_time: float = 0.0, seed: int = 0) -> AudioChunk:
    samples = np.random.default_rng(seed).integers(-3000, 3000, round(seconds * SPEECH_RATE)).astype("<i2")
    return AudioChunk(samples.tobytes(), SPEECH_RATE, start_time)


@st.composite
def utterances(draw: st.DrawFn) -> list[AudioChunk]:
    time, made = 0.0, []
    for seconds in draw(st.lists(st.floats(0.1, 25.0), min_size=1, max_size=6)):
        time += draw(st.floats(0.0, 3.0))
        made.append(noise(seconds, time))
        time = made[-1].end_time
    return made


@given(utterances())
def test_every_sample_lies_in_one_window_at_its_own_time(given_utterances):
    found = list(windows(given_utterances, LONGEST))
    assert all(0 < window.duration <= LONGEST + 1e-6 for window in found)
    heard = [bytearray() for _ in given_utterances]
    for window in found:
        for place in window.places:
            first = round(place.offset * SPEECH_RATE)
            samples = window.samples[first : first + round(place.duration * SPEECH_RATE)]
            heard[place.utterance] += np.round(samples * 32768).astype("<i2").tobytes()
            assert place.source_time(place.offset) == place.start_time
    assert heard == [utterance.pcm for utterance in given_utterances]


def test_short_utterances_share_a_window_and_keep_some_of_their_pause():
    (window,) = windows([noise(2.0), noise(3.0, 2.2), noise(1.0, 60.0)], LONGEST)
    assert [round(place.offset, 3) for place in window.places] == [0.0, 2.2, 5.7]
    assert [window.place_at(time).utterance for time in (0.5, 2.1, 5.0, 5.5, 99.0)] == [0, 1, 1, 2, 2]


def test_a_long_utterance_is_parted_where_it_is_quietest():
    speech = np.frombuffer(noise(14.0).pcm, "<i2").copy()
    speech[round(8.0 * SPEECH_RATE) : round(8.3 * SPEECH_RATE)] = 0
    first, second = windows([AudioChunk(speech.tobytes(), SPEECH_RATE)], LONGEST)
    assert 8.0 <= first.duration <= 8.3
    assert second.places[0].start_time == first.duration
