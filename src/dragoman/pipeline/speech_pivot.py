"""Translation out of the audio, for languages that no translator reads: speech to a pivot language in one step.

Whisper, for one, translates into English whatever it hears. The sentence's audio goes in; what comes out is translated
on over the target's hops like any text.
"""

from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

import anyio

from dragoman.core.audio import AudioChunk, join
from dragoman.core.errors import EngineFailed
from dragoman.core.transcript import Sentence
from dragoman.engines.attached import SpeechHop
from dragoman.engines.speech_translation import SpeechTranslator
from dragoman.media.resample import resampled

KEPT: Final = 900.0
"""Seconds of audio that wait for their sentence, 29 MB: translation of a file may be that far behind."""

_MARGIN: Final = 0.25
"""Seconds of audio before and behind a sentence: word times are that uncertain."""

_REMEMBERED: Final = 64
"""Sentences whose pivot text is kept, so that all targets of a run share one translation."""

AudioBetween = Callable[[float, float], Awaitable[AudioChunk | None]]
"""Returns the audio between two times of the source, in seconds; None where there is none any more."""


class HeardAudio:
    """The last minutes of one channel."""

    def __init__(self, seconds: float = KEPT) -> None:
        self._seconds = seconds
        self._chunks: deque[AudioChunk] = deque()

    def add(self, audio: AudioChunk) -> None:
        self._chunks.append(audio)
        while self._chunks[0].end_time < audio.end_time - self._seconds:
            self._chunks.popleft()

    async def between(self, start: float, end: float) -> AudioChunk | None:
        return cut([chunk for chunk in self._chunks if chunk.end_time > start and chunk.start_time < end], start, end)


def cut(chunks: list[AudioChunk], start: float, end: float) -> AudioChunk | None:
    """Cut the audio between two times out of consecutive chunks; None where they hold none of it."""
    if not chunks:
        return None
    audio = join(chunks)
    first, last = (round((time - audio.start_time) * audio.sample_rate) for time in (start, end))
    piece = audio.slice(max(0, first), min(audio.samples, last))
    return piece if piece.pcm else None


@dataclass(slots=True)
class SpeechPivot:
    """Sentences of one channel in the pivot language. Shared by the targets that go over it."""

    hop: SpeechHop
    audio: AudioBetween
    _texts: "OrderedDict[tuple[float, float], str]" = field(default_factory=OrderedDict)
    _turn: anyio.Lock = field(default_factory=anyio.Lock)

    async def text(self, sentence: Sentence) -> str:
        """Translate the audio of a sentence, once for all targets. Raises the engine's errors."""
        place = (sentence.start_time, sentence.end_time)
        async with self._turn:
            if place not in self._texts:
                self._texts[place] = await self._translated(*place)
                while len(self._texts) > _REMEMBERED:
                    self._texts.popitem(last=False)
            return self._texts[place]

    async def _translated(self, start: float, end: float) -> str:
        audio = await self.audio(start - _MARGIN, end + _MARGIN)
        if audio is None:
            raise EngineFailed(
                f"The audio at {start:.1f} s is gone; translation is more than {KEPT:.0f} s behind",
                remedy="Ask for fewer languages at once",
            )
        engine = self.hop.engine
        speech = resampled(audio, engine.info.sample_rate)
        return await engine.hosted.call(SpeechTranslator.translate_speech, speech, self.hop.source, self.hop.target)
