"""Whisper as a recognizer: utterances packed into windows, windows decoded in batches."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from dragoman.core.audio import SPEECH_RATE, AudioChunk
from dragoman.core.errors import UnsupportedLanguage
from dragoman.core.language import best_match
from dragoman.core.options import VocabularyItem
from dragoman.core.transcript import Word
from dragoman.engines.adapters.whisper.decoding import Care, Decoder, TimedWord
from dragoman.engines.adapters.whisper.languages import CODES
from dragoman.engines.adapters.whisper.live import LiveStream
from dragoman.engines.adapters.whisper.packing import Window, windows
from dragoman.engines.adapters.whisper.timing import placed, skipped
from dragoman.engines.adapters.whisper.vocabulary import Spellings
from dragoman.engines.adapters.whisper.weights import Weights
from dragoman.engines.asr import RecognizerOptions, RecognizerStream

PACKED: Final = 26.0
"""Seconds of audio in one window. Whisper hears 30; the rest is silence, and room for the end of an utterance."""
BATCH: Final = 2
"""Windows decoded together."""

_CAREFUL: Final = Care(context=15.0, beam=5)

_PROMPT_BYTES: Final = 600
"""UTF-8 bytes of a vocabulary that the model gets, about 200 tokens: its prompt holds 223, and what is longer loses its
beginning."""

_SCRIPTS: Final = {"zh": "以下是普通话的句子。"}
"""Sentences in the script that is wanted, by Whisper's code. Without one the base model writes Chinese in either script
and errs more: with it the CER of a clip of FLEURS falls from 0.50 to 0.19."""


class WhisperRecognizer:
    """Safe to call from several threads."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._decoder = Decoder(weights)

    def recognize(self, audio: AudioChunk, options: RecognizerOptions) -> tuple[Word, ...]:
        return self.recognize_packed([audio], options)[0]

    def recognize_packed(self, utterances: Sequence[AudioChunk], options: RecognizerOptions) -> list[tuple[Word, ...]]:
        code = code_of(options.language, self._weights)
        prompt = prompt_of(options.vocabulary, code)
        found: list[list[Word]] = [[] for _ in utterances]
        waiting = windows(utterances, PACKED)
        for first in range(0, len(waiting), BATCH):
            batch = waiting[first : first + BATCH]
            decoded = self._decoder.words([window.samples for window in batch], code, _CAREFUL, prompt)
            for window, words in zip(batch, decoded, strict=True):
                for utterance, word in placed(self._completed(words, window, code, prompt), window):
                    found[utterance].append(word)
        spellings = Spellings(options.vocabulary)
        return [spellings.rewritten(words) for words in found]

    def open_stream(self, options: RecognizerOptions) -> RecognizerStream:
        code = code_of(options.language, self._weights)
        return LiveStream(self._decoder, code, prompt_of(options.vocabulary, code), options)

    def _completed(self, words: Sequence[TimedWord], window: Window, code: str, prompt: str) -> Sequence[TimedWord]:
        """Decode by themselves the stretches that the decoder skipped, and put their words in place."""
        for start, end in skipped(words, window):
            samples = window.samples[round(start * SPEECH_RATE) : round(end * SPEECH_RATE)]
            (found,) = self._decoder.words([samples], code, _CAREFUL, prompt)
            inside = [word for word in words if start <= (word.start + word.end) / 2 <= end]
            if len(found) > len(inside):
                moved = [replace(word, start=word.start + start, end=word.end + start) for word in found]
                words = sorted([*(word for word in words if word not in inside), *moved], key=lambda word: word.start)
        return words


def code_of(language: str, weights: Weights) -> str:
    """Return Whisper's code of a canonical tag. Raises :class:`UnsupportedLanguage`."""
    if not weights.pieces.multilingual:
        return "en"
    match = best_match(language, CODES.keys())
    if match is None:
        raise UnsupportedLanguage(
            f"Whisper does not hear {language}", remedy="`dragoman languages` lists those it does"
        )
    return CODES[match]


def prompt_of(vocabulary: Sequence[VocabularyItem], code: str = "en") -> str:
    """Return a text that the model takes for what was said before, so that it expects these words and this script. The
    first words of a vocabulary that is too long are kept."""
    words: list[str] = []
    left = _PROMPT_BYTES
    for item in vocabulary:
        size = len(item.content.encode()) + len(", ")
        if size <= left:
            words.append(item.content)
            left -= size
    # A bare list costs more errors in sentences without these words than one that says what it is.
    glossary = f"Glossary: {', '.join(words)}." if words else ""
    return " ".join(part for part in (glossary, _SCRIPTS.get(code, "")) if part)
