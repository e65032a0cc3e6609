"""Raw samples of a client, cut anywhere, to audio as it travels inside."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from dragoman.core.audio import AudioChunk
from dragoman.protocols.speechmatics.config import RawFormat

_PIECE: Final = 1.0
"""Seconds: a frame may hold minutes, which would be heard in one breath."""

_WIDTHS: Final = {"pcm_s16le": 2, "pcm_f32le": 4, "mulaw": 1}
"""Bytes of one sample."""


def _mulaw_table() -> npt.NDArray[np.int16]:
    """ITU-T G.711: an inverted byte of sign, exponent and mantissa."""
    byte = ~np.arange(256, dtype=np.uint8)
    exponent, mantissa = (byte >> 4) & 7, (byte & 15).astype(np.int32)
    magnitude = ((2 * mantissa + 33) << exponent) - 33
    return np.where(byte & 128, -4 * magnitude, 4 * magnitude).astype(np.int16)


_MULAW: Final = _mulaw_table()


class RawAudio:
    """One channel."""

    def __init__(self, audio: RawFormat, channel: str | None = None) -> None:
        self._encoding = audio.encoding
        self._rate = audio.sample_rate
        self._channel = channel
        self._remainder = b""
        self._samples = 0

    def accept(self, data: bytes) -> Iterator[AudioChunk]:
        """The whole samples among what was left over and ``data``, at most a second at a time."""
        data = self._remainder + data
        width = _WIDTHS[self._encoding]
        whole = len(data) - len(data) % width
        self._remainder = data[whole:]
        size = int(self._rate * _PIECE) * width
        for first in range(0, whole, size):
            pcm = _pcm(self._encoding, data[first : min(first + size, whole)])
            chunk = AudioChunk(pcm, self._rate, self._samples / self._rate, self._channel)
            self._samples += chunk.samples
            yield chunk


def _pcm(encoding: str, data: bytes) -> bytes:
    """Signed 16-bit little-endian. What is no number is silence; what is too loud is clipped."""
    match encoding:
        case "pcm_f32le":
            samples = np.clip(np.nan_to_num(np.frombuffer(data, "<f4"), nan=0.0), -1.0, 1.0)
            pcm: bytes = np.rint(samples * 32767.0).astype("<i2").tobytes()
        case "mulaw":
            pcm = _MULAW[np.frombuffer(data, np.uint8)].astype("<i2").tobytes()
        case _:
            pcm = data
    return pcm
