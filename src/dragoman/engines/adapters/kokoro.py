"""Kokoro-82M: natural voices in eight languages, for half a core of CPU per voice while it speaks."""

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from dragoman.core.errors import EngineUnavailable
from dragoman.engines import catalogue
from dragoman.engines.adapters.espeak_children import EspeakChildren
from dragoman.engines.adapters.kokoro_languages import phonemizer, usable_voices
from dragoman.engines.adapters.onnx_voice import graph
from dragoman.engines.adapters.onnx_voice.model import Encoded, Frames, Rendered, encode, nearest_frames
from dragoman.engines.adapters.onnx_voice.pieces import Shape
from dragoman.engines.adapters.onnx_voice.session import Run, Session, read_model
from dragoman.engines.adapters.onnx_voice.voice import OnnxVoice, VoiceSettings
from dragoman.engines.catalogue import InstalledModel
from dragoman.engines.tts import SynthesizerInfo

_MODEL, _VOICES = "v1.0", "kokoro:voices"
_SAMPLE_RATE = 24_000
_MAX_RATE = 1.5
_STYLE = (510, 256)
"""A voice is a table: one style for each number of tokens."""

_FRAMES, _NATURAL_FRAMES = "/encoder/Clip_output_0", "/encoder/Div_output_0"
"""Tensors of its graph: frames of each token, rounded and before that."""

_SHAPE = Shape(least=20, long=200, most=400, first_words=4)
"""Its author: weak below 10 to 20 tokens, best at 100 to 200, rushing above 400; 510 is the end."""


def describe(model: str | None = None) -> SynthesizerInfo:
    found = _located(model)
    voices = usable_voices(_voice_files(catalogue.locate(_VOICES)))
    if not voices:
        raise EngineUnavailable(
            "None of Kokoro's languages can be read aloud here", remedy="Run: apt-get install libespeak-ng1"
        )
    return SynthesizerInfo(
        name="kokoro",
        version=model or _MODEL,
        licence="Apache-2.0",
        runs_in="thread",
        rank=30,
        voices=voices,
        sample_rate=_SAMPLE_RATE,
        max_rate=_MAX_RATE,
        cost=0.6,
        predicts_duration=True,
        figures=found.model.figures,
    )


def load(model: str | None = None) -> "Kokoro":
    return Kokoro(_located(model), catalogue.locate(_VOICES))


def _located(model: str | None) -> InstalledModel:
    return catalogue.locate(f"kokoro:{model or _MODEL}")


def _voice_files(voices: InstalledModel) -> dict[str, Path]:
    return {Path(file.path).stem: voices.path(file.path) for file in voices.model.files}


class Kokoro(OnnxVoice):
    """The synthesizer. Closing it ends its espeak-ng programs."""

    def __init__(self, model: InstalledModel, voices: InstalledModel) -> None:
        self._children = EspeakChildren()
        files = _voice_files(voices)
        usable = [voice.name for voice in usable_voices(files)]
        super().__init__(
            KokoroModel(model, {name: files[name] for name in usable}),
            {name: phonemizer(name, self._children) for name in usable},
            VoiceSettings("kokoro", _SHAPE, _MAX_RATE),
        )

    def close(self) -> None:
        self._children.close()


class KokoroModel:
    """The graph, and the voices that were asked for."""

    sample_rate = _SAMPLE_RATE
    frame = 600

    def __init__(self, model: InstalledModel, voices: Mapping[str, Path]) -> None:
        path = model.path("model.onnx")
        remedy = f"Run: dragoman models verify {model.model.name}"
        weights = read_model(path, remedy)
        open_session = partial(Session, source=path, inputs=("tokens", "style", "speed"), remedy=remedy)
        self._session = open_session([weights, graph.added_outputs([_FRAMES])])
        self._lengths = open_session([graph.pruned(weights, [_NATURAL_FRAMES])])
        self._vocabulary: Mapping[str, int] = _read_vocabulary(model.path("vocab.json"), remedy)
        self._files = voices
        self._styles: dict[str, NDArray[np.float32]] = {}
        self._lock = Lock()

    def prepare(self, voice: str) -> None:
        self._style(voice, 1)

    def encode(self, symbols: str) -> Encoded:
        return encode(symbols, self._vocabulary)

    def natural_frames(self, encoded: Encoded, voice: str, run: Run) -> Frames:
        return self._lengths.run([_NATURAL_FRAMES], self._inputs(encoded, voice, 1.0), run)[0]

    def frames_at(self, natural: Frames, speed: float) -> Frames:
        return nearest_frames(natural, speed)

    def render(self, encoded: Encoded, voice: str, speed: float, run: Run) -> Rendered:
        audio, frames = self._session.run(["audio", _FRAMES], self._inputs(encoded, voice, speed), run)
        return Rendered(audio.ravel(), frames)

    def _inputs(self, encoded: Encoded, voice: str, speed: float) -> dict[str, NDArray[np.generic]]:
        return {
            "tokens": np.array([encoded.ids], np.int64),
            "style": self._style(voice, len(encoded.ids) - 2),
            "speed": np.array([speed], np.float32),
        }

    def _style(self, voice: str, tokens: int) -> NDArray[np.float32]:
        with self._lock:
            if voice not in self._styles:
                self._styles[voice] = _read_style(self._files[voice])
        row = min(max(tokens, 1), _STYLE[0]) - 1
        return self._styles[voice][row : row + 1]


def _read_style(path: Path) -> NDArray[np.float32]:
    remedy = f"Run: dragoman models verify {_VOICES}"
    values = np.frombuffer(read_model(path, remedy)[: 4 * _STYLE[0] * _STYLE[1]], "<f4")
    if values.size != _STYLE[0] * _STYLE[1] or not np.isfinite(values).all():
        raise EngineUnavailable(f"{path} is no voice of Kokoro", remedy=remedy)
    styles: NDArray[np.float32] = values.reshape(_STYLE)
    return styles


def _read_vocabulary(path: Path, remedy: str) -> dict[str, int]:
    try:
        content = json.loads(read_model(path, remedy)[:])
        return {str(symbol): int(number) for symbol, number in content.get("vocab", content).items()}
    except (ValueError, AttributeError, TypeError) as error:
        raise EngineUnavailable(f"{path} is no table of Kokoro's symbols", remedy=remedy) from error
