"""What the live benchmarks have in common: recordings cut as a microphone hands them over, and latencies summed up."""

import statistics
from pathlib import Path
from typing import Any

import numpy as np
from record import SHARED_DATA

from dragoman.core.audio import AudioChunk, join, silence
from dragoman.core.options import RunOptions
from dragoman.engines import registry
from dragoman.media.decode import open_media

FILES = ["talk_en", "meeting4_en", "noisy10dB_en", "talk_events_en"]
AFTERWARDS = 1.0
"""Seconds of silence at the end, so that the last utterance too is ended by silence: ended by the end of the audio it
would come without the wait, and flatter the median."""


def recording(name: str) -> Path:
    return SHARED_DATA / "longform" / f"{name}.flac"


async def decoded(path: Path, seconds: float | None = None) -> AudioChunk:
    """The beginning of a recording, or all of it, at the rate of recognition."""
    async with open_media(path) as media:
        whole = join([chunk async for chunk in media])
    return whole if seconds is None else whole.slice(0, round(seconds * whole.sample_rate))


def spoken_into(microphone: float, audio: AudioChunk) -> list[AudioChunk]:
    """The audio and a silence, in chunks of so many seconds."""
    whole = join([audio, silence(AFTERWARDS, audio.sample_rate)])
    step = round(microphone * audio.sample_rate)
    return [whole.slice(first, first + step) for first in range(0, whole.samples, step)]


def silence_wait_ms(options: RunOptions) -> float:
    """What the segmenter waits for: the option, to the nearest frame of the detector."""
    info = registry.find(registry.VOICE_ACTIVITY, "silero").describe()
    frame = 1000 * info.frame_samples / info.sample_rate
    return round(1000 * options.endpoint_silence / frame) * frame


def summary(seconds: list[float]) -> dict[str, Any]:
    return {
        "median_ms": round(1000 * statistics.median(seconds), 1),
        "p95_ms": round(1000 * float(np.percentile(seconds, 95)), 1),
        "max_ms": round(1000 * max(seconds), 1),
        "utterances": len(seconds),
        "each_ms": [round(1000 * second) for second in sorted(seconds)],
    }
