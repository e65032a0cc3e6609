"""Decodes a file and compares what is heard with what was said."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dragoman.core.audio import AudioChunk
from dragoman.media.decode import MediaInfo, open_media


@dataclass(frozen=True)
class Heard:
    info: MediaInfo
    chunks: list[AudioChunk]
    warnings: tuple[str, ...]

    def samples(self, channel: str | None = None) -> NDArray[np.int16]:
        return np.frombuffer(b"".join(chunk.pcm for chunk in self.chunks if chunk.channel == channel), np.int16)

    def seconds(self, channel: str | None = None) -> float:
        return self.samples(channel).size / self.chunks[0].sample_rate


async def hear(path: Path, **options) -> Heard:
    async with open_media(path, **options) as decoding:
        chunks = [chunk async for chunk in decoding]
    return Heard(decoding.info, chunks, decoding.warnings)


def level(samples: NDArray[np.int16]) -> float:
    """Decibels below full scale."""
    return 20 * np.log10(np.sqrt(np.mean((samples / 32_768.0) ** 2)) + 1e-9)


def likeness(samples: NDArray[np.int16], original: NDArray[np.int16], most: int = 1_600) -> tuple[float, int]:
    """The highest normalised correlation over shifts of up to ``most`` samples, and that shift."""
    size = 1 << (samples.size + original.size).bit_length()
    product = np.fft.rfft(samples, size) * np.conj(np.fft.rfft(original, size))
    correlation = np.fft.irfft(product, size) / (np.linalg.norm(samples * 1.0) * np.linalg.norm(original * 1.0))
    near = np.concatenate([correlation[-most:], correlation[: most + 1]])
    best = int(np.argmax(near))
    return float(near[best]), best - most
