"""The Realtime Translator contract as data: payloads in, requests out; session events in, wire events out.

No I/O and no waiting; the normative page is docs/protocols/realtime-translator.md. One :class:`Conversation` belongs
to one connection, which runs one session at a time and any number one after another.
"""

import binascii
import reprlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import assert_never

import pybase64

from dragoman.core.audio import SAMPLE_WIDTH, AudioChunk
from dragoman.core.capabilities import Capabilities
from dragoman.core.errors import DragomanError, InsufficientTokens, InvalidMessage, SenderTooFast, UnknownLanguage
from dragoman.core.events import (
    EndOfUtterance,
    Event,
    FinalTranscript,
    FinalTranslation,
    Notice,
    PartialTranscript,
    PartialTranslation,
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
    TimeShort,
    Trouble,
)
from dragoman.protocols.outward import outward
from dragoman.protocols.socketio.pace import Pace
from dragoman.text.writing import sentence_delimiter

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
    NEW = auto()
    STARTING = auto()
    LISTENING = auto()
    ENDING = auto()
    ENDED = auto()
    """A session was here; audio that is still on its way is late, not wrong."""


_IDLE = (_State.NEW, _State.ENDED)


class Conversation:
    """Where one connection stands."""

    def __init__(self, capabilities: Capabilities) -> None:
        self._sources = sorted({heard.language for heard in capabilities.heard if heard.streaming})
        self._targets = sorted({pair.target for pair in capabilities.translated} | set(self._sources))
        self._begin(0.0)
        self._state = _State.NEW

    @property
    def in_session(self) -> bool:
        """Whether a session has started whose end the client has not been told."""
        return self._state not in _IDLE

    def _begin(self, now: float) -> None:
        """A new session on this connection."""
        self._state = _State.STARTING
        self._pace = Pace(now)
        self._remainder = b""
        self._samples = 0
        self._held = 0
        self._begun: set[str] = set()
        """Names of the events that have brought text."""

    def start(self, payload: object, now: float) -> Start:
        """``translation_start``. Raises when a session runs already or the payload is not understood.

        ``now`` is seconds on a monotonic clock, here and in :meth:`audio`.
        """
        if self.in_session:
            raise InvalidMessage("A session is already running", remedy="Send translation_stop before another start")
        if not isinstance(payload, Mapping):
            raise InvalidMessage("translation_start needs an object", remedy='Send {"targetLanguage": "es"}')
        target = _language(payload, "targetLanguage", self._targets)
        if target is None:
            raise InvalidMessage("targetLanguage is missing", remedy=f"Possible: {', '.join(self._targets)}")
        start = Start(
            target=target,
            source=_language(payload, "sourceLanguage", self._sources),
            voice=_text(payload, "voice"),
            speed=_speed(payload.get("speed")),
            partials=_flag(payload, "partials"),
        )
        self._begin(now)
        return start

    def audio(self, payload: object, now: float) -> AudioChunk | None:
        """``audio_chunk``. None while there is not yet a whole sample, or after the stop, or when it has no room, which
        is raised once."""
        match self._state:
            case _State.NEW:
                raise InvalidMessage("There is no session", remedy="Send translation_start first")
            case _State.ENDING | _State.ENDED:
                return None
        data = self._remainder + _pcm(payload)
        whole = len(data) - len(data) % SAMPLE_WIDTH
        self._remainder = data[whole:]
        if not whole or not self._has_room(whole, now):
            return None
        chunk = AudioChunk(data[:whole], INPUT_RATE, self._samples / INPUT_RATE)
        self._samples += chunk.samples
        return chunk

    def _has_room(self, size: int, now: float) -> bool:
        """For audio that comes before it may, or faster than time. Raises for the first that finds none; the rest is
        dropped."""
        if self._state is _State.STARTING:
            had_room = self._held <= _HELD_BEFORE_READY
            self._held += size
            if self._held > _HELD_BEFORE_READY:
                if had_room:
                    raise InvalidMessage("Too much audio before ready_for_audio", remedy="Wait for ready_for_audio")
                return False
        overrun = self._pace.overrun
        if self._pace.allows(size / SAMPLE_WIDTH / INPUT_RATE, now):
            return True
        if not overrun:
            raise SenderTooFast("Audio came faster than time goes; some was lost", remedy="Send in real time")
        return False

    def stop(self) -> bool:
        """``translation_stop``; False when the session is ending already. Raises without a session."""
        if not self.in_session:
            raise InvalidMessage("There is no session to stop", remedy="Send translation_start first")
        is_first = self._state is not _State.ENDING
        self._state = _State.ENDING
        return is_first

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
                self._state = _State.ENDED
                yield refusal(error)
            case Trouble(error):
                yield error_event(error)
            case TimeShort():
                pass  # its limits bring no warnings
            case Exhausted():
                yield insufficient_tokens("Your token balance is used up")
            case Closed(reason, seconds, tokens):
                self._state = _State.ENDED
                yield WireEvent("translation_closed", {"reason": reason, "seconds": seconds, "tokens": tokens})
            case _:
                yield from self._encode_run(event)

    def _encode_run(self, event: Event) -> Iterator[WireEvent]:
        match event:
            case FinalTranscript(sentence):
                yield from self._appended("input_transcript", sentence.text, sentence.language)
            case FinalTranslation(translation):
                yield from self._appended("output_transcript", translation.content, translation.language)
            case SynthesizedAudio(_, audio):
                yield WireEvent("output_audio", {"delta": pybase64.b64encode_as_string(audio.pcm)})
            case PartialTranscript(words):
                yield WireEvent("input_partial", {"text": join_items(words)})
            case Notice(code, message):
                yield WireEvent("translation_error", {"message": message, "code": code, "retryable": True})
            case RunStarted() | PartialTranslation() | EndOfUtterance() | SentenceSpoken() | Progress() | RunEnded():
                pass
            case _:
                assert_never(event)

    def _appended(self, name: str, text: str, language: str) -> Iterator[WireEvent]:
        """Clients append deltas as they are, so each but the first brings its own separator."""
        if text:
            delta = f"{sentence_delimiter(language)}{text}" if name in self._begun else text
            self._begun.add(name)
            yield WireEvent(name, {"delta": delta})


def error_event(error: DragomanError) -> WireEvent:
    message = str(outward(error))
    return WireEvent("translation_error", {"message": message, "code": error.code, "retryable": error.retryable})


def refusal(error: DragomanError) -> WireEvent:
    """Why a session did not start."""
    return insufficient_tokens(str(error)) if isinstance(error, InsufficientTokens) else error_event(error)


def insufficient_tokens(message: str) -> WireEvent:
    return WireEvent("insufficient_tokens", {"message": message, "remainingTokens": 0})


def _language(payload: Mapping[str, object], name: str, possible: list[str]) -> str | None:
    tag = _text(payload, name)
    try:
        return canonical(tag) if tag else None
    except UnknownLanguage as error:
        raise UnknownLanguage(f"{name}: {error.message}", remedy=f"Possible: {', '.join(possible)}") from error


def _text(payload: Mapping[str, object], name: str) -> str | None:
    value = payload.get(name)
    if value is not None and not isinstance(value, str):
        raise InvalidMessage(f"{name} must be a text, not {reprlib.repr(value)}")
    return value


def _flag(payload: Mapping[str, object], name: str) -> bool:
    value = payload.get(name)
    if value is not None and not isinstance(value, bool):
        raise InvalidMessage(f"{name} must be true or false, not {reprlib.repr(value)}")
    return bool(value)


def _speed(value: object) -> float:
    if value is None:
        return 1.0
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0.5 <= value <= 2.0:
        raise InvalidMessage(
            f"speed must be a number from 0.5 to 2, not {reprlib.repr(value)}", remedy="Leave it out for 1"
        )
    return float(value)


def _pcm(payload: object) -> bytes:
    data = payload.get("audioData") if isinstance(payload, Mapping) else None
    if isinstance(data, str):
        try:
            data = pybase64.b64decode(data, validate=True)
        except (binascii.Error, ValueError) as error:
            raise InvalidMessage(f"audioData is not base64: {error}", remedy="Send PCM16 as base64") from error
    if not isinstance(data, bytes):
        raise InvalidMessage("audioData is missing", remedy='Send {"audioData": "<base64 of PCM16, 24 kHz, mono>"}')
    if len(data) > MAX_CHUNK:
        raise InvalidMessage(f"audioData holds {len(data)} bytes", remedy=f"Send at most {MAX_CHUNK} at a time")
    return data
