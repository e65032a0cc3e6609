"""A real recording through the embedded engines: recognised, translated and spoken while it is still being said."""

import math
import re
from array import array

import numpy as np
import pytest
import soxr

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def microphone(librivox, tmp_path, recording):
    """A sentence of Jane Austen as a client sends it, 24 kHz, with the words that are said in it."""
    name = "sense_and_sensibility_01_austen_64kb-0870"
    speech = recording(str(librivox / f"{name}.wav"))
    samples = soxr.resample(np.frombuffer(speech.pcm, np.int16), speech.sample_rate, 24_000)
    path = tmp_path / "speech.pcm"
    path.write_bytes(samples.astype("<i2").tobytes())
    lines = (librivox / "transcription").read_text().splitlines()
    (line,) = [line for line in lines if name in line]
    return path, set(words(line.partition("(")[0]))


def words(text):
    return re.findall(r"[a-z']+", text.lower().replace("<s>", "").replace("</s>", ""))


def test_a_recording_at_the_microphones_pace(serve, clients, microphone):
    path, expected = microphone
    server = serve("--synthesizer=pico")  # Kokoro, the default, takes seconds of a core, and tests share the cores
    (session,) = clients(server, {"pcm": str(path)}).read()
    assert session.names[:3] == ["session_initializing", "translation_ready", "ready_for_audio"]
    ready = session.one("translation_ready").payload
    assert (ready["sourceLanguage"], ready["targetLanguage"], ready["speech"]) == ("en", "es", True)

    heard = set(words(session.said("input_transcript")))
    assert len(heard & expected) >= len(expected) / 2, session.said("input_transcript")
    spanish = session.said("output_transcript").lower().split()
    assert len(spanish) >= len(expected) / 2
    assert set(spanish) & {"el", "la", "de", "que", "y", "en", "a", "un", "una", "su", "cuánto"}

    spoken = array("h", session.audio)
    duration = len(spoken) / 24_000
    level = math.sqrt(sum(sample * sample for sample in spoken) / len(spoken))
    characters = len(session.said("output_transcript"))
    assert 0.03 * characters < duration < 0.15 * characters
    assert 300 < level < 15_000
    assert session.names[-2:] == ["translation_closed", "disconnect"]
