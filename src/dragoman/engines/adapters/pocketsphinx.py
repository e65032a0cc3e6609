"""PocketSphinx with the American English model of its wheel.

It holds the GIL while it decodes, so it runs in child processes. Two decoders are configured differently and loaded
when first needed (a quarter of a second and 145 MB each), so that a process that does one kind of work holds one.
"""

from importlib.metadata import version
from importlib.util import find_spec
from typing import TYPE_CHECKING
from weakref import ref

from dragoman.core.audio import SPEECH_RATE, AudioChunk
from dragoman.core.errors import EngineNotFound, EngineUnavailable
from dragoman.core.transcript import Word
from dragoman.engines.adapters.pocketsphinx_live import LiveDecoder, LiveStream
from dragoman.engines.adapters.pocketsphinx_words import words_of
from dragoman.engines.asr import Recognizer, RecognizerInfo, RecognizerOptions, RecognizerStream

if TYPE_CHECKING:
    from pocketsphinx import Decoder


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
    )


def load(model: str | None = None) -> Recognizer:
    describe(model)
    return PocketsphinxRecognizer()


class PocketsphinxRecognizer:
    def __init__(self) -> None:
        self._whole: Decoder | None = None
        self._live: LiveDecoder | None = None
        self._stream: ref[LiveStream] | None = None

    def recognize(self, audio: AudioChunk, options: RecognizerOptions) -> tuple[Word, ...]:  # noqa: ARG002  English only
        if self._whole is None:
            self._whole = _decoder(fwdflat=True)
        return _decode(self._whole, audio) if audio.samples else ()

    def open_stream(self, options: RecognizerOptions) -> RecognizerStream:  # noqa: ARG002  English only
        """One stream at a time shares the loaded decoder; a second one loads its own."""
        if self._live is None or (self._stream and self._stream()):
            self._live = LiveDecoder(_decoder(fwdflat=False))
        stream = LiveStream(self._live)
        self._stream = ref(stream)
        return stream


def _decoder(*, fwdflat: bool) -> "Decoder":
    """The second of the three passes, fwdflat, costs too much after the end of a live utterance for what it gains."""
    from pocketsphinx import Config, Decoder  # noqa: PLC0415  describe() must stay quick

    return Decoder(Config(fwdflat=fwdflat, loglevel="FATAL"))


def _decode(decoder: "Decoder", audio: AudioChunk) -> tuple[Word, ...]:
    # The estimate of the noise is carried over otherwise, and the words would depend on what was recognised before.
    decoder.reinit_feat()
    decoder.start_utt()
    decoder.process_raw(audio.pcm, full_utt=True)
    decoder.end_utt()
    return words_of(decoder, audio.start_time, audio.end_time)
