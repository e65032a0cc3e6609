"""From the samples of a graph to PCM: silence cut off, word times, the speed that gives a rate. Pure."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dragoman.engines.adapters.onnx_voice.model import Encoded, Frames, Samples
from dragoman.engines.adapters.onnx_voice.pieces import Piece
from dragoman.engines.tts import SpokenWord

_KEPT = 0.05
"""Seconds kept before the first sound and behind the last."""

_QUIET = 10 ** (-42 / 20)
"""A frame this much softer than the loudest is silence."""

_FINAL_SOUND = 0.125
"""Seconds that the last sound of a piece is heard for at speed 1. Kokoro gives it about 0.3, the rest silent."""

_SPEEDS = (0.4, 4.0)


@dataclass(frozen=True, slots=True)
class Trimmed:
    """Speech without the silence around it."""

    samples: Samples
    cut: int
    """Samples that were cut off in front."""


def trim(samples: Samples, frame: int, sample_rate: int) -> Trimmed:
    """Cut silence off both ends, frame by frame. All of it goes when nothing is heard."""
    kept = round(_KEPT * sample_rate / frame)
    count = -(-len(samples) // frame)
    framed = np.zeros(count * frame, np.float32)
    framed[: len(samples)] = samples
    loudness = np.sqrt(np.mean(framed.reshape(count, frame) ** 2, axis=1)) if count else framed
    if not count or not np.isfinite(loudness).all() or loudness.max() < 1e-4:
        return Trimmed(samples[:0], len(samples))
    [heard] = np.nonzero(loudness > loudness.max() * _QUIET)
    begin = max(0, int(heard[0]) - kept) * frame
    return Trimmed(samples[begin : (int(heard[-1]) + 1 + kept) * frame], begin)


def pcm16(samples: Samples) -> NDArray[np.int16]:
    return (np.clip(samples, -1.0, 1.0) * 32767).astype("<i2")


def word_times(piece: Piece, encoded: Encoded, frames: Frames, frame_seconds: float) -> list[SpokenWord]:
    """Words of the piece, in seconds from the first sample of the graph."""
    starts = np.concatenate(([0.0], np.cumsum(np.ravel(frames)))) * frame_seconds
    words, symbol = [], 0
    for part in piece.parts:
        if part.text and part.sounds:
            words.append(SpokenWord(part.text, float(starts[encoded.places[symbol]])))
        symbol += len(part.symbols)
    return words


@dataclass(frozen=True, slots=True)
class Lengths:
    """How long a piece is at which speed, before it is spoken."""

    frames_at: Callable[[float], Frames]
    """Frames of each id at a speed."""
    final_ids: int
    """Number of ids behind the last sound: final marks and the edge."""
    frame_seconds: float

    def seconds(self, speed: float) -> float:
        """Length of the trimmed speech at a speed of the graph."""
        frames = np.ravel(self.frames_at(speed))
        *inner, last = frames[1 : max(2, len(frames) - self.final_ids)] * self.frame_seconds
        return float(_KEPT + sum(inner) + min(last, _FINAL_SOUND / speed) + _KEPT)

    def speed_for(self, rate: float) -> float:
        """The speed at which speech lasts ``1 / rate`` of its length at speed 1. It is more than ``rate`` where many
        sounds are one frame long already, which do not become shorter."""
        if rate == 1.0:
            return 1.0
        wanted = self.seconds(1.0) / rate
        low, high = _SPEEDS
        for _ in range(20):
            middle = (low + high) / 2
            low, high = (middle, high) if self.seconds(middle) > wanted else (low, middle)
        # Many ids may become a frame shorter at one speed; the nearer side of such a step is taken.
        return low if self.seconds(low) - wanted < wanted - self.seconds(high) else high
