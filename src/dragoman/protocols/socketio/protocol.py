"""The Realtime Translator contract as data: payloads in, requests out; session events in, wire events out.

No I/O and no waiting; the normative page is docs/protocols/realtime-translator.md. One :class:`Conversation` belongs
to one connection, which runs one session at a time and any number one after another.
"""

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import assert_never

from dragoman.core.audio import SAMPLE_WIDTH, AudioChunk
from dragoman.core.errors import DragomanError, InsufficientTokens, InvalidMessage
from dragoman.core.events import (
    EndOfUtterance,
    Event,
    FinalTranscript,
    FinalTranslation,
    Notice,
    PartialTranscript,
    Progress,
    RunEnded,
    RunStarted,
    SentenceSpoken,
    SynthesizedAudio,
)
from dragoman.core.language import canonical
from dragoman.core.transcript import join_items
from dragoman.live.events import (
    Attached,
    Closed,
    Exhausted,
    Initializing,
    Listening,
    Refused,
    SessionEvent,
    Trouble,
)
from dragoman.text.writing import word_delimiter

NAMESPACE = "/api/realtime-translator"
INPUT_RATE = 24_000
"""Hertz of the PCM16 that clients send."""

MAX_CHUNK = 1 << 20
"""Bytes of audio in one ``audio_chunk``; 22 seconds."""

_HELD_BEFORE_READY = 10 * INPUT_RATE * SAMPLE_WIDTH
"""Bytes of audio held for a client that does not wait for ``ready_for_audio``."""


@dataclass(frozen=True, slots=True)
class Start:
    """What ``translation_start`` asks for; languages are canonical."""

    target: str
    source: str | None
    voice: str | None
    speed: float
    partials: bool


@dataclass(frozen=True, slots=True)
class WireEvent:
    """One event for the client."""

    name: str
    payload: dict[str, object] | None = None


class _State(Enum):
    IDLE = auto()
    STARTING = auto()
    LISTENING = auto()
    ENDING = auto()


class Conversation:
    """Where one connection stands."""

    def __init__(self) -> None:
        self._begin()
        self._state = _State.IDLE

    def _begin(self) -> None:
        """A new session on this connection."""
        self._state = _State.STARTING
        self._remainder = b""
        self._samples = 0
        self._held = 0
        self._transcript_begun = False
        self._translation_begun = False

    def start(self, payload: object) -> Start:
        """``translation_start``. Raises when a session runs already or the payload is not understood."""
        if self._state is not _State.IDLE:
            raise InvalidMessage("A session is already running", remedy="Send translation_stop before another start")
        if not isinstance(payload, Mapping):
            raise InvalidMessage("translation_start needs an object", remedy='Send {"targetLanguage": "es"}')
        start = Start(
            target=canonical(_text(payload, "targetLanguage", required=True) or ""),
            source=canonical(source) if (source := _text(payload, "sourceLanguage")) else None,
            voice=_text(payload, "voice"),
            speed=_speed(payload.get("speed")),
            partials=payload.get("partials") is True,
        )
        self._begin()
        return start

    def audio(self, payload: object) -> AudioChunk | None:
        """``audio_chunk``. None while there is not yet a whole sample, or after the stop."""
        match self._state:
            case _State.IDLE:
                raise InvalidMessage("There is no session", remedy="Send translation_start first")
            case _State.ENDING:
                return None
        pcm = _pcm(payload)
        if self._state is _State.STARTING:
            self._held += len(pcm)
            if self._held > _HELD_BEFORE_READY:
                raise InvalidMessage("Too much audio before ready_for_audio", remedy="Wait for ready_for_audio")
        data = self._remainder + pcm
        whole = len(data) - len(data) % SAMPLE_WIDTH
        self._remainder = data[whole:]
        if not whole:
            return None
        chunk = AudioChunk(data[:whole], INPUT_RATE, self._samples / INPUT_RATE)
        self._samples += chunk.samples
        return chunk

    def stop(self) -> None:
        """``translation_stop``. Raises without a session; a second stop says nothing new."""
        if self._state is _State.IDLE:
            raise InvalidMessage("There is no session to stop", remedy="Send translation_start first")
        self._state = _State.ENDING

    def encode(self, event: SessionEvent) -> Iterator[WireEvent]:
        """What the client hears of a session event, and what the event means for the conversation."""
        match event:
            case Initializing():
                yield WireEvent("session_initializing")
            case Attached(source, targets, engines, spoken):
                languages = {"sourceLanguage": source, "targetLanguage": targets[0], "speech": bool(spoken)}
                yield WireEvent("translation_ready", {**languages, "engines": list(engines)})
            case Listening():
                if self._state is _State.STARTING:
                    self._state = _State.LISTENING
                yield WireEvent("ready_for_audio")
            case Refused(error):
                self._state = _State.IDLE
                yield refusal(error)
            case Trouble(error):
                yield error_event(error)
            case Exhausted():
                yield insufficient_tokens("Your token balance is used up")
            case Closed(reason, seconds, tokens):
                self._state = _State.IDLE
                yield WireEvent("translation_closed", {"reason": reason, "seconds": seconds, "tokens": tokens})
            case _:
                yield from self._encode_run(event)

    def _encode_run(self, event: Event) -> Iterator[WireEvent]:
        match event:
            case FinalTranscript(sentence):
                delta = self._spaced(sentence.text, sentence.delimiter, begun=self._transcript_begun)
                self._transcript_begun = True
                yield WireEvent("input_transcript", {"delta": delta})
            case FinalTranslation(translation):
                delta = self._spaced(
                    translation.content, word_delimiter(translation.language), begun=self._translation_begun
                )
                self._translation_begun = True
                yield WireEvent("output_transcript", {"delta": delta})
            case SynthesizedAudio(_, audio):
                yield WireEvent("output_audio", {"delta": base64.b64encode(audio.pcm).decode("ascii")})
            case PartialTranscript(words):
                yield WireEvent("input_partial", {"text": join_items(words)})
            case Notice(code, message):
                yield WireEvent("translation_error", {"message": message, "code": code, "retryable": True})
            case RunStarted() | EndOfUtterance() | SentenceSpoken() | Progress() | RunEnded():
                pass
            case _:
                assert_never(event)

    @staticmethod
    def _spaced(text: str, delimiter: str, *, begun: bool) -> str:
        """Deltas are appended as they are, so each but the first brings its own separator."""
        return f"{delimiter}{text}" if begun else text


def error_event(error: DragomanError) -> WireEvent:
    return WireEvent("translation_error", {"message": str(error), "code": error.code, "retryable": error.retryable})


def refusal(error: DragomanError) -> WireEvent:
    """Why a session did not start."""
    return insufficient_tokens(str(error)) if isinstance(error, InsufficientTokens) else error_event(error)


def insufficient_tokens(message: str) -> WireEvent:
    return WireEvent("insufficient_tokens", {"message": message, "remainingTokens": 0})


def _text(payload: Mapping[str, object], name: str, *, required: bool = False) -> str | None:
    value = payload.get(name)
    if value is None and not required:
        return None
    if not isinstance(value, str):
        raise InvalidMessage(f"{name} must be a text, not {value!r:.80}", remedy=f'Send {{"{name}": "es"}}')
    return value


def _speed(value: object) -> float:
    if value is None:
        return 1.0
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0.5 <= value <= 2.0:
        raise InvalidMessage(f"speed must be a number from 0.5 to 2, not {value!r:.80}", remedy="Leave it out for 1")
    return float(value)


def _pcm(payload: object) -> bytes:
    data = payload.get("audioData") if isinstance(payload, Mapping) else None
    if isinstance(data, str):
        try:
            data = base64.b64decode(data, validate=True)
        except (binascii.Error, ValueError) as error:
            raise InvalidMessage(f"audioData is not base64: {error}", remedy="Send PCM16 as base64") from error
    if not isinstance(data, bytes):
        raise InvalidMessage("audioData is missing", remedy='Send {"audioData": "<base64 of PCM16, 24 kHz, mono>"}')
    if len(data) > MAX_CHUNK:
        raise InvalidMessage(f"audioData holds {len(data)} bytes", remedy=f"Send at most {MAX_CHUNK} at a time")
    return data
