"""Alignment with PocketSphinx and the American English model of its wheel, in child processes as its recogniser.

What is known of one text is a decoder of its own, 0.4 s and 100 MB; the last one is kept, since the utterances of one
recording come one after another.
"""

from collections.abc import Mapping, Sequence

from dragoman.core.audio import SPEECH_RATE, AudioChunk
from dragoman.core.transcript import Word
from dragoman.engines.adapters import pocketsphinx
from dragoman.engines.adapters.pocketsphinx_decoder import UtteranceDecoder
from dragoman.engines.adapters.pocketsphinx_lexicon import MOST_LEARNT
from dragoman.engines.adapters.pocketsphinx_text import PlacingDecoder, text_decoder
from dragoman.engines.alignment import Aligner, AlignerInfo, Span

_LONGEST = 60.0
"""Seconds; the search keeps every frame in memory."""

_FASTEST = 0.036
_FASTEST_OF_LONG = 0.045
"""Seconds of a phone, on average, in a word of up to three phones, and in a longer one. A word that is not said is
squeezed into as little as there can be, 0.03: of words that are said 3 in 100 are faster, of others 7 in 10."""
_SHORT = 3
"""Phones"""

_ROUNDS = 3
"""Times that words are placed, each without those that were squeezed before."""


def describe(model: str | None = None) -> AlignerInfo:
    recognizer = pocketsphinx.describe(model)
    return AlignerInfo(
        name=recognizer.name,
        version=recognizer.version,
        licence=recognizer.licence,
        runs_in=recognizer.runs_in,
        languages=recognizer.languages,
        sample_rate=SPEECH_RATE,
        longest=_LONGEST,
    )


def load(model: str | None = None) -> Aligner:
    describe(model)
    return PocketsphinxAligner()


class PocketsphinxAligner:
    def __init__(self) -> None:
        self._text: str | None = None
        self._hearing: UtteranceDecoder | None = None
        """Of that text."""
        self._placing: PlacingDecoder | None = None

    def hear(self, audio: AudioChunk, text: str, language: str) -> tuple[Word, ...]:  # noqa: ARG002  there is one
        if self._hearing is None or text != self._text:
            self._hearing = None  # before the next is loaded: two would be in memory at once
            self._hearing, self._text = text_decoder(text), text
        self._hearing.decode(audio.pcm)
        return self._hearing.words(audio.start_time, audio.end_time)

    def align(
        self,
        audio: AudioChunk,
        words: Sequence[str],
        language: str,  # noqa: ARG002  as above
    ) -> tuple[Span | None, ...]:
        if self._placing is None or self._placing.lexicon.learnt >= MOST_LEARNT:
            self._placing = PlacingDecoder()
        lexicon = self._placing.lexicon
        lexicon.learn(words)
        named = {place: name for place, word in enumerate(words) if (name := lexicon.name(word)) is not None}
        found: dict[int, Span] = {}
        if audio.pcm and audio.duration <= _LONGEST:
            found = _said(self._placing, audio.pcm, named)
        return tuple(_moved(found.get(place), audio) for place in range(len(words)))


def _said(decoder: PlacingDecoder, pcm: bytes, named: Mapping[int, str]) -> dict[int, Span]:
    """Where those of the words are that are said. Those that are not make the others be misplaced, so these are placed
    again without them."""
    for _ in range(_ROUNDS):
        spans = decoder.place(pcm, list(named.values())) if named else []
        if len(spans) < len(named):
            break
        found = dict(zip(named, spans, strict=True))
        squeezed = {place for place, span in found.items() if _is_squeezed(span, decoder.lexicon.phones(named[place]))}
        if not squeezed:
            return found
        named = {place: name for place, name in named.items() if place not in squeezed}
    return {}


def _is_squeezed(span: Span, phones: int) -> bool:
    return span[1] - span[0] < phones * (_FASTEST if phones <= _SHORT else _FASTEST_OF_LONG)


def _moved(span: Span | None, audio: AudioChunk) -> Span | None:
    """On the time line of the source."""
    if span is None:
        return None
    return audio.start_time + span[0], min(audio.start_time + span[1], audio.end_time)
