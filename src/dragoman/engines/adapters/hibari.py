"""hibari: a small neural voice for English, distilled from Kokoro; its 8 MB of weights come inside its package.

Its graph gives a spectrum; the package's own signal processing turns it into sound. Noise is part of that sound and
always the same here, so that the same text gives the same speech.
"""

import json
from collections.abc import Mapping
from functools import partial
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from dragoman.core.errors import EngineUnavailable
from dragoman.core.quality import Figure
from dragoman.engines.adapters.onnx_voice import graph
from dragoman.engines.adapters.onnx_voice.english import english
from dragoman.engines.adapters.onnx_voice.model import Encoded, Frames, Rendered, encode, nearest_frames
from dragoman.engines.adapters.onnx_voice.pieces import Shape
from dragoman.engines.adapters.onnx_voice.session import Run, Session, read_model
from dragoman.engines.adapters.onnx_voice.voice import OnnxVoice, VoiceSettings
from dragoman.engines.tts import SynthesizerInfo, Voice

_VOICE = "heart"
_SAMPLE_RATE = 24_000
_MAX_RATE = 1.5
_REMEDY = "Run: pip install --force-reinstall hibari-tts"

_FRAMES, _NATURAL_FRAMES = "/Clip_output_0", "/Div_40_output_0"
"""Tensors of its graph: frames of each id, rounded and before that."""
_SPECTRUM = ("lh", "theta", "ln", "lr", "phi", "f0")


def describe(model: str | None = None) -> SynthesizerInfo:  # noqa: ARG001  there is one
    _assets()
    return SynthesizerInfo(
        name="hibari",
        version=version("hibari-tts"),
        licence="Apache-2.0",
        runs_in="thread",
        rank=40,
        voices=(Voice(_VOICE, "en-US"),),
        sample_rate=_SAMPLE_RATE,
        max_rate=_MAX_RATE,
        cost=0.01,
        predicts_duration=True,
        figures={"en": Figure("WER", 0.032, "30 transcripts, heard by Whisper base")},
    )


def load(model: str | None = None) -> OnnxVoice:  # noqa: ARG001  as above
    settings = VoiceSettings("hibari", Shape(least=1, long=150, most=400), _MAX_RATE)
    return OnnxVoice(HibariModel(_assets()), {_VOICE: partial(english, british=False)}, settings)


class HibariModel:
    """The graph and its signal processing."""

    sample_rate = _SAMPLE_RATE
    frame = 600

    def __init__(self, assets: Path) -> None:
        path = assets / "hibari.onnx"
        weights = read_model(path, _REMEDY)
        open_session = partial(Session, source=path, inputs=("ids", "speed"), remedy=_REMEDY)
        self._session = open_session([weights, graph.added_outputs([_FRAMES])])
        self._lengths = open_session([graph.pruned(weights, [_NATURAL_FRAMES])])
        self._vocabulary: Mapping[str, int] = json.loads((assets / "vocab.json").read_text(encoding="utf-8"))

    def prepare(self, voice: str) -> None:
        """Everything is loaded already."""

    def encode(self, symbols: str) -> Encoded:
        return encode(symbols, self._vocabulary)

    def natural_frames(self, encoded: Encoded, voice: str, run: Run) -> Frames:  # noqa: ARG002  there is one
        return self._lengths.run([_NATURAL_FRAMES], _inputs(encoded, 1.0), run)[0]

    def frames_at(self, natural: Frames, speed: float) -> Frames:
        return nearest_frames(natural, speed)

    def render(self, encoded: Encoded, voice: str, speed: float, run: Run) -> Rendered:  # noqa: ARG002  as above
        from hibari import dsp  # noqa: PLC0415  slow to import, and not needed to describe

        *spectrum, frames = self._session.run([*_SPECTRUM, _FRAMES], _inputs(encoded, speed), run)
        samples = dsp.synth(*(part[0] for part in spectrum), np.random.default_rng(0))
        return Rendered(samples, frames)


def _inputs(encoded: Encoded, speed: float) -> dict[str, np.ndarray]:
    return {"ids": np.array([encoded.ids], np.int64), "speed": np.array([speed], np.float32)}


def _assets() -> Path:
    """Folder of its files. Raises :class:`EngineUnavailable` without the package."""
    spec = find_spec("hibari")
    if spec is None or spec.origin is None:
        raise EngineUnavailable("hibari-tts is not installed", remedy="Run: pip install hibari-tts")
    return Path(spec.origin).parent / "assets"
