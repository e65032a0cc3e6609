"""Writes PCM: wav files, and the raw 24 kHz PCM16 of the wires. Both as a stream."""

import struct
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import BinaryIO, Self

from dragoman.core.audio import OUTPUT_RATE, SAMPLE_WIDTH, AudioChunk
from dragoman.core.errors import OutputNotWritable
from dragoman.media.disk import writing_to
from dragoman.media.resample import Quality, Resampler

_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
_RIFF_SIZE_EXCESS = _HEADER.size - 8
_FORMAT_PCM = 1
_LONGEST_DATA = 0xFFFF_FFFE - _RIFF_SIZE_EXCESS
"""Bytes of samples that a RIFF file can count: 24 hours at 24 kHz."""

_SILENCE_STEP = 1 << 16
"""Samples of silence written at a time."""


class WavWriter:
    """A mono 16-bit wav file, written as its samples come.

    The header is complete only after :meth:`close`, for which the file must be seekable; it is not closed itself.
    Raises DiskFull or OutputNotWritable.
    """

    def __init__(self, file: BinaryIO, sample_rate: int = OUTPUT_RATE) -> None:
        self.sample_rate = sample_rate
        self.samples = 0
        """Written so far."""
        self._file = file
        self._name = str(getattr(file, "name", "the wav file"))
        self._write(_header(0, sample_rate))

    def write(self, chunk: AudioChunk) -> None:
        """Appends the samples, wherever the chunk says it belongs."""
        if chunk.sample_rate != self.sample_rate:
            raise ValueError(f"a chunk of {chunk.sample_rate} Hz for a wav file of {self.sample_rate} Hz")
        if (self.samples + chunk.samples) * SAMPLE_WIDTH > _LONGEST_DATA:
            raise OutputNotWritable(f"{self._name} would pass the 4 GiB of a wav file", remedy="Split the recording")
        self._write(chunk.pcm)
        self.samples += chunk.samples

    def write_at(self, chunk: AudioChunk) -> None:
        """Puts the chunk at its ``start_time``, after silence where that is later than what is written.

        A start one sample early is rounding and is appended. Raises ValueError for an earlier one.
        """
        gap = round(chunk.start_time * self.sample_rate) - self.samples
        if gap < -1:
            raise ValueError(f"the chunk at {chunk.start_time:.3f} s overlaps what is written by {-gap} samples")
        while gap > 0:
            step = min(gap, _SILENCE_STEP)
            self.write(AudioChunk(bytes(step * SAMPLE_WIDTH), self.sample_rate))
            gap -= step
        self.write(chunk)

    def close(self) -> None:
        """Writes the sizes into the header."""
        with writing_to(self._name):
            self._file.seek(0)
            self._file.write(_header(self.samples, self.sample_rate))
            self._file.seek(0, 2)
            self._file.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is None:  # what an error left is for the owner of the file to remove
            self.close()

    def _write(self, content: bytes) -> None:
        with writing_to(self._name):
            self._file.write(content)


class OutputPcm:
    """Chunks of any rate, also a changing one, to raw PCM at the rate of the wires."""

    def __init__(self, *, quality: Quality = "HQ") -> None:
        self._quality = quality
        self._resampler: Resampler | None = None

    def accept(self, chunk: AudioChunk) -> bytes:
        rest = b""
        if self._resampler is None or self._resampler.source_rate != chunk.sample_rate:
            rest = self.flush()
            self._resampler = Resampler(chunk.sample_rate, OUTPUT_RATE, quality=self._quality)
        return rest + self._resampler.accept(chunk).pcm

    def flush(self) -> bytes:
        """What the resampler still held; the next chunk begins anew."""
        return b"" if self._resampler is None else self._resampler.flush().pcm


def to_output_pcm(chunks: Iterable[AudioChunk]) -> Iterator[bytes]:
    """The samples of consecutive chunks as signed 16-bit little-endian mono at ``OUTPUT_RATE``."""
    output = OutputPcm()
    for chunk in chunks:
        if pcm := output.accept(chunk):
            yield pcm
    if pcm := output.flush():
        yield pcm


def _header(samples: int, sample_rate: int) -> bytes:
    data = samples * SAMPLE_WIDTH
    return _HEADER.pack(
        b"RIFF",
        _RIFF_SIZE_EXCESS + data,
        b"WAVE",
        b"fmt ",
        16,
        _FORMAT_PCM,
        1,
        sample_rate,
        sample_rate * SAMPLE_WIDTH,
        SAMPLE_WIDTH,
        SAMPLE_WIDTH * 8,
        b"data",
        data,
    )
