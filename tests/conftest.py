"""Fixtures for every tier of tests."""

import os
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import av
import numpy as np
import pytest

from dragoman.core.audio import SPEECH_RATE, AudioChunk

SHARED_DATA = Path(os.environ.get("DRAGOMAN_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real recordings; never copied into the project, so tests that need it skip where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"real recordings not found at {SHARED_DATA} (set DRAGOMAN_SHARED_DATA)")
    return SHARED_DATA


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def recording(shared_data: Path) -> Callable[[str], AudioChunk]:
    """Reads one of the recordings, by its path in the folder, as the engines listen: mono, 16 kHz."""

    @lru_cache
    def read(file: str) -> AudioChunk:
        resampler = av.AudioResampler("s16", "mono", SPEECH_RATE)
        with av.open(shared_data / file) as container:
            frames = [*container.decode(audio=0), None]
        pieces = [piece.to_ndarray() for frame in frames for piece in resampler.resample(frame)]
        return AudioChunk(np.concatenate(pieces, axis=1).tobytes(), SPEECH_RATE)

    return read
