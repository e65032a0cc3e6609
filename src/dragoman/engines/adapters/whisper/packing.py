"""Several utterances in one window: joined end to end, and where each of them lies."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from dragoman.core.audio import SPEECH_RATE, AudioChunk
from dragoman.engines.adapters.whisper.features import Floats, samples_of

_PAUSE: Final = 0.5
"""Seconds of a pause between two utterances that are kept: with none, sentences run into each other."""
_HALVINGS: Final = 6
"""Steps in which the length of balanced windows is found; the last is below half a second."""


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


def windows(utterances: Sequence[AudioChunk], longest: float) -> list[Window]:
    """Pack consecutive utterances into windows of at most ``longest`` seconds, the pauses between them shortened.

    There are as few windows as can be, and they are about equally long, since those that are decoded together cost as
    much as the longest. A longer utterance is parted where it is quietest, and its parts are packed alike."""
    parts = list(_placed_parts(utterances, longest))
    fewest, limit = len(_packed(parts, longest)), longest
    low = sum(part.duration for part in parts) / max(1, fewest)
    for _ in range(_HALVINGS):
        tried = (low + limit) / 2
        if len(_packed(parts, tried)) == fewest and all(part.duration <= tried for part in parts):
            limit = tried
        else:
            low = tried
    return [_window(group) for group in _packed(parts, limit)]


def _packed(parts: Sequence["_Part"], longest: float) -> list[list["_Part"]]:
    """Gather parts in order, as many as fit."""
    groups: list[list[_Part]] = []
    filled = 0.0
    for part in parts:
        pause = _pause(groups[-1][-1], part) if groups else 0.0
        if not groups or filled + pause + part.duration > longest:
            groups.append([])
            pause = filled = 0.0
        groups[-1].append(part)
        filled += pause + part.duration
    return groups


def _window(parts: Sequence["_Part"]) -> Window:
    pieces: list[Floats] = []
    places: list[Place] = []
    filled = 0
    for number, part in enumerate(parts):
        silent = np.zeros(round(_pause(parts[number - 1], part) * SPEECH_RATE) if number else 0, np.float32)
        filled += len(silent)
        places.append(Place(part.utterance, filled / SPEECH_RATE, part.start_time, part.duration))
        pieces += [silent, part.samples]
        filled += len(part.samples)
    return Window(np.concatenate(pieces), tuple(places))


def _pause(before: "_Part", after: "_Part") -> float:
    """Return the seconds of silence to keep between two parts."""
    return min(_PAUSE, max(0.0, after.start_time - before.start_time - before.duration))


@dataclass(frozen=True, slots=True)
class _Part:
    utterance: int
    start_time: float
    samples: Floats

    @property
    def duration(self) -> float:
        return len(self.samples) / SPEECH_RATE


def _placed_parts(utterances: Sequence[AudioChunk], longest: float) -> Iterator[_Part]:
    for number, utterance in enumerate(utterances):
        position = utterance.start_time
        for samples in _parts(samples_of(utterance.pcm), longest):
            part = _Part(number, position, samples)
            yield part
            position += part.duration


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
