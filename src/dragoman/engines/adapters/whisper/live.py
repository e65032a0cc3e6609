"""Live recognition with Whisper: the open utterance is decoded anew as it grows, and once more when it ends."""

from typing import Final

from dragoman.core.audio import AudioChunk, join
from dragoman.core.transcript import Word
from dragoman.engines.adapters.whisper.decoding import Care, Decoder
from dragoman.engines.adapters.whisper.packing import Window, windows
from dragoman.engines.adapters.whisper.timing import placed
from dragoman.engines.adapters.whisper.vocabulary import Spellings
from dragoman.engines.asr import RecognizerOptions

_STEP: Final = 1.0
"""Seconds of new audio from one decoding to the next. A decoding costs 0.35 s of a core, however long the utterance."""
_UNSHOWN_STEP: Final = 2.0
"""The same where nobody sees what comes of it before it is final."""
_LONGEST: Final = 28.0
"""Seconds in one window."""

_PARTIAL: Final = Care(context=15.0, again=False)
_FINAL: Final = Care(context=15.0)


class LiveStream:
    """Utterance after utterance of one session."""

    def __init__(self, decoder: Decoder, code: str, prompt: str, options: RecognizerOptions) -> None:
        self._decoder = decoder
        self._code = code
        self._prompt = prompt
        self._step = _STEP if options.partials else _UNSHOWN_STEP
        if options.max_delay is not None:  # a word must be known before it is due
            self._step = min(self._step, max(_STEP, options.max_delay / 2))
        self._spellings = Spellings(options.vocabulary)
        self._audio: list[AudioChunk] = []
        self._full: list[tuple[Word, ...]] = []
        """Words of the windows that are full: what is said later does not change them."""
        self._undecoded = 0.0
        self._words: tuple[Word, ...] = ()

    def accept(self, audio: AudioChunk) -> tuple[Word, ...]:
        self._audio.append(audio)
        self._undecoded += audio.duration
        if self._undecoded >= self._step:
            self._words = self._decode(_PARTIAL)
        return self._words

    def finish(self) -> tuple[Word, ...]:
        words = self._decode(_FINAL) if self._audio else ()
        self._audio, self._words, self._full = [], (), []
        return words

    def _decode(self, care: Care) -> tuple[Word, ...]:
        self._audio = [join(self._audio)]
        self._undecoded = 0.0
        if not self._audio[0].pcm:
            return ()
        *full, last = windows(self._audio, _LONGEST)
        for window in full[len(self._full) :]:
            self._full.append(self._words_of(window, _FINAL))
        return tuple(word for words in (*self._full, self._words_of(last, care)) for word in words)

    def _words_of(self, window: Window, care: Care) -> tuple[Word, ...]:
        (words,) = self._decoder.words([window.samples], self._code, care, self._prompt)
        return self._spellings.rewritten([word for _, word in placed(words, window)])
