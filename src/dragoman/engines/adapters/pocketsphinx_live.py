"""Live decoding with PocketSphinx.

What matters most is the cepstral mean that is subtracted from the features: with the decoder's built-in guess half of
the words are wrong. So the first second is held back, its mean measured, and only then is decoding begun; the decoder
updates the mean from there on, through all utterances of the stream.
"""

from typing import TYPE_CHECKING

from dragoman.core.audio import SAMPLE_WIDTH, SPEECH_RATE, AudioChunk
from dragoman.core.transcript import Word
from dragoman.engines.adapters.pocketsphinx_words import words_of

if TYPE_CHECKING:
    from pocketsphinx import Decoder

_PREFIX = SPEECH_RATE * SAMPLE_WIDTH
"""Bytes that the mean is first measured over: one second. Half of it costs 3 points of WER, twice gains 1."""

_BLOCK = SPEECH_RATE // 50 * SAMPLE_WIDTH
"""Bytes decoded at a time: 20 ms. The mean moves between blocks, so their size is ours and not that of the chunks."""


class LiveDecoder:
    """A decoder, and whether it is inside an utterance."""

    def __init__(self, decoder: "Decoder") -> None:
        self.decoder = decoder
        self._inside = False
        # A grammar of one word takes the place of the language model where only the mean is wanted.
        decoder.add_fsg("mean", decoder.create_fsg("mean", 0, 1, [(0, 1, 1.0, "a")]))

    def reset(self) -> None:
        """Forgets the voice and the noise of the stream before."""
        if self._inside:
            self.end()
        self.decoder.reinit_feat()

    def begin(self) -> None:
        self.decoder.start_utt()
        self._inside = True

    def end(self) -> None:
        self.decoder.end_utt()
        self._inside = False

    def seed_mean(self, pcm: bytes) -> bool:
        """Sets the cepstral mean to that of this audio. False when it is too quiet to have one."""
        decoder = self.decoder
        decoder.activate_search("mean")
        decoder.start_utt()
        decoder.process_raw(pcm, no_search=True, full_utt=True)
        decoder.end_utt()
        decoder.activate_search()
        mean = decoder.get_cmn()
        decoder.reinit_feat()
        if "nan" in mean:
            return False
        decoder.set_cmn(mean)
        return True


class LiveStream:
    """Utterance after utterance of one session."""

    def __init__(self, live: LiveDecoder) -> None:
        live.reset()
        self._live = live
        self._seeded = False
        self._start_time: float | None = None
        """Of the open utterance; None between utterances."""
        self._samples = 0
        """Heard of it."""
        self._pending = b""
        """Audio that waits until the prefix, later a block, is complete."""
        self._words: tuple[Word, ...] = ()

    def accept(self, audio: AudioChunk) -> tuple[Word, ...]:
        if self._start_time is None:
            self._start_time = audio.start_time
            if self._seeded:
                self._live.begin()
        self._samples += audio.samples
        self._pending += audio.pcm
        if not self._seeded and len(self._pending) >= _PREFIX:
            self._live.seed_mean(self._pending[:_PREFIX])
            self._seeded = True
            self._live.begin()
        if self._seeded and self._decode_blocks():
            self._words = self._hypothesis(self._start_time)
        return self._words

    def _decode_blocks(self) -> bool:
        """Decodes the complete blocks. False when there was none."""
        whole = len(self._pending) // _BLOCK * _BLOCK
        for first in range(0, whole, _BLOCK):
            self._live.decoder.process_raw(self._pending[first : first + _BLOCK])
        self._pending = self._pending[whole:]
        return whole > 0

    def finish(self) -> tuple[Word, ...]:
        if self._start_time is None:
            return ()
        if not self._seeded:
            self._live.begin()
        if self._pending:
            # Shorter than the prefix, an utterance is decoded as a whole, with the mean of its own.
            self._live.decoder.process_raw(self._pending, full_utt=not self._seeded)
        self._live.end()
        words = self._hypothesis(self._start_time)
        self._start_time, self._samples, self._pending, self._words = None, 0, b"", ()
        return words

    def _hypothesis(self, start_time: float) -> tuple[Word, ...]:
        return words_of(self._live.decoder, start_time, start_time + self._samples / SPEECH_RATE)
