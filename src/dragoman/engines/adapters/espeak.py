"""espeak-ng: formant synthesis of more than a hundred languages. Sounds like a machine, and speaks at once.

The library works in children of its own (see :mod:`espeak_child`), one for each sentence being spoken at a moment,
since a slow listener may leave a sentence half heard for as long as it likes. First audio takes a millisecond or two,
a second of speech about one. espeak puts 5 to 120 ms of silence before a sentence, mostly the closure of its first
consonant, and at most 70 ms behind it, so nothing is trimmed.
"""

import json
import struct
import sys
import threading
import unicodedata
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from dragoman.core.audio import AudioChunk
from dragoman.core.errors import EngineFailed, EngineUnavailable, InvalidOption
from dragoman.engines.adapters.espeak_voices import listed_voices
from dragoman.engines.programs import ProgramChain
from dragoman.engines.tts import SpeechChunk, SpokenWord, SynthesizerInfo, Voice

SAMPLE_RATE = 22_050

_MAX_RATE = 2.5
_WORDS_PER_MINUTE = 175
"""espeak's own pace. At 2.5 times it, 437, speech is still synthesized fast; from 450 on it is compressed."""

_COMMAND = (sys.executable, "-I", "-S", str(Path(__file__).with_name("espeak_child.py")))
_INSTALL = "apt-get install espeak-ng libespeak-ng1"
_FRAME = struct.Struct(">cI")
_KEPT = 2
"""Children kept for the next sentence; 34 MB each, most of it shared."""

_UNSPEAKABLE = {"Cc", "Cs", "Cn"}
"""Unicode categories: control characters (espeak takes some for commands), half characters, unassigned ones."""


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
    )


def load(model: str | None = None) -> "Espeak":  # noqa: ARG001  as above
    return Espeak(_catalogue().identifiers)


class Espeak:
    """May be called from several threads."""

    def __init__(self, identifiers: Mapping[str, str], *, silence_limit: float = 20.0) -> None:
        """``identifiers``: espeak's name for each voice. ``silence_limit``: seconds without a sign of life after which
        a child is taken for hung."""
        self._identifiers = identifiers
        self._silence_limit = silence_limit
        self._idle: list[ProgramChain] = []
        self._prepared: set[str] = set()
        self._lock = threading.Lock()

    def prepare(self, voice: str) -> None:
        with self._lock:
            if voice in self._prepared and any(child.running for child in self._idle):
                return  # its files have been read, and somebody waits to speak
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
        text = _clean(text)
        request = {
            "text": text,
            "voice": self._identifiers[voice],
            "words_per_minute": round(rate * _WORDS_PER_MINUTE),
        }
        return self._spoken(text, request) if text else iter(())

    def close(self) -> None:
        """Ends the children. A later call starts a new one."""
        with self._lock:
            idle, self._idle = self._idle, []
        for child in idle:
            child.close()

    def _spoken(self, text: str, request: Mapping[str, object]) -> Iterator[SpeechChunk]:
        with closing(self._frames(request)) as frames:  # also when the listener goes away
            yield from _chunks(frames, text)

    def _frames(self, request: Mapping[str, object]) -> Generator[tuple[bytes, bytes], None, None]:
        child = self._take()
        try:
            yield from _ask(child, request)
        except BaseException:
            child.close()  # it died, or the listener went away in the middle of its answer
            raise
        self._give_back(child)

    def _take(self) -> ProgramChain:
        with self._lock:
            while self._idle:
                child = self._idle.pop()
                if child.running:
                    return child
                child.close()
        return _start(self._silence_limit)

    def _give_back(self, child: ProgramChain) -> None:
        with self._lock:
            if len(self._idle) < _KEPT:
                self._idle.append(child)
                return
        child.close()


def pronunciations(words: Sequence[str], voice: str) -> list[str]:
    """How espeak says each of the words, in the International Phonetic Alphabet; takes 50 ms and a sixth of one each.
    ``voice`` is an identifier of espeak's. Raises :class:`EngineUnavailable` without espeak-ng."""
    child = _start(silence_limit=20.0)
    try:
        frames = _ask(child, {"words": [_clean(word) for word in words], "voice": voice})
        return [str(word) for kind, payload in frames if kind == b"P" for word in json.loads(payload)]
    except EngineFailed as error:
        raise EngineUnavailable(error.message, remedy=_INSTALL) from error
    finally:
        child.close()


@dataclass(frozen=True, slots=True)
class _Catalogue:
    version: str
    voices: tuple[Voice, ...]
    identifiers: Mapping[str, str]
    """espeak's identifier of each voice name."""


@cache
def _catalogue() -> _Catalogue:
    """Asks a child once; it takes some 50 ms."""
    child = _start(silence_limit=20.0)
    try:
        answer = json.loads(b"".join(payload for kind, payload in _ask(child, {}) if kind == b"V"))
    except EngineFailed as error:
        raise EngineUnavailable(error.message, remedy=_INSTALL) from error
    finally:
        child.close()
    identifiers, voices = listed_voices(answer["voices"])
    return _Catalogue(answer["version"], voices, identifiers)


def _start(silence_limit: float) -> ProgramChain:
    return ProgramChain("espeak-ng", [_COMMAND], silence_limit=silence_limit)


def _ask(child: ProgramChain, request: Mapping[str, object]) -> Iterator[tuple[bytes, bytes]]:
    """Yields the frames (kind, payload) of one answer; see :mod:`espeak_child`."""
    body = json.dumps(request).encode()
    received = bytearray()
    for data in child.exchange(struct.pack(">I", len(body)) + body):
        received += data
        while len(received) >= _FRAME.size:
            kind, length = _FRAME.unpack_from(received)
            end = _FRAME.size + length
            if len(received) < end:
                break
            payload = bytes(received[_FRAME.size : end])
            del received[:end]
            if kind == b"X":
                raise EngineFailed(payload.decode())
            if kind == b"E":
                return
            yield kind, payload


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


def _clean(text: str) -> str:
    """One line, without what espeak would not read as text."""
    return " ".join("".join(" " if unicodedata.category(letter) in _UNSPEAKABLE else letter for letter in text).split())
