"""Live recognition with PocketSphinx.

What matters most is the cepstral mean that is subtracted from the features: with the decoder's built-in guess half of
the words are wrong. So the first second is held back, its mean measured, and only then is decoding begun; half of it
where words are wanted sooner. From there on every block moves the mean, through all utterances of the stream.
"""

from dragoman.core.audio import SAMPLE_WIDTH, SPEECH_RATE, AudioChunk
from dragoman.core.transcript import Word
from dragoman.engines.adapters.pocketsphinx_decoder import UtteranceDecoder

_PREFIX = 1.0
"""Seconds that the mean is first measured over. Twice as much gains 2 points of WER."""

_LEAST_PREFIX = 0.5
"""Where words may not wait for much more than a second: with the whole of it those that it holds back would be late.
Costs a point of WER on recordings of 13 s, and nothing later on: docs/decisions/0012-final-in-passing.md."""

_BLOCK = SPEECH_RATE // 50 * SAMPLE_WIDTH
"""Bytes decoded at a time: 20 ms. The mean moves after each, so their size is ours and not that of the chunks."""


class LiveStream:
    """Utterance after utterance of one session."""

    def __init__(self, decoder: UtteranceDecoder, max_delay: float | None = None) -> None:
        decoder.reset()
        seconds = _PREFIX if max_delay is None else min(_PREFIX, max(_LEAST_PREFIX, max_delay / 2))
        self._step = round(seconds * SPEECH_RATE) * SAMPLE_WIDTH
        """Bytes that the mean is first measured over."""
        self._decoder = decoder
        self._seeded = False
        self._prefix = self._step
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
                self._decoder.begin()
        self._samples += audio.samples
        self._pending += audio.pcm
        if not self._seeded:
            self._seed()
        if self._seeded and self._decode_blocks():
            self._words = self._hypothesis(self._start_time)
        return self._words

    def finish(self) -> tuple[Word, ...]:
        if self._start_time is None:
            return ()
        if self._seeded:
            self._decoder.feed(self._pending)
            words = self._hypothesis(self._start_time)
            self._decoder.end()
        else:  # too short for the prefix: normalised by a mean of its own
            words = ()
            self._decoder.decode(self._pending)
        if self._decoder.has_result:
            words = self._hypothesis(self._start_time)
        self._start_time, self._samples, self._pending, self._words = None, 0, b"", ()
        self._prefix = self._step
        return words

    def close(self) -> None:
        """Resets the decoder, which takes 5 to 30 ms, for the next stream now that nobody waits."""
        self._decoder.reset()

    def _seed(self) -> None:
        """Measures the mean over the first piece that is not too quiet to have one."""
        while not self._seeded and len(self._pending) >= self._prefix:
            self._seeded = self._decoder.seed_mean(self._pending[self._prefix - self._step : self._prefix])
            self._prefix += self._step
        if self._seeded:
            self._decoder.begin()

    def _decode_blocks(self) -> bool:
        """Decodes the complete blocks. False when there was none."""
        whole = len(self._pending) // _BLOCK * _BLOCK
        for first in range(0, whole, _BLOCK):
            self._decoder.feed(self._pending[first : first + _BLOCK])
        self._pending = self._pending[whole:]
        return whole > 0

    def _hypothesis(self, start_time: float) -> tuple[Word, ...]:
        return self._decoder.words(start_time, start_time + self._samples / SPEECH_RATE)
