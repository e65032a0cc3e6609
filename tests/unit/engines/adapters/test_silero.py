import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest

from dragoman.core.audio import AudioChunk
from dragoman.core.errors import EngineNotFound
from dragoman.engines.adapters import silero

Recording = Callable[[str], AudioChunk]


def test_describing_imports_nothing_heavy() -> None:
    program = (
        "import sys; from dragoman.engines.adapters import silero; silero.describe();"
        "print(sorted({'faster_whisper', 'onnxruntime'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_there_is_one_model() -> None:
    with pytest.raises(EngineNotFound, match="'large'"):
        silero.load("large")


def test_frames_are_fed_as_in_the_package_that_brings_the_model(recording: Recording) -> None:
    from faster_whisper.vad import get_vad_model

    clip = recording("speech/en/en_jfk.flac")
    frames = clip.samples // silero.FRAME_SAMPLES
    samples = np.frombuffer(clip.pcm, np.int16)[: frames * silero.FRAME_SAMPLES] / np.float32(32768)
    theirs = get_vad_model()(samples)
    ours = silero.load().open_stream().accept(clip)
    assert ours[:-1] == pytest.approx(theirs[:-1].tolist(), abs=1e-6)  # theirs blanks the end of the last frame


def test_very_quiet_speech_is_heard(recording: Recording) -> None:
    clip = recording("speech/en/en_fleurs_004.flac")
    assert np.abs(np.frombuffer(clip.pcm, np.int16)).max() < 200  # the recording's peak is 49 dB below full scale
    assert np.mean(np.array(silero.load().open_stream().accept(clip)) > 0.5) > 0.5
