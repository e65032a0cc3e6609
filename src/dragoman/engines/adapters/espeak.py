"""espeak-ng: formant synthesis of more than a hundred languages. Sounds like a machine, and speaks at once.

The library works in children of its own (see :mod:`espeak_child`), one for each sentence being spoken at a moment,
since a slow listener may leave a sentence half heard for as long as it likes. First audio takes a millisecond or two,
a second of speech about one. espeak puts 5 to 120 ms of silence before a sentence, mostly the closure of its first
consonant, and at most 70 ms behind it, so nothing is trimmed.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache

from dragoman.core.audio import AudioChunk
from dragoman.core.errors import EngineFailed, EngineUnavailable, InvalidOption
from dragoman.core.quality import Figure
from dragoman.engines.adapters.espeak_children import INSTALL, EspeakChildren
from dragoman.engines.adapters.espeak_voices import identifiers_by_tag, listed_voices
from dragoman.engines.adapters.spoken_text import one_line
from dragoman.engines.tts import SpeechChunk, SpokenWord, SynthesizerInfo, Voice

SAMPLE_RATE = 22_050

_MAX_RATE = 2.5
_WORDS_PER_MINUTE = 175
"""espeak's own pace. At 2.5 times it, 437, speech is still synthesized fast; from 450 on it is compressed."""

_FIGURES = {
    language: Figure("WER", share, f"{what}, heard by Whisper base")
    for language, share, what in (
        ("en", 0.172, "30 transcripts"),
        ("de", 0.569, "12 lines of NTREX-128"),
        ("es", 0.519, "12 lines of NTREX-128"),
        ("fr", 1.288, "12 lines of NTREX-128"),
        ("it", 0.460, "12 lines of NTREX-128"),
        ("pt", 1.467, "12 lines of NTREX-128"),
    )
}


def describe(model: str | None = None) -> SynthesizerInfo:  # noqa: ARG001  there is one
    catalogue = _catalogue()
    return SynthesizerInfo(
        name="espeak",
        version=catalogue.version,
        licence="GPL-3.0-or-later",
        runs_in="program",
        voices=catalogue.voices,
        sample_rate=SAMPLE_RATE,
        max_rate=_MAX_RATE,
        figures=_FIGURES,
    )


def load(model: str | None = None) -> "Espeak":  # noqa: ARG001  as above
    return Espeak(_catalogue().identifiers)


class Espeak:
    """May be called from several threads."""

    def __init__(self, identifiers: Mapping[str, str], *, silence_limit: float = 20.0) -> None:
        """``identifiers``: espeak's name for each voice. ``silence_limit``: seconds without a sign of life after which
        a child counts as hung."""
        self._identifiers = identifiers
        self._children = EspeakChildren(silence_limit=silence_limit)
        self._prepared: set[str] = set()

    def prepare(self, voice: str) -> None:
        if voice in self._prepared and self._children.ready:
            return  # its files have been read, and a child waits to speak
        for _ in self.synthesize("a", voice):
            pass
        self._prepared.add(voice)

    def synthesize(self, text: str, voice: str, rate: float = 1.0) -> Iterator[SpeechChunk]:
        if voice not in self._identifiers:
            raise InvalidOption(f"espeak-ng has no voice {voice!r}", remedy="`dragoman engines` lists its voices")
        if not 0 < rate <= _MAX_RATE:
            raise InvalidOption(
                f"espeak-ng cannot speak at rate {rate:g}", remedy=f"Use more than 0, up to {_MAX_RATE}"
            )
        text = one_line(text)
        request = {
            "text": text,
            "voice": self._identifiers[voice],
            "words_per_minute": round(rate * _WORDS_PER_MINUTE),
        }
        return self._spoken(text, request) if text else iter(())

    def close(self) -> None:
        """End the children. A later call starts a new one."""
        self._children.close()

    def _spoken(self, text: str, request: Mapping[str, object]) -> Iterator[SpeechChunk]:
        with closing(self._children.ask(request)) as frames:  # also when the listener goes away
            yield from _chunks(frames, text)


def pronunciations(words: Sequence[str], voice: str) -> list[str]:
    """Pronunciation of each word by espeak's rules, in the International Phonetic Alphabet; takes 50 ms and a sixth of
    one each. ``voice`` is an identifier of espeak's. Raises :class:`EngineUnavailable` without espeak-ng."""
    with closing(EspeakChildren()) as children:
        try:
            return phonemes(children, words, voice)
        except EngineFailed as error:
            raise EngineUnavailable(error.message, remedy=INSTALL) from error


def phonemes(children: EspeakChildren, texts: Sequence[str], voice: str, *, tie: str = "") -> list[str]:
    """Each text in the International Phonetic Alphabet; ``tie`` joins the letters of one sound (``t^ʃ``)."""
    request = {"words": [one_line(text) for text in texts], "voice": voice, "tie": tie}
    return [str(each) for kind, payload in children.ask(request) if kind == b"P" for each in json.loads(payload)]


def identifiers() -> Mapping[str, str]:
    """Identifiers of espeak's voices by the language tags that it lists, in lower case (``en-us``). Raises
    :class:`EngineUnavailable` without espeak-ng."""
    return _catalogue().by_tag


@dataclass(frozen=True, slots=True)
class _Catalogue:
    version: str
    voices: tuple[Voice, ...]
    by_tag: Mapping[str, str]
    """Identifiers by the language tags that espeak lists."""
    identifiers: Mapping[str, str]
    """Identifiers by the names of the voices here."""


@cache
def _catalogue() -> _Catalogue:
    """Asks a child once; it takes some 50 ms."""
    with closing(EspeakChildren()) as children:
        try:
            answer = json.loads(b"".join(payload for kind, payload in children.ask({}) if kind == b"V"))
        except EngineFailed as error:
            raise EngineUnavailable(error.message, remedy=INSTALL) from error
    identifiers, voices = listed_voices(answer["voices"])
    return _Catalogue(answer["version"], voices, identifiers_by_tag(answer["voices"]), identifiers)


def _chunks(frames: Iterator[tuple[bytes, bytes]], text: str) -> Iterator[SpeechChunk]:
    samples = 0
    ahead: list[SpokenWord] = []  # announced, and beginning in audio that has not come yet
    heard = 0  # characters of the text; espeak tells a number part by part, all at the place of the number
    for kind, payload in frames:
        if kind == b"W":
            for first, length, sample in json.loads(payload):
                if first >= heard:
                    ahead.append(SpokenWord(text[first : first + length], sample / SAMPLE_RATE))
                    heard = first + length
        else:
            audio = AudioChunk(payload, SAMPLE_RATE, samples / SAMPLE_RATE)
            samples += audio.samples
            begun = tuple(word for word in ahead if word.start_time < audio.end_time)
            ahead = ahead[len(begun) :]
            yield SpeechChunk(audio, begun)
