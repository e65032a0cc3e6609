"""Several utterances in one window: joined end to end, and where each of them lies."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from dragoman.core.audio import SPEECH_RATE, AudioChunk
from dragoman.engines.adapters.whisper.features import Floats, samples_of


@dataclass(frozen=True, slots=True)
class Place:
    """One utterance, or a part of a long one, in a window."""

    utterance: int
    """Its number among those of the call."""
    offset: float
    """Seconds from the beginning of the window."""
    start_time: float
    """Seconds on the source's time line."""
    duration: float

    @property
    def end(self) -> float:
        """Seconds from the beginning of the window."""
        return self.offset + self.duration

    def source_time(self, time: float) -> float:
        """Convert seconds of the window to seconds of the source, inside this utterance."""
        return self.start_time + min(max(0.0, time - self.offset), self.duration)


@dataclass(frozen=True, slots=True)
class Window:
    samples: Floats
    places: tuple[Place, ...]

    @property
    def duration(self) -> float:
        """Seconds"""
        return len(self.samples) / SPEECH_RATE

    def place_at(self, time: float) -> Place:
        """Return the utterance that lies at a time of the window."""
        return next((place for place in self.places if time < place.end), self.places[-1])


def windows(utterances: Sequence[AudioChunk], longest: float) -> Iterator[Window]:
    """Pack consecutive utterances into windows of at most ``longest`` seconds. A longer one is parted where it is
    quietest, and its parts are packed alike."""
    pieces: list[Floats] = []
    places: list[Place] = []
    filled = 0.0
    for number, utterance in enumerate(utterances):
        position = utterance.start_time
        for piece in _parts(samples_of(utterance.pcm), longest):
            duration = len(piece) / SPEECH_RATE
            if places and filled + duration > longest:
                yield Window(np.concatenate(pieces), tuple(places))
                pieces, places, filled = [], [], 0.0
            places.append(Place(number, filled, position, duration))
            pieces.append(piece)
            filled += duration
            position += duration
    if places:
        yield Window(np.concatenate(pieces), tuple(places))


def _parts(samples: Floats, longest: float) -> Iterator[Floats]:
    most = round(longest * SPEECH_RATE)
    while len(samples) > most:
        cut = _quietest(samples, most * 2 // 3, most)
        yield samples[:cut]
        samples = samples[cut:]
    if len(samples):
        yield samples


def _quietest(samples: Floats, first: int, last: int) -> int:
    """Return the middle of the quietest 100 ms between two samples."""
    step = SPEECH_RATE // 10
    energies = [float(np.square(samples[begin : begin + step]).sum()) for begin in range(first, last - step, step // 2)]
    return first + int(np.argmin(energies)) * (step // 2) + step // 2
