"""The installed base model, loaded once; tests that need it skip where it is not installed."""

from collections.abc import Callable

import pytest

from dragoman.core.audio import AudioChunk
from dragoman.core.errors import EngineUnavailable
from dragoman.engines import catalogue
from dragoman.engines.adapters.whisper.recognizer import WhisperRecognizer
from dragoman.engines.adapters.whisper.weights import Compute, Weights, shared_weights

Recording = Callable[[str], AudioChunk]


@pytest.fixture(scope="session")
def weights() -> Weights:
    try:
        found = catalogue.locate("whisper:base")
    except EngineUnavailable as error:
        pytest.skip(str(error))
    return shared_weights(found.model.name, found.folder, Compute(device="cpu"))


@pytest.fixture(scope="session")
def recognizer(weights: Weights) -> WhisperRecognizer:
    return WhisperRecognizer(weights)
