"""Silero voice activity detection, version 6.

The model is the ONNX file that faster-whisper's wheel brings along; silero-vad's own package would pull torch. It is
found without importing faster_whisper, whose import takes seconds.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dragoman.core.audio import SPEECH_RATE, AudioChunk
from dragoman.core.errors import EngineNotFound, EngineUnavailable
from dragoman.engines.vad import VoiceActivityDetector, VoiceActivityInfo, VoiceActivityStream

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

FRAME_SAMPLES = 512
_CONTEXT_SAMPLES = 64
"""Each frame is shown to the model behind so many samples of the frame before it."""
_BATCH_FRAMES = 256
"""Frames given to the model at once; more are not faster, and cost memory."""
_FULL_SCALE = np.float32(32768)

Floats = NDArray[np.float32]


def describe(model: str | None = None) -> VoiceActivityInfo:
    _model_file(model)
    return VoiceActivityInfo(
        name="silero",
        version="6",
        licence="MIT",
        runs_in="thread",
        sample_rate=SPEECH_RATE,
        frame_samples=FRAME_SAMPLES,
    )


def load(model: str | None = None) -> VoiceActivityDetector:
    path = _model_file(model)
    import onnxruntime  # noqa: PLC0415  describe() must stay quick

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # a frame is too little work to share; sessions run side by side instead
    options.inter_op_num_threads = 1
    return Detector(onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"]))


def _model_file(model: str | None) -> Path:
    if model is not None:
        raise EngineNotFound(f"Silero has no model {model!r}", remedy="Ask for silero alone")
    package = find_spec("faster_whisper")
    folders = package.submodule_search_locations if package and find_spec("onnxruntime") else None
    for folder in folders or ():
        path = Path(folder, "assets", "silero_vad_v6.onnx")
        if path.is_file():
            return path
    raise EngineUnavailable(
        "The Silero voice activity model is not installed", remedy="Run: pip install faster-whisper onnxruntime"
    )


class Detector:
    """The loaded model. Streams may run at the same time: onnxruntime sessions are thread-safe."""

    def __init__(self, session: "InferenceSession") -> None:
        self._session = session

    def open_stream(self) -> VoiceActivityStream:
        return Stream(self._session)


class Stream:
    """Carries the model's recurrent state, the end of the last frame, and the samples of the unfinished one."""

    def __init__(self, session: "InferenceSession") -> None:
        self._session = session
        self._hidden: Floats = np.zeros((1, 1, 128), np.float32)
        self._cell: Floats = np.zeros((1, 1, 128), np.float32)
        self._context: Floats = np.zeros((1, _CONTEXT_SAMPLES), np.float32)
        self._pending: Floats = np.zeros(0, np.float32)

    def accept(self, audio: AudioChunk) -> tuple[float, ...]:
        samples = np.concatenate([self._pending, np.frombuffer(audio.pcm, "<i2") / _FULL_SCALE])
        whole = len(samples) - len(samples) % FRAME_SAMPLES
        self._pending = samples[whole:]
        frames = samples[:whole].reshape(-1, FRAME_SAMPLES)
        batches = range(0, len(frames), _BATCH_FRAMES)
        return tuple(p for first in batches for p in self._judge(frames[first : first + _BATCH_FRAMES]))

    def _judge(self, frames: Floats) -> list[float]:
        """Speech probability of consecutive frames, (n, 512)."""
        tails = frames[:, -_CONTEXT_SAMPLES:]
        contexts = np.concatenate([self._context, tails[:-1]])
        self._context = tails[-1:].copy()
        probabilities, self._hidden, self._cell = self._session.run(
            None, {"input": np.concatenate([contexts, frames], axis=1), "h": self._hidden, "c": self._cell}
        )
        return [float(p) for p in probabilities]
