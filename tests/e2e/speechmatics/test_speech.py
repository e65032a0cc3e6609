"""Real recordings through the embedded engines, by each of the official clients and in each form of audio."""

import re

import numpy as np
import pytest

pytestmark = pytest.mark.timeout(180)

DASHWOOD = (
    "mister john dashwood had then leisure to consider how much there might be prudently in his power to do for them"
)
CURTAIN = "he began a confused complaint against the wizard who had vanished behind the curtain on the left"
HORIZON = "the horizon seems extremely distant"


def words(text):
    return set(re.findall(r"[a-z']+", text.lower()))


def mostly(text, said):
    """Whether half of the words are there; how well engines hear is measured elsewhere."""
    return len(words(text) & words(said)) >= len(words(said)) / 2


@pytest.fixture
def dashwood(speech, recording):
    return recording(str(speech))


def test_webm_by_the_current_python_library(embedded, talk, dashwood, encoded):
    heard = talk(
        "rt",
        embedded,
        encoded(dashwood, "speech.webm", "libopus"),
        transcription={"enable_partials": True, "max_delay": 1.0},
        translation={"target_languages": ["es", "ca", "fr"], "enable_partials": True},
    ).heard()
    assert heard.end == {"ended": "well"}, heard
    assert mostly(heard.text(), DASHWOOD)
    assert heard.names[-1] == "EndOfTranscript"
    partials = " ".join(partial["metadata"]["transcript"] for partial in heard.all("AddPartialTranscript"))
    assert mostly(partials, DASHWOOD)
    for language in ("es", "ca", "fr"):
        assert len(heard.translation(language).split()) >= len(DASHWOOD.split()) / 2
    assert words(heard.translation("es")) & {"el", "la", "de", "que", "en", "su", "para"}
    times = [
        (word["start_time"], word["end_time"]) for message in heard.all("AddTranscript") for word in message["results"]
    ]
    assert times == sorted(times)
    assert 6 < times[-1][1] < 7.2


def test_mp3_by_the_program(embedded, transcribe, dashwood, encoded):
    options = ["--enable-partials", "--print-json", "--translation-langs", "es,pt"]
    running = transcribe(embedded, "--lang", "en", *options, encoded(dashwood, "speech.mp3", "libmp3lame"))
    heard = running.heard()
    assert running.process.returncode == 0, running.err
    assert mostly(heard.text(), DASHWOOD)
    assert {"AddPartialTranscript", "AddTranscript", "AddTranslation"} <= set(heard.names)
    assert heard.translation("es")
    assert heard.translation("pt")


def test_raw_floats_by_the_npm_library(embedded, talk, dashwood, tmp_path):
    path = tmp_path / "speech.f32"
    path.write_bytes((np.frombuffer(dashwood.pcm, np.int16) / np.float32(32_768)).astype("<f4").tobytes())
    heard = talk(
        "npm",
        embedded,
        path,
        format={"encoding": "pcm_f32le", "sample_rate": dashwood.sample_rate},
        translation={"target_languages": ["es"]},
    ).heard()
    assert heard.end == {"ended": "well"}, heard
    assert mostly(heard.text(), DASHWOOD)
    assert heard.translation("es")


def test_a_container_whose_index_comes_last_by_the_older_library(embedded, talk, dashwood, encoded):
    heard = talk("legacy", embedded, encoded(dashwood, "speech.m4a", "aac")).heard()
    assert heard.end == {"ended": "well"}, heard
    assert mostly(heard.text(), DASHWOOD)


def test_two_speakers_on_two_channels(embedded, talk, shared_data, tmp_path):
    import av

    with av.open(shared_data / "formats" / "stereo_two_speakers_16k.wav") as container:
        rate = container.streams.audio[0].rate
        both = np.concatenate([f.to_ndarray().reshape(-1, 2) for f in container.decode(audio=0)])
    channels = {}
    for name, samples in zip(("left", "right"), both.T, strict=True):
        channels[name] = tmp_path / f"{name}.raw"
        channels[name].write_bytes(samples.astype("<i2").tobytes())
    heard = talk(
        "rt",
        embedded,
        channels,
        format={"encoding": "pcm_s16le", "sample_rate": rate},
        transcription={"diarization": "channel"},
        stay=True,
    ).heard()
    assert heard.end == {"ended": "well"}, heard
    assert mostly(heard.text(channel="left"), CURTAIN)
    assert mostly(heard.text(channel="right"), HORIZON)
