import wave

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.cli.output import OutputFiles
from dragoman.cli.speech import SpeechTracks, describe_drift, drift
from dragoman.core.audio import OUTPUT_RATE, AudioChunk
from dragoman.core.events import RunEnded, SynthesizedAudio
from dragoman.core.transcript import SpokenSentence


def spoken(start, source_start, rate=1.0):
    return SpokenSentence("es", start, start + 1.0, source_start, source_start + 1.0, rate)


def test_how_far_speech_drifted():
    found = drift([spoken(0.0, 0.0), spoken(3.0, 1.0, 1.3), spoken(5.0, 4.0, 1.1)])
    assert (found.mean, found.largest, found.at_end) == (1.0, 2.0, 1.0)
    assert (found.sentences, found.sped_up, found.fastest) == (3, 2, 1.3)
    line = describe_drift("Spanish", found)
    assert "3 sentences" in line
    assert "2 sped up, at most 1.30x" in line
    assert "late by 1.0 s on average, 2.0 s at most, 1.0 s at the end" in line
    assert describe_drift("Spanish", drift([spoken(0.0, 0.0)])).endswith("1 sentence, none sped up, never late")


def test_nothing_spoken_is_said():
    assert drift([]) is None
    assert "nothing" in describe_drift("Spanish", None)


@given(st.lists(st.floats(0, 100), min_size=1), st.floats(1.0, 1.3))
def test_the_largest_drift_is_no_smaller_than_the_mean(drifts, rate):
    found = drift([spoken(10.0 + late, 10.0, rate) for late in drifts])
    assert found.mean <= found.largest + 1e-6
    assert found.sped_up == (len(drifts) if rate > 1.0 else 0)


@pytest.mark.parametrize("duration", [1.0, 4.0])
def test_a_track_is_written_as_it_comes_and_lasts_as_long_as_its_source(tmp_path, duration):
    chunk = AudioChunk(b"\x01\x02" * (OUTPUT_RATE // 2), OUTPUT_RATE, 1.0)
    with OutputFiles(tmp_path) as files:
        tracks = SpeechTracks(files, {"es": "a.wav"})
        tracks.add(SynthesizedAudio("es", chunk))
        tracks.add(RunEnded(duration))
        files.commit()
    with wave.open(str(tmp_path / "a.wav")) as track:
        assert track.getframerate() == OUTPUT_RATE
        assert track.getnframes() == OUTPUT_RATE * max(duration, 1.5)
        assert track.readframes(OUTPUT_RATE) == bytes(2 * OUTPUT_RATE)
        assert track.readframes(OUTPUT_RATE // 2) == chunk.pcm
