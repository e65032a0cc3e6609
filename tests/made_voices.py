"""Voices made for tests: ONNX graphs of a few kilobytes that hum, with the names and the arithmetic of real ones.

Each symbol has a length in frames and a loudness of its own, so that a test can tell from the samples what was spoken
where. The protobuf messages are written by hand; the numbers are those of ``onnx.proto``.
"""

# ruff: noqa: RUF001 - letters of the phonetic alphabet look like others
import hashlib
import json
import struct
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from dragoman.engines.catalogue import manifest
from dragoman.engines.catalogue.model import Model, ModelFile

FLOAT, INT64 = 1, 7
SYMBOLS = ';:,.!?—…"()“” aɐɑæbdðeəɚɛfɡhiɪjklmnŋoɔpɹrsʃtθuʊvwzʒˈˌːAIOWYʤʧʌʰɾɲʎβɣ'
SILENT = ';:,.!?—…"()“” ˈˌː'
EDGE_FRAMES, SILENT_FRAMES = 14.0, 4.0


def natural_frames(symbol: str) -> float:
    """Frames of a symbol at speed 1, before they are rounded."""
    return SILENT_FRAMES if symbol in SILENT else 3 + 0.37 * SYMBOLS.index(symbol) % 3


def made_kokoro(folder: Path, voices: Mapping[str, float] | None = None) -> Path:
    """Installs a Kokoro that hums into a models folder; ``voices`` are names and loudnesses."""
    voices = voices or {"af_heart": 0.5, "ef_dora": 0.3}
    vocabulary = {symbol: number for number, symbol in enumerate(SYMBOLS, start=1)}
    files = {"model.onnx": kokoro_graph(), "vocab.json": json.dumps({"vocab": vocabulary}).encode()}
    _install(folder, "kokoro:v1.0", files)
    styles = {f"{name}.bin": np.full((510, 256), level, "<f4").tobytes() for name, level in voices.items()}
    _install(folder, "kokoro:voices", styles)
    return folder


def made_piper(folder: Path, name: str = "en_US-hum-medium", language: str = "en_US", espeak: str = "en-us") -> Path:
    """Installs a Piper voice that hums into a models folder."""
    ids = {"_": [0], "^": [1], "$": [2]} | {symbol: [number] for number, symbol in enumerate(SYMBOLS, start=3)}
    config = {
        "audio": {"sample_rate": 22_050},
        "espeak": {"voice": espeak},
        "inference": {"noise_scale": 0.0, "length_scale": 1.0, "noise_w": 0.0},
        "language": {"code": language},
        "phoneme_id_map": ids,
    }
    _install(folder, f"piper:{name}", {f"{name}.onnx": piper_graph(), f"{name}.onnx.json": json.dumps(config).encode()})
    return folder


def kokoro_graph() -> bytes:
    """Frames of each token: its own length divided by ``speed``, rounded, at least one; 600 samples a frame."""
    frames = [EDGE_FRAMES, *map(natural_frames, SYMBOLS)]
    loudness = [0.0, *(0.0 if symbol in SILENT else 1.0 for symbol in SYMBOLS)]
    nodes = [
        node("Gather", ["frame_table", "tokens"], ["natural"]),
        node("Div", ["natural", "speed"], ["/encoder/Div_output_0"]),
        node("Round", ["/encoder/Div_output_0"], ["rounded"]),
        node("Clip", ["rounded", "one"], ["/encoder/Clip_output_0"]),
        *_hum("tokens", "/encoder/Clip_output_0", 600),
        node("ReduceMean", ["style"], ["level"], keepdims=0),
        node("Mul", ["hummed", "level"], ["audio"]),
    ]
    inputs = [value("tokens", INT64, 1, "n"), value("style", FLOAT, 1, 256), value("speed", FLOAT, 1)]
    return model(nodes, _tables(frames, loudness, 600), inputs, [value("audio", FLOAT, "samples")])


def piper_graph() -> bytes:
    """Frames of each id: its own length times the second of ``scales``, rounded up; 256 samples a frame."""
    frames = [2.0, 2.0, 2.0, *map(natural_frames, SYMBOLS)]
    loudness = [0.0, 0.0, 0.0, *(0.0 if symbol in SILENT else 0.5 for symbol in SYMBOLS)]
    nodes = [
        node("Gather", ["frame_table", "input"], ["natural"]),
        node("Gather", ["scales", "one_index"], ["length_scale"]),
        node("Mul", ["natural", "length_scale"], ["lengths"]),
        node("Ceil", ["lengths"], ["rounded_up"]),
        *_hum("input", "rounded_up", 256),
        node("Identity", ["hummed"], ["output"]),
    ]
    inputs = [value("input", INT64, 1, "n"), value("input_lengths", INT64, 1), value("scales", FLOAT, 3)]
    return model(nodes, _tables(frames, loudness, 256), inputs, [value("output", FLOAT, "samples")])


def _hum(tokens: str, frames: str, size: int) -> list[bytes]:
    """Each frame as loud as its token, in ``hummed``."""
    return [
        node("Squeeze", [frames, "first_axis"], ["frame_row"]),
        node("CumSum", ["frame_row", "zero_index"], ["ends"]),
        node("ReduceSum", ["frame_row"], ["total"], keepdims=0),
        node("Range", ["zero", "total", "one"], ["clock"]),
        node("Unsqueeze", ["clock", "last_axis"], ["clock_column"]),
        node("GreaterOrEqual", ["clock_column", "ends"], ["passed"]),
        node("Cast", ["passed"], ["passed_numbers"], to=INT64),
        node("ReduceSum", ["passed_numbers", "last_axis"], ["at"], keepdims=0),
        node("Squeeze", [tokens, "first_axis"], ["token_row"]),
        node("Gather", ["token_row", "at"], ["token_now"]),
        node("Gather", ["loudness_table", "token_now"], ["loudness"]),
        node("Unsqueeze", ["loudness", "last_axis"], ["loudness_column"]),
        node("Mul", ["loudness_column", "wave"], ["framed"]),
        node("Reshape", ["framed", "flat"], ["hummed"]),
    ]


def _tables(frames: Sequence[float], loudness: Sequence[float], size: int) -> list[bytes]:
    wave = np.sin(np.arange(size) * 2 * np.pi * 4 / size).astype("<f4")
    return [
        tensor("frame_table", np.array(frames, "<f4")),
        tensor("loudness_table", np.array(loudness, "<f4")),
        tensor("wave", wave),
        tensor("zero", np.array(0, "<f4")),
        tensor("one", np.array(1, "<f4")),
        tensor("zero_index", np.array(0, "<i8")),
        tensor("one_index", np.array([1], "<i8")),
        tensor("first_axis", np.array([0], "<i8")),
        tensor("last_axis", np.array([1], "<i8")),
        tensor("flat", np.array([-1], "<i8")),
    ]


def _install(folder: Path, name: str, files: Mapping[str, bytes]) -> None:
    engine, _, title = name.partition(":")
    place = folder / engine / title
    place.mkdir(parents=True)
    listed = []
    for path, content in files.items():
        (place / path).write_bytes(content)
        listed.append(ModelFile(path, len(content), hashlib.sha256(content).hexdigest()))
    described = Model(
        name=name,
        kind="synthesizer",
        title="made for a test",
        licence="CC0-1.0",
        data_licence="none",
        files=tuple(listed),
    )
    (place / manifest.FILE).write_bytes(manifest.dump(described))


# --- onnx.proto


def model(nodes: Iterable[bytes], tensors: Iterable[bytes], inputs: Iterable[bytes], outputs: Iterable[bytes]) -> bytes:
    listed = ((1, nodes), (5, tensors), (11, inputs), (12, outputs))
    graph = _bytes(2, b"made") + b"".join(_bytes(number, each) for number, parts in listed for each in parts)
    return _number(1, 8) + _bytes(7, graph) + _bytes(8, _number(2, 17))


def node(operator: str, inputs: Sequence[str], outputs: Sequence[str], **attributes: int) -> bytes:
    written = [_bytes(1, name.encode()) for name in inputs] + [_bytes(2, name.encode()) for name in outputs]
    settings = [
        _bytes(5, _bytes(1, key.encode()) + _number(3, each) + _number(20, 2)) for key, each in attributes.items()
    ]
    return b"".join([*written, _bytes(4, operator.encode()), *settings])


def tensor(name: str, values: np.ndarray) -> bytes:
    kind = FLOAT if values.dtype.kind == "f" else INT64
    dimensions = b"".join(_number(1, size) for size in values.shape)
    return dimensions + _number(2, kind) + _bytes(8, name.encode()) + _bytes(9, values.tobytes())


def value(name: str, kind: int, *shape: int | str) -> bytes:
    sizes = [_number(1, size) if isinstance(size, int) else _bytes(2, size.encode()) for size in shape]
    dimensions = b"".join(_bytes(1, size) for size in sizes)
    return _bytes(1, name.encode()) + _bytes(2, _bytes(1, _number(1, kind) + _bytes(2, dimensions)))


def _bytes(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _number(number: int, content: int) -> bytes:
    return _varint(number << 3) + _varint(content)


def _varint(number: int) -> bytes:
    digits = b""
    while number > 127:
        digits += struct.pack("B", number & 127 | 128)
        number >>= 7
    return digits + struct.pack("B", number)
