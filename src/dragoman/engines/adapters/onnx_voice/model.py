"""What a graph must offer to become a voice."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from dragoman.engines.adapters.onnx_voice.session import Run

Samples = NDArray[np.float32]
Frames = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Encoded:
    """Symbols as a graph takes them."""

    ids: tuple[int, ...]
    places: tuple[int, ...]
    """For each symbol, the index of its first id; of the next id for a symbol that the model does not know."""
    unknown: int = 0
    """Symbols that the model does not know and therefore does not say."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a graph made of one piece."""

    samples: Samples
    """Mono, full scale at 1.0."""
    frames: Frames | None
    """Frames of each id, where the graph tells."""


class AcousticModel(Protocol):
    """A graph that turns ids into sound. Safe to share between threads."""

    sample_rate: int
    frame: int
    """Samples per frame of :attr:`Rendered.frames`."""

    def prepare(self, voice: str) -> None:
        """Load what the voice needs."""
        ...

    def encode(self, symbols: str) -> Encoded: ...

    def natural_frames(self, encoded: Encoded, voice: str, run: Run) -> Frames | None:
        """Frames of each id at speed 1, not rounded, without making sound; None where that is not possible."""
        ...

    def frames_at(self, natural: Frames, speed: float) -> Frames:
        """What the graph makes of :meth:`natural_frames` at a speed."""
        ...

    def render(self, encoded: Encoded, voice: str, speed: float, run: Run) -> Rendered: ...


def nearest_frames(natural: Frames, speed: float) -> Frames:
    """Each id's frames rounded, and at least one: the rule of Kokoro and its kin."""
    return np.maximum(1, np.rint(natural / speed))


def encode(symbols: str, vocabulary: Mapping[str, int], *, edge: int = 0) -> Encoded:
    """One id per symbol, ``edge`` at both ends: the scheme of Kokoro and its kin."""
    ids = [edge]
    places = []
    for symbol in symbols:
        places.append(len(ids))
        if symbol in vocabulary:
            ids.append(vocabulary[symbol])
    return Encoded((*ids, edge), tuple(places), len(symbols) + 2 - len(ids) - 1)
