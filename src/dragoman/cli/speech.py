"""Translated speech: the tracks that are written while a run goes on, and how well they keep to their source."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dragoman.cli.output import OutputFiles
from dragoman.core.audio import OUTPUT_RATE, AudioChunk
from dragoman.core.events import Event, RunEnded, SynthesizedAudio
from dragoman.core.transcript import SpokenSentence
from dragoman.media.encode import WavWriter

_NOTICEABLE = 0.05
"""Seconds of drift that are worth a word."""


class SpeechTracks:
    """One wav file per spoken language, written as the speech comes."""

    def __init__(self, files: OutputFiles, names: Mapping[str, str]) -> None:
        """``names`` are the file names by language."""
        self._tracks = {language: WavWriter(files.open(name)) for language, name in names.items()}

    def add(self, event: Event) -> None:
        match event:
            case SynthesizedAudio(language, audio):
                self._tracks[language].write_at(audio)
            case RunEnded(duration):
                for track in self._tracks.values():
                    _close(track, duration)


def _close(track: WavWriter, duration: float) -> None:
    """A track is at least as long as its source, so that the two can be put together."""
    if track.samples < round(duration * OUTPUT_RATE):
        track.write_at(AudioChunk(b"", OUTPUT_RATE, duration))
    track.close()


@dataclass(frozen=True, slots=True)
class Drift:
    """How far translated speech lags behind its source; seconds."""

    sentences: int
    mean: float
    largest: float
    at_end: float
    sped_up: int
    """Sentences spoken faster than the voice's own pace."""
    fastest: float
    """Highest speaking rate."""


def drift(spoken: Sequence[SpokenSentence]) -> Drift | None:
    """None when nothing was spoken."""
    if not spoken:
        return None
    drifts = [sentence.drift for sentence in spoken]
    return Drift(
        sentences=len(spoken),
        mean=sum(drifts) / len(drifts),
        largest=max(drifts),
        at_end=drifts[-1],
        sped_up=sum(sentence.rate > 1.0 for sentence in spoken),
        fastest=max(sentence.rate for sentence in spoken),
    )


def describe_drift(language: str, found: Drift | None) -> str:
    """One line for people; ``language`` is its name."""
    if found is None:
        return f"{language} speech: nothing was spoken"
    count = f"{found.sentences} sentence{'' if found.sentences == 1 else 's'}"
    hurry = f"{found.sped_up} sped up, at most {found.fastest:.2f}x" if found.sped_up else "none sped up"
    late = (
        f"late by {found.mean:.1f} s on average, {found.largest:.1f} s at most, {found.at_end:.1f} s at the end"
        if found.largest >= _NOTICEABLE
        else "never late"
    )
    return f"{language} speech: {count}, {hurry}, {late}"
