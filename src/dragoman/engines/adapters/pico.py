"""SVOX Pico: clear if dated voices for six languages at next to no cost; all data is in the package py-nanotts.

Native code that keeps the GIL and loops for ever on some nonsense, so it runs in a child process, which ends itself
when a sentence takes too long. A request is spoken a sentence at a time. Pico tells nothing of words.
"""

import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

import numpy as np

from dragoman.core.audio import AudioChunk
from dragoman.core.errors import EngineFailed, EngineUnavailable, InvalidOption
from dragoman.core.quality import Figure
from dragoman.engines.adapters.onnx_voice.pieces import sentences
from dragoman.engines.adapters.onnx_voice.speech import pcm16, trim
from dragoman.engines.adapters.spoken_text import speakable
from dragoman.engines.tts import SpeechChunk, SynthesizerInfo, Voice

_VOICES = {f"pico-{tag}": tag for tag in ("en-US", "en-GB", "de-DE", "es-ES", "fr-FR", "it-IT")}
"""Pico's tag of each voice; espeak has voices of the bare names."""

_SAMPLE_RATE = 16_000
_FRAME = 400
_MAX_RATE = 2.0
_GAIN = 0.4
"""Pico is 9 dB louder than espeak-ng and 15 dB louder than the neural voices."""

_MOST_CPU = 5.0
"""CPU seconds that a sentence may take; it takes about 0.03, the longest 0.5."""

_LONG_NUMBER = re.compile(r"\d{13,}")
_LONG_WORD = re.compile(r"\S{40}")

_PAUSE = 0.25
"""Seconds between two sentences."""


def describe(model: str | None = None) -> SynthesizerInfo:  # noqa: ARG001  there is one
    if find_spec("py_nanotts") is None:
        raise EngineUnavailable("py-nanotts is not installed", remedy="Run: pip install py-nanotts")
    return SynthesizerInfo(
        name="pico",
        version=version("py-nanotts"),
        licence="Apache-2.0",
        runs_in="process",
        rank=10,
        voices=tuple(Voice(name, tag) for name, tag in _VOICES.items()),
        sample_rate=_SAMPLE_RATE,
        max_rate=_MAX_RATE,
        cost=0.005,
        figures={
            "en": Figure("WER", 0.089, "30 transcripts, heard by Whisper base"),
            "de": Figure("WER", 0.222, "12 lines of NTREX-128, heard by Whisper base"),
            "es": Figure("WER", 0.150, "12 lines of NTREX-128, heard by Whisper base"),
            "fr": Figure("WER", 0.220, "12 lines of NTREX-128, heard by Whisper base"),
            "it": Figure("WER", 0.239, "12 lines of NTREX-128, heard by Whisper base"),
        },
    )


def load(model: str | None = None) -> "Pico":  # noqa: ARG001  as above
    import py_nanotts  # noqa: PLC0415  native code; only the child process loads it

    return Pico(py_nanotts.NanoTTS())


class Pico:
    """One call at a time, which is how a child process is called."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine

    def prepare(self, voice: str) -> None:
        for _ in self.synthesize("a", voice):
            pass

    def synthesize(self, text: str, voice: str, rate: float = 1.0) -> Iterator[SpeechChunk]:
        if voice not in _VOICES:
            raise InvalidOption(f"Pico has no voice {voice!r}", remedy=f"Its voices are {', '.join(_VOICES)}")
        if not 0 < rate <= _MAX_RATE:
            raise InvalidOption(f"Pico cannot speak at rate {rate:g}", remedy=f"Use more than 0, up to {_MAX_RATE:g}")
        return self._chunks(text, voice, rate)

    def _chunks(self, text: str, voice: str, rate: float) -> Iterator[SpeechChunk]:
        samples, pause = 0, 0
        for sentence in sentences(_readable(speakable(text))):
            if not any(letter.isalnum() for letter in sentence):
                continue
            with _ending_after(_MOST_CPU):
                pcm = self._pcm(sentence, voice, rate)
            heard = trim(
                np.frombuffer(pcm, "<i2").astype(np.float32) * np.float32(_GAIN / 32768), _FRAME, _SAMPLE_RATE
            ).samples
            if not len(heard):
                continue
            spoken = pcm16(np.concatenate((np.zeros(pause, np.float32), heard)))
            audio = AudioChunk(spoken.tobytes(), _SAMPLE_RATE, samples / _SAMPLE_RATE)
            yield SpeechChunk(audio)
            samples += audio.samples
            pause = round(_PAUSE / rate * _SAMPLE_RATE)

    def _pcm(self, sentence: str, voice: str, rate: float) -> bytes:
        try:
            # Rate 1 is not the same as no rate: it is 4 % slower.
            pcm: bytes = self._engine.speak(text=sentence, voice=_VOICES[voice], speed=None if rate == 1.0 else rate)
        except RuntimeError as error:
            raise EngineFailed(f"Pico failed over a sentence: {error}") from error
        return pcm


@contextmanager
def _ending_after(seconds: float) -> Iterator[None]:
    """End this process when the body takes more CPU than that: native code cannot be interrupted."""
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def _readable(text: str) -> str:
    """Without what Pico takes for commands, and without words and numbers so long that it fails over them."""
    text = text.translate({ord(letter): " " for letter in "<>\\"})
    text = _LONG_NUMBER.sub(lambda number: " ".join(number[0]), text)
    return _LONG_WORD.sub(r"\g<0> ", text)
