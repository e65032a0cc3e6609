"""Speech to blocks of one length, at the recogniser's rate. Pure.

What a recogniser makes of audio may depend on how it is handed over, and so may the moment at which its words become
final. So neither sees the chunks of a client, only blocks counted from where the utterance begins.
"""

from dataclasses import replace

from dragoman.core.audio import AudioChunk
from dragoman.media.resample import Resampler

BLOCK = 0.064
"""Seconds: two frames of voice activity. Shorter ones show words sooner, and cost a call and a hypothesis each."""


class Blocks:
    """Of one utterance after another."""

    def __init__(self, source_rate: int, target_rate: int) -> None:
        self._resampler = Resampler(source_rate, target_rate)
        self._size = round(BLOCK * target_rate)
        self._begin: float | None = None
        self._cut = 0
        """Samples handed out of the open utterance."""
        self._waiting = AudioChunk(b"", target_rate)

    def push(self, audio: AudioChunk) -> list[AudioChunk]:
        """The blocks that this audio completes."""
        self._take(self._resampler.accept(audio))
        return [self._next(self._size) for _ in range(self._waiting.samples // self._size)]

    def end(self) -> AudioChunk:
        """What is left of the utterance, perhaps nothing; the next audio opens another."""
        self._take(self._resampler.flush())
        rest = self._next(self._waiting.samples)
        self._begin, self._cut = None, 0
        return rest

    def _take(self, audio: AudioChunk) -> None:
        if self._begin is None and audio.pcm:
            self._begin = audio.start_time
        self._waiting = replace(self._waiting, pcm=self._waiting.pcm + audio.pcm, channel=audio.channel)

    def _next(self, samples: int) -> AudioChunk:
        rate = self._waiting.sample_rate
        block = replace(self._waiting.slice(0, samples), start_time=(self._begin or 0.0) + self._cut / rate)
        self._waiting = self._waiting.slice(samples, self._waiting.samples)
        self._cut += samples
        return block
