"""The scripted engine: says what its script says, when it says.

For tests, and for wiring up a client without any model. It takes no notice of the sound: it hears, translates and
speaks the utterances of its :mod:`~dragoman.engines.script`. It is used only when asked for by name,
``scripted:FILE.json``, or ``scripted`` for a built-in script that says a numbered sentence every four seconds.
"""

import math
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from dragoman.core.audio import OUTPUT_RATE, SPEECH_RATE, AudioChunk
from dragoman.core.transcript import Word
from dragoman.engines.alignment import AlignerInfo, Span
from dragoman.engines.asr import RecognizerInfo, RecognizerOptions
from dragoman.engines.info import EngineInfo
from dragoman.engines.mt import TranslatorInfo
from dragoman.engines.script import Script, read_script
from dragoman.engines.tts import SpeechChunk, SpokenWord, SynthesizerInfo, Voice
from dragoman.engines.vad import VoiceActivityInfo

E = TypeVar("E")
I = TypeVar("I", bound=EngineInfo)  # noqa: E741  the pair of E: what an engine says of itself

_NAME: Final = "scripted"
_VERSION: Final = "1"
_LICENCE: Final = "Apache-2.0"
_FRAME_SAMPLES = 512
_SECONDS_PER_CHARACTER = 0.06
_TONE = 440.0
"""Hertz of the tone that stands for a voice."""
_CHUNK_SECONDS = 0.06
_MAX_RATE = 3.0
_LONGEST_ALIGNED = 60.0


@dataclass(frozen=True, slots=True)
class _Plugin(Generic[E, I]):
    """What the entry points name."""

    info: Callable[[Script], I]
    engine: Callable[[Script], E]

    def describe(self, model: str | None = None) -> I:
        return self.info(read_script(model))

    def load(self, model: str | None = None) -> E:
        return self.engine(read_script(model))


class ScriptedRecognizer:
    def __init__(self, script: Script) -> None:
        self._script = script

    def recognize(self, audio: AudioChunk, options: RecognizerOptions) -> tuple[Word, ...]:  # noqa: ARG002
        return self._script.words(audio.start_time, audio.end_time)

    def open_stream(self, options: RecognizerOptions) -> "ScriptedRecognizerStream":  # noqa: ARG002
        return ScriptedRecognizerStream(self._script)


class ScriptedRecognizerStream:
    def __init__(self, script: Script) -> None:
        self._script = script
        self._begin: float | None = None
        self._heard = 0.0

    def accept(self, audio: AudioChunk) -> tuple[Word, ...]:
        self._begin = audio.start_time if self._begin is None else self._begin
        self._heard = audio.end_time
        return self._script.words(self._begin, self._heard)

    def finish(self) -> tuple[Word, ...]:
        begin, self._begin = self._begin, None
        return () if begin is None else self._script.words(begin, self._heard)


class ScriptedAligner:
    """Knows when the words of its script are said, and places no others."""

    def __init__(self, script: Script) -> None:
        self._script = script

    def hear(self, audio: AudioChunk, text: str, language: str) -> tuple[Word, ...]:  # noqa: ARG002
        return self._script.words(audio.start_time, audio.end_time)

    def align(self, audio: AudioChunk, words: Sequence[str], language: str) -> tuple[Span | None, ...]:  # noqa: ARG002
        said = self._script.words(audio.start_time, audio.end_time)
        spans = {word.content: (word.start_time, word.end_time) for word in said}
        return tuple(spans.get(word) for word in words)


class ScriptedTranslator:
    def __init__(self, script: Script) -> None:
        self._script = script

    def prepare(self, source: str, target: str) -> None:
        """Nothing to load."""

    def translate(self, sentences: Sequence[str], source: str, target: str) -> list[str]:  # noqa: ARG002
        return [self._script.translate(sentence, target) for sentence in sentences]


class ScriptedSynthesizer:
    """A tone as long as the text would take to say."""

    def prepare(self, voice: str) -> None:
        """Nothing to load."""

    def synthesize(self, text: str, voice: str, rate: float = 1.0) -> Iterator[SpeechChunk]:  # noqa: ARG002
        samples = round(len(text) * _SECONDS_PER_CHARACTER / rate * OUTPUT_RATE)
        size = round(_CHUNK_SECONDS * OUTPUT_RATE)
        starts = _word_starts(text, rate)
        for first in range(0, samples, size):
            begin, end = first / OUTPUT_RATE, (first + size) / OUTPUT_RATE
            words = tuple(word for word in starts if begin <= word.start_time < end)
            yield SpeechChunk(AudioChunk(_tone(first, min(first + size, samples)), OUTPUT_RATE, begin), words)


def _word_starts(text: str, rate: float) -> list[SpokenWord]:
    starts, position = [], 0
    for word in text.split():
        position = text.index(word, position)
        starts.append(SpokenWord(word, position * _SECONDS_PER_CHARACTER / rate))
        position += len(word)
    return starts


def _tone(first: int, last: int) -> bytes:
    step = 2 * math.pi * _TONE / OUTPUT_RATE
    return array("h", [round(6000 * math.sin(step * i)) for i in range(first, last)]).tobytes()


class ScriptedVoiceActivity:
    def __init__(self, script: Script) -> None:
        self._script = script

    def open_stream(self) -> "ScriptedVoiceActivityStream":
        return ScriptedVoiceActivityStream(self._script)


class ScriptedVoiceActivityStream:
    def __init__(self, script: Script) -> None:
        self._script = script
        self._next: float | None = None

    def accept(self, audio: AudioChunk) -> tuple[float, ...]:
        frame = _FRAME_SAMPLES / SPEECH_RATE
        begin = audio.start_time if self._next is None else self._next
        frames = math.floor((audio.end_time - begin) / frame + 1e-6)
        self._next = begin + frames * frame
        return tuple(float(self._script.speaks(begin + (i + 0.5) * frame)) for i in range(frames))


def _recognizer_info(script: Script) -> RecognizerInfo:
    return RecognizerInfo(
        name=_NAME,
        version=_VERSION,
        licence=_LICENCE,
        runs_in="thread",
        languages=(script.language,),
        sample_rate=SPEECH_RATE,
        streaming=True,
        punctuated=True,
    )


def _aligner_info(script: Script) -> AlignerInfo:
    return AlignerInfo(
        name=_NAME,
        version=_VERSION,
        licence=_LICENCE,
        runs_in="thread",
        languages=(script.language,),
        sample_rate=SPEECH_RATE,
        longest=_LONGEST_ALIGNED,
    )


def _translator_info(script: Script) -> TranslatorInfo:
    pairs = tuple((script.language, target) for target in script.targets)
    return TranslatorInfo(name=_NAME, version=_VERSION, licence=_LICENCE, runs_in="thread", pairs=pairs)


def _synthesizer_info(script: Script) -> SynthesizerInfo:
    return SynthesizerInfo(
        name=_NAME,
        version=_VERSION,
        licence=_LICENCE,
        runs_in="thread",
        voices=tuple(Voice(f"tone-{language}", language) for language in (script.language, *script.targets)),
        sample_rate=OUTPUT_RATE,
        max_rate=_MAX_RATE,
    )


def _voice_activity_info(script: Script) -> VoiceActivityInfo:  # noqa: ARG001  the same for every script
    return VoiceActivityInfo(
        name=_NAME,
        version=_VERSION,
        licence=_LICENCE,
        runs_in="thread",
        sample_rate=SPEECH_RATE,
        frame_samples=_FRAME_SAMPLES,
    )


recognizer = _Plugin(_recognizer_info, ScriptedRecognizer)
aligner = _Plugin(_aligner_info, ScriptedAligner)
translator = _Plugin(_translator_info, ScriptedTranslator)
synthesizer = _Plugin(_synthesizer_info, lambda script: ScriptedSynthesizer())  # noqa: ARG005  any text is spoken
voice_activity = _Plugin(_voice_activity_info, ScriptedVoiceActivity)
