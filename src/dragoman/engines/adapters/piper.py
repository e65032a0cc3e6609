"""Piper voices: one neural voice per model, 25 languages, at a tenth of a core. Only the voices' own files are needed.

A voice is a VITS graph, which onnxruntime runs here, and a table of its symbols: the JSON file that is published beside
the graph, or ``tokens.txt`` where the voice comes from sherpa-onnx. Phonemes come from espeak-ng, a program of its own.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dragoman.core.errors import EngineUnavailable, ModelNotInstalled
from dragoman.core.language import canonical
from dragoman.engines import catalogue
from dragoman.engines.adapters import espeak
from dragoman.engines.adapters.espeak_children import INSTALL, EspeakChildren
from dragoman.engines.adapters.onnx_voice import graph
from dragoman.engines.adapters.onnx_voice.espeak_ipa import EspeakPhonemizer
from dragoman.engines.adapters.onnx_voice.model import Encoded, Frames, Rendered
from dragoman.engines.adapters.onnx_voice.pieces import Shape
from dragoman.engines.adapters.onnx_voice.session import Run, Session, read_model
from dragoman.engines.adapters.onnx_voice.voice import OnnxVoice, VoiceSettings
from dragoman.engines.catalogue import InstalledModel
from dragoman.engines.tts import SynthesizerInfo, Voice

_MAX_RATE = 2.0
_SHAPE = Shape(long=250, most=500, first_words=4)
_HOP = 256
"""Samples per frame of every Piper voice."""

_STANDARD_TOKENS = Path(__file__).with_name("piper_tokens.txt")
"""Symbols of the voices that come without a table of their own: Piper gives all voices the same ids."""

_EDGES = ("^", "_", "$")
"""Symbols before a piece, between all symbols, and behind a piece."""


def models() -> list[str]:
    """Names of the installed voices."""
    return [found.model.name.partition(":")[2] for found in catalogue.installed("piper")]


def describe(model: str | None = None) -> SynthesizerInfo:
    found = _located(model)
    config = read_config(found)
    if config.espeak_voice not in espeak.identifiers():
        raise EngineUnavailable(
            f"espeak-ng, which reads for the voice {found.model.name}, has no voice {config.espeak_voice!r}",
            remedy=f"Run: {INSTALL}",
        )
    return SynthesizerInfo(
        name=found.model.name,
        version=found.model.files[0].sha256[:8],
        licence=found.model.licence,
        runs_in="thread",
        rank=20,
        voices=(Voice(found.folder.name, config.language),),
        sample_rate=config.sample_rate,
        max_rate=_MAX_RATE,
        cost=0.09,
        predicts_duration=True,
        figures=found.model.figures,
    )


def load(model: str | None = None) -> "Piper":
    return Piper(_located(model))


def _located(model: str | None) -> InstalledModel:
    if model is not None:
        return catalogue.locate(f"piper:{model}")
    installed = catalogue.installed("piper")
    if not installed:
        raise ModelNotInstalled("No Piper voice is installed", remedy="Choose one from: dragoman models list --all")
    return installed[0]


@dataclass(frozen=True, slots=True)
class PiperConfig:
    """What a voice needs besides its graph."""

    language: str
    """Canonical tag."""
    espeak_voice: str
    sample_rate: int
    ids: Mapping[str, Sequence[int]]
    """Per symbol."""
    scales: tuple[float, float, float] = (0.667, 1.0, 0.8)
    """Noise, length and noise of the lengths."""


def read_config(found: InstalledModel) -> PiperConfig:
    """Raises :class:`EngineUnavailable` naming the file that is wrong."""
    remedy = f"Run: dragoman models verify {found.model.name}"
    described = [
        file.path for ending in (".json", "tokens.txt") for file in found.model.files if file.path.endswith(ending)
    ]
    path = found.path(described[0]) if described else _STANDARD_TOKENS
    try:
        text = read_model(path, remedy)[:].decode()
        return _from_json(found, json.loads(text)) if path.suffix == ".json" else _from_tokens(found, text)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise EngineUnavailable(f"{path} is no description of a Piper voice", remedy=remedy) from error


def _from_json(found: InstalledModel, config: dict[str, Any]) -> PiperConfig:
    inference = config.get("inference", {})
    language = config.get("language", {}).get("code") or found.folder.name.partition("-")[0]
    return PiperConfig(
        language=canonical(str(language).replace("_", "-")),
        espeak_voice=str(config["espeak"]["voice"]),
        sample_rate=int(config["audio"]["sample_rate"]),
        ids={str(symbol): tuple(map(int, ids)) for symbol, ids in config["phoneme_id_map"].items()},
        scales=(
            float(inference.get("noise_scale", 0.667)),
            float(inference.get("length_scale", 1.0)),
            float(inference.get("noise_w", 0.8)),
        ),
    )


def _from_tokens(found: InstalledModel, text: str) -> PiperConfig:
    """sherpa-onnx writes a symbol and its id a line, and keeps the rest in the graph; the catalogue says it as well."""
    details = found.model.details
    language = canonical((found.model.languages or (found.folder.name.partition("-")[0].replace("_", "-"),))[0])
    rows = [line.rpartition(" ") for line in text.splitlines() if line.strip()]
    return PiperConfig(
        language=language,
        espeak_voice=str(details.get("espeak", language.lower())),
        sample_rate=int(details.get("sample_rate", 22_050)),
        ids={symbol or " ": (int(number),) for symbol, _, number in rows},
    )


def _file(found: InstalledModel, endings: tuple[str, ...], remedy: str) -> Path:
    for ending in endings:
        for file in found.model.files:
            if file.path.endswith(ending):
                return found.path(file.path)
    raise EngineUnavailable(f"The model {found.model.name} has no file {' or '.join(endings)}", remedy=remedy)


class Piper(OnnxVoice):
    """The synthesizer. Closing it ends its espeak-ng programs."""

    def __init__(self, found: InstalledModel) -> None:
        self._children = EspeakChildren()
        config = read_config(found)
        phonemizer = EspeakPhonemizer(self._children, espeak.identifiers()[config.espeak_voice])
        settings = VoiceSettings(found.model.name, _SHAPE, _MAX_RATE)
        super().__init__(PiperModel(found, config), {found.folder.name: lambda: phonemizer}, settings)

    def close(self) -> None:
        self._children.close()


class PiperModel:
    """The graph. There is chance in its lengths: the same text is a few per cent longer or shorter each time."""

    frame = _HOP

    def __init__(self, found: InstalledModel, config: PiperConfig) -> None:
        remedy = f"Run: dragoman models verify {found.model.name}"
        path = _file(found, (".onnx",), remedy)
        weights = read_model(path, remedy)
        self._lengths = _lengths(weights)
        frames = [self._lengths.frames] if self._lengths else []
        self._outputs = ["output", *frames]
        inputs = ("input", "input_lengths", "scales")
        open_session = partial(Session, source=path, inputs=inputs, remedy=remedy)
        self._session = open_session([weights, graph.added_outputs(frames)])
        self._durations = open_session([graph.pruned(weights, [self._lengths.exact])]) if self._lengths else None
        self._config = config
        self.sample_rate = config.sample_rate

    def prepare(self, voice: str) -> None:
        """Everything is loaded already."""

    def encode(self, symbols: str) -> Encoded:
        begin, between, end = (self._config.ids.get(edge, ()) for edge in _EDGES)
        ids, places, unknown = [*begin, *between], [], 0
        for symbol in symbols:
            places.append(len(ids))
            if symbol in self._config.ids:
                ids += [*self._config.ids[symbol], *between]
            else:
                unknown += 1
        return Encoded((*ids, *end), tuple(places), unknown)

    def natural_frames(self, encoded: Encoded, voice: str, run: Run) -> Frames | None:  # noqa: ARG002  there is one
        if self._durations is None or self._lengths is None:
            return None
        return self._durations.run([self._lengths.exact], self._inputs(encoded, 1.0), run)[0]

    def frames_at(self, natural: Frames, speed: float) -> Frames:
        return np.ceil(natural / speed)

    def render(self, encoded: Encoded, voice: str, speed: float, run: Run) -> Rendered:  # noqa: ARG002  as above
        audio, *frames = self._session.run(self._outputs, self._inputs(encoded, speed), run)
        return Rendered(audio.ravel(), frames[0] if frames else None)

    def _inputs(self, encoded: Encoded, speed: float) -> dict[str, NDArray[np.generic]]:
        noise, length, noise_of_lengths = self._config.scales
        inputs: dict[str, NDArray[np.generic]] = {
            "input": np.array([encoded.ids], np.int64),
            "input_lengths": np.array([len(encoded.ids)], np.int64),
            "scales": np.array([noise, length / speed, noise_of_lengths], np.float32),
        }
        if "sid" in self._session.inputs:
            inputs["sid"] = np.zeros(1, np.int64)  # the first of several speakers
        return inputs


@dataclass(frozen=True, slots=True)
class _Lengths:
    """Tensors of a graph that hold the lengths of the ids, in frames."""

    exact: str
    frames: str


def _lengths(weights: graph.Buffer) -> _Lengths | None:
    """VITS rounds them up, and rounds up nothing else. None for a graph that does otherwise: then there are no word
    times."""
    try:
        rounded_up = [node for node in graph.nodes(weights) if node.operator == "Ceil"]
    except ValueError:
        return None  # the session says what is wrong with it
    return _Lengths(rounded_up[0].inputs[0], rounded_up[0].outputs[0]) if len(rounded_up) == 1 else None
