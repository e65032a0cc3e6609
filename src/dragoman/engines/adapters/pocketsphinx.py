"""PocketSphinx with the American English model of its wheel.

It holds the GIL while it decodes, so it runs in child processes. Two decoders are configured differently and loaded
when first needed (a quarter of a second and 145 MB each), so that a process that does one kind of work holds one.
What a decoder is taught it knows for good, so every vocabulary has a decoder of its own.
"""

from importlib.metadata import version
from importlib.util import find_spec
from weakref import ref

from dragoman.core.audio import SPEECH_RATE, AudioChunk
from dragoman.core.errors import EngineNotFound, EngineUnavailable
from dragoman.core.options import VocabularyItem
from dragoman.core.quality import Figure
from dragoman.core.transcript import Word
from dragoman.engines.adapters.pocketsphinx_decoder import UtteranceDecoder
from dragoman.engines.adapters.pocketsphinx_live import LiveStream
from dragoman.engines.asr import Recognizer, RecognizerInfo, RecognizerOptions, RecognizerStream


def describe(model: str | None = None) -> RecognizerInfo:
    if model is not None:
        raise EngineNotFound(f"PocketSphinx has no model {model!r}", remedy="Ask for pocketsphinx alone")
    if find_spec("pocketsphinx") is None:
        raise EngineUnavailable("PocketSphinx is not installed", remedy="Run: pip install pocketsphinx")
    return RecognizerInfo(
        name="pocketsphinx",
        version=version("pocketsphinx"),
        licence="BSD-2-Clause AND BSD-3-Clause",
        runs_in="process",
        languages=("en",),
        sample_rate=SPEECH_RATE,
        streaming=True,
        punctuated=False,
        unstable_words=3,
        vocabulary=True,
        figures={"en": Figure("WER", 0.528, "46 clips, 30 of LibriSpeech test-other")},  # bench/quality_asr.py
    )


def load(model: str | None = None) -> Recognizer:
    describe(model)
    return PocketsphinxRecognizer()


class PocketsphinxRecognizer:
    def __init__(self) -> None:
        self._whole: UtteranceDecoder | None = None
        self._taught: UtteranceDecoder | None = None
        """The one for ``_vocabulary``, the last that was asked for: utterances of one file come one after another."""
        self._vocabulary: tuple[VocabularyItem, ...] = ()
        self._live: UtteranceDecoder | None = None
        self._stream: ref[LiveStream] | None = None

    def recognize(self, audio: AudioChunk, options: RecognizerOptions) -> tuple[Word, ...]:
        decoder = self._decoder(options.vocabulary)
        decoder.decode(audio.pcm)
        return decoder.words(audio.start_time, audio.end_time)

    def open_stream(self, options: RecognizerOptions) -> RecognizerStream:
        """One stream at a time has the loaded decoder; while it lives, another loads its own."""
        if options.vocabulary:
            return LiveStream(UtteranceDecoder(fwdflat=False, vocabulary=options.vocabulary), options.max_delay)
        if self._live is None or (self._stream and self._stream()):
            # fwdflat would come after the end of the utterance: 70 ms more of waiting for a third of a point of WER.
            self._live = UtteranceDecoder(fwdflat=False)
        stream = LiveStream(self._live, options.max_delay)
        self._stream = ref(stream)
        return stream

    def _decoder(self, vocabulary: tuple[VocabularyItem, ...]) -> UtteranceDecoder:
        """For whole utterances."""
        if not vocabulary:
            if self._whole is None:
                self._whole = UtteranceDecoder(fwdflat=True)
            return self._whole
        if self._taught is None or vocabulary != self._vocabulary:
            self._taught = None  # before the next is loaded: two would be in memory at once
            self._taught = UtteranceDecoder(fwdflat=True, vocabulary=vocabulary)
            self._vocabulary = vocabulary
        return self._taught
