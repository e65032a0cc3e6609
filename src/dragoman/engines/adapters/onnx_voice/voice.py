"""The synthesizer over an ONNX graph."""

from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import structlog

from dragoman.core.audio import AudioChunk
from dragoman.core.errors import InvalidOption
from dragoman.engines.adapters.onnx_voice import speech
from dragoman.engines.adapters.onnx_voice.model import AcousticModel, Encoded, Samples
from dragoman.engines.adapters.onnx_voice.pieces import Part, Phonemizer, Piece, Shape, pieces, sentences
from dragoman.engines.adapters.onnx_voice.session import Cancelled, Run
from dragoman.engines.adapters.spoken_text import speakable
from dragoman.engines.tts import SpeechChunk, SpokenWord

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class VoiceSettings:
    """What one engine has of its own."""

    name: str
    shape: Shape
    max_rate: float


class OnnxVoice:
    """Speaks with the voices of one graph. Safe to share between threads."""

    def __init__(
        self, model: AcousticModel, phonemizers: Mapping[str, Callable[[], Phonemizer]], settings: VoiceSettings
    ) -> None:
        """``phonemizers`` gives each voice's, loaded when first called."""
        self._model = model
        self._phonemizers = phonemizers
        self._settings = settings

    def prepare(self, voice: str) -> None:
        self._phonemizer(voice)("a")
        self._model.prepare(voice)

    def synthesize(self, text: str, voice: str, rate: float = 1.0) -> "Speech":
        self._check_rate(rate)
        phonemizer = self._phonemizer(voice)
        run = Run()
        return Speech(self._chunks(text, voice, rate, phonemizer, run), run)

    def duration(self, text: str, voice: str, rate: float = 1.0) -> float | None:
        """Seconds that :meth:`synthesize` would speak for, to a few hundredths of a second a sentence."""
        self._check_rate(rate)
        run = Run()
        seconds = pause = 0.0
        for piece in self._pieces(text, self._phonemizer(voice)):
            lengths = self._lengths(piece, self._model.encode(piece.symbols), voice, run)
            if lengths is None:
                return None
            seconds += pause + lengths.seconds(lengths.speed_for(rate))
            pause = piece.pause / rate
        return seconds

    def _lengths(self, piece: Piece, encoded: Encoded, voice: str, run: Run) -> speech.Lengths | None:
        natural = self._model.natural_frames(encoded, voice, run)
        if natural is None:
            return None
        frames_at = partial(self._model.frames_at, natural)
        return speech.Lengths(frames_at, _final_ids(piece, encoded), self._frame_seconds)

    @property
    def _frame_seconds(self) -> float:
        return self._model.frame / self._model.sample_rate

    def _check_rate(self, rate: float) -> None:
        if not 0 < rate <= self._settings.max_rate:
            raise InvalidOption(
                f"{self._settings.name} cannot speak at rate {rate:g}",
                remedy=f"Use more than 0, up to {self._settings.max_rate:g}",
            )

    def _phonemizer(self, voice: str) -> Phonemizer:
        if voice not in self._phonemizers:
            raise InvalidOption(
                f"{self._settings.name} has no voice {voice!r}", remedy="`dragoman engines` lists its voices"
            )
        return self._phonemizers[voice]()

    def _pieces(self, text: str, phonemizer: Phonemizer) -> Iterator[Piece]:
        spelled = (_sounding(phonemizer(sentence)) for sentence in sentences(speakable(text)))
        return pieces(filter(None, spelled), self._settings.shape)

    def _chunks(
        self, text: str, voice: str, rate: float, phonemizer: Phonemizer, run: Run
    ) -> Generator[SpeechChunk, None, None]:
        samples, pause, unknown = 0, 0.0, 0
        rate_hertz = self._model.sample_rate
        for piece in self._pieces(text, phonemizer):
            encoded = self._model.encode(piece.symbols)
            unknown += encoded.unknown
            spoken, words = self._speak(piece, encoded, voice, rate, run)
            if not len(spoken):
                continue
            before = round(pause * rate_hertz)
            pcm = speech.pcm16(np.concatenate((np.zeros(before, np.float32), spoken)))
            start = (samples + before) / rate_hertz
            audio = AudioChunk(pcm.tobytes(), rate_hertz, samples / rate_hertz)
            yield SpeechChunk(audio, _placed(words, start, audio))
            samples += audio.samples
            pause = piece.pause / rate
        if unknown:
            _log.warning("symbols_not_spoken", engine=self._settings.name, voice=voice, symbols=unknown)

    def _speak(
        self, piece: Piece, encoded: Encoded, voice: str, rate: float, run: Run
    ) -> tuple[Samples, list[SpokenWord]]:
        """The trimmed samples, and the words in seconds from their beginning."""
        lengths = self._lengths(piece, encoded, voice, run) if rate != 1.0 else None
        speed = lengths.speed_for(rate) if lengths else rate
        rendered = self._model.render(encoded, voice, speed, run)
        trimmed = speech.trim(rendered.samples, self._model.frame, self._model.sample_rate)
        if rendered.frames is None:
            return trimmed.samples, []
        cut = trimmed.cut / self._model.sample_rate
        words = speech.word_times(piece, encoded, rendered.frames, self._frame_seconds)
        return trimmed.samples, [SpokenWord(word.content, word.start_time - cut) for word in words]


class Speech(Iterator[SpeechChunk]):
    """Chunks as they are made. :meth:`close` may be called from another thread while the next is being made."""

    def __init__(self, chunks: Generator[SpeechChunk, None, None], run: Run) -> None:
        self._chunks = chunks
        self._run = run

    def __next__(self) -> SpeechChunk:
        if self._run.ended:
            raise StopIteration
        try:
            return next(self._chunks)
        except Cancelled:
            raise StopIteration from None

    def close(self) -> None:
        """End the work: a listener who leaves in the middle of a sentence costs no more than the operation at hand."""
        self._run.end()


def _placed(words: list[SpokenWord], start: float, audio: AudioChunk) -> tuple[SpokenWord, ...]:
    """Words in the time of the whole speech. One that begins in what was trimmed is moved to the edge."""
    last = audio.end_time - 1 / audio.sample_rate
    return tuple(SpokenWord(word.content, min(max(word.start_time + start, start), last)) for word in words)


def _final_ids(piece: Piece, encoded: Encoded) -> int:
    """Number of ids behind the last sound of the last word."""
    end = last = 0
    for part in piece.parts:
        if part.sounds:
            last = end + len(part.symbols.rstrip()) - 1
        end += len(part.symbols)
    return len(encoded.ids) - encoded.places[last] - 1


def _sounding(sentence: tuple[Part, ...]) -> tuple[Part, ...]:
    """``sentence``, or nothing when no word of it has a sound."""
    return sentence if any(part.sounds for part in sentence) else ()
