"""Graphs edited as bytes, on a small real one."""

import numpy as np
import pytest
from onnxruntime import InferenceSession
from tests.made_voices import kokoro_graph

from dragoman.engines.adapters.onnx_voice import graph

FRAMES, NATURAL = "/encoder/Clip_output_0", "/encoder/Div_output_0"
FEED = {
    "tokens": np.array([[0, 20, 21, 22, 0]], np.int64),
    "style": np.full((1, 256), 0.5, np.float32),
    "speed": np.array([1.0], np.float32),
}


def run(model: bytes, *outputs: str) -> list[np.ndarray]:
    return InferenceSession(model, providers=["CPUExecutionProvider"]).run(list(outputs), FEED)


def test_inner_tensors_can_be_given_out() -> None:
    model = kokoro_graph()
    more = model + graph.added_outputs([FRAMES])
    assert len(more) < len(model) + 50
    audio, frames = run(more, "audio", FRAMES)
    assert len(audio) == frames.sum() * 600
    np.testing.assert_array_equal(audio, run(model, "audio")[0])


def test_a_pruned_graph_computes_the_same_with_less() -> None:
    model = kokoro_graph()
    less = graph.pruned(model, [NATURAL])
    assert [node.operator for node in graph.nodes(less)] == ["Gather", "Div"]
    assert len(less) < len(model) / 3
    np.testing.assert_array_equal(run(less, NATURAL)[0], run(model + graph.added_outputs([NATURAL]), NATURAL)[0])


@pytest.mark.parametrize("cut", [0, 1, 2, 500, 2000])
def test_bytes_that_are_no_model_are_refused(cut: int) -> None:
    with pytest.raises(ValueError, match=r"ends too early|no graph"):
        graph.nodes(kokoro_graph()[:cut])
    with pytest.raises(ValueError, match=r"protobuf|early|no graph"):
        graph.nodes(b"PK\x03\x04 an archive, perhaps")
