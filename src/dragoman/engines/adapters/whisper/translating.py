"""Whisper's own translation: speech of any language that it hears to English text."""

from dragoman.core.audio import AudioChunk
from dragoman.core.errors import UnsupportedLanguage
from dragoman.engines.adapters.whisper.decoding import Care, Decoder
from dragoman.engines.adapters.whisper.packing import windows
from dragoman.engines.adapters.whisper.recognizer import PACKED, code_of
from dragoman.engines.adapters.whisper.weights import Weights

_CARE = Care(context=20.0, beam=5)


class WhisperTranslator:
    """Safe to call from several threads."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._decoder = Decoder(weights)

    def prepare(self, source: str, target: str) -> None:
        """Check the pair; the model is loaded."""
        self._code(source, target)

    def translate_speech(self, audio: AudioChunk, source: str, target: str) -> str:
        code = self._code(source, target)
        texts = [self._decoder.text(window.samples, code, "translate", _CARE) for window in windows([audio], PACKED)]
        return " ".join(text for text in texts if text)

    def _code(self, source: str, target: str) -> str:
        if target != "en":
            raise UnsupportedLanguage(f"Whisper translates to English, not to {target}", remedy="Ask for en")
        return code_of(source, self._weights)
