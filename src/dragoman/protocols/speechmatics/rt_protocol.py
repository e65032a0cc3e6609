"""The realtime conversation: the client's frames to what is to be done, session events to messages.

Pure: no await, no I/O. A frame that is not understood gets an Error, which ends the session, or a Warning, after which
it goes on; never silence. Nothing is said after an Error or EndOfTranscript.
"""

import reprlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum, auto
from typing import Any

from dragoman.core.capabilities import Capabilities
from dragoman.core.controls import EndOfChannel, ForceEndOfUtterance
from dragoman.core.errors import DragomanError, InternalError
from dragoman.live.events import (
    Attached,
    Closed,
    CloseReason,
    Exhausted,
    Initializing,
    Listening,
    Refused,
    SessionEvent,
    TimeShort,
    Trouble,
)
from dragoman.live.inbox import Stop
from dragoman.protocols.speechmatics import rt_messages as messages
from dragoman.protocols.speechmatics.config import read
from dragoman.protocols.speechmatics.errors import CLOSE_CODES, WireError, wire_error
from dragoman.protocols.speechmatics.rt_config import RtConfig, agree, change
from dragoman.protocols.speechmatics.rt_encoding import encode
from dragoman.protocols.speechmatics.rt_frames import (
    Action,
    AddChannelAudio,
    Begin,
    End,
    EndOfChannelMessage,
    Feed,
    ForceEndOfUtteranceMessage,
    GetSpeakers,
    Say,
    Sound,
    decode_audio,
    read_frame,
)
from dragoman.protocols.speechmatics.warned import Warned
from dragoman.render.language_pack import language_pack_info

_FAREWELL = 1000
"""Close code of a session that came to its end."""


class _State(Enum):
    NEW = auto()
    OPEN = auto()
    ENDING = auto()
    """The client has said all it wants to say."""
    ENDED = auto()


class Conversation:
    """Of one WebSocket, which carries one session."""

    def __init__(self, capabilities: Capabilities, id_: str, version: str, path_language: str | None = None) -> None:
        """``id_`` and ``version`` are told to the client; ``path_language`` is what its URL said."""
        self._capabilities = capabilities
        self._id = id_
        self._version = version
        self._path_language = path_language
        self._state = _State.NEW
        self._has_started = False
        """Whether RecognitionStarted was said."""
        self._config: RtConfig | None = None
        self._added: Counter[str | None] = Counter()
        """Pieces of audio taken, by channel."""
        self._owed: list[Say] = []
        """Acknowledgements of what came before RecognitionStarted; no more of them than audio that may wait."""
        self._open_channels: set[str] = set()
        self._wants_speakers = False
        self._cause: DragomanError | None = None

    @property
    def over(self) -> bool:
        """Whether the client has been told the end."""
        return self._state is _State.ENDED

    def text(self, frame: str) -> list[Action]:
        """A text frame of the client."""
        return [] if self.over else self._fenced(self._text(frame))

    def binary(self, data: bytes) -> list[Action]:
        """A binary frame of the client: audio."""
        return [] if self.over else self._fenced(self._sound(Sound(data)))

    def encode(self, event: SessionEvent) -> list[Action]:
        """What the client hears of a session event, and what the event means for the conversation."""
        return [] if self.over else list(self._encode(event))

    def overdue(self) -> list[Action]:
        """The engines are not ready yet, and clients do not wait much longer: it begins, audio is kept until then."""
        return [] if self.over else list(self._started())

    def nothing_came(self) -> list[Action]:
        """The client has had its time to start a session."""
        idle = WireError("idle_timeout", "StartRecognition did not come")
        return self._broken_off(idle) if self._state is _State.NEW else []

    def fail(self, error: DragomanError) -> list[Action]:
        """Something that no message of the client is to blame for."""
        return [] if self.over else self._broken_off(wire_error(error))

    # --- from the client ---

    def _fenced(self, actions: Iterator[Action]) -> list[Action]:
        done: list[Action] = []
        try:
            done.extend(actions)
        except WireError as error:
            done += self._broken_off(error)
        return done

    def _broken_off(self, error: WireError) -> list[Action]:
        self._state = _State.ENDED
        return [Say(messages.error(error)), End(CLOSE_CODES[error.kind])]

    def _text(self, frame: str) -> Iterator[Action]:
        name, message = read_frame(frame)
        match name:
            case "StartRecognition":
                yield from self._start(message)
            case "EndOfStream":
                yield from self._stop()
            case "AddChannelAudio":
                audio = read(AddChannelAudio, message, "invalid_message", name)
                self._known(audio.channel)
                yield from self._sound(decode_audio(audio))
            case "EndOfChannel":
                yield from self._end_channel(read(EndOfChannelMessage, message, "invalid_message", name).channel)
            case "SetRecognitionConfig":
                yield from self._change(message)
            case "ForceEndOfUtterance":
                yield from self._force(read(ForceEndOfUtteranceMessage, message, "invalid_message", name))
            case "GetSpeakers":
                yield from self._speakers(read(GetSpeakers, message, "invalid_message", name))
            case _:
                # A client that is newer than this server loses what it asks for, and nothing else.
                yield _warn(Warned(f"There is no message {reprlib.repr(name)} here; it is ignored"))

    def _start(self, message: Mapping[str, Any]) -> Iterator[Action]:
        if self._state is not _State.NEW:
            raise WireError("protocol_error", "StartRecognition came twice. One connection carries one session")
        config = self._config = agree(message, self._capabilities, self._path_language)
        self._state = _State.OPEN
        self._open_channels = set(config.channels)
        self._wants_speakers = config.asked.speaker_diarization_config.get_speakers
        yield from map(_warn, config.warned)
        yield Begin(config)

    def _sound(self, sound: Sound) -> Iterator[Action]:
        config = self._begun("Audio")
        if self._state is _State.ENDING or (sound.channel and sound.channel not in self._open_channels):
            yield _warn(Warned("Audio came after its end and is ignored", "add_audio_after_eos"))
            return
        if sound.channel is None and config.channels:
            remedy = f"Send AddChannelAudio for {', '.join(config.channels)}"
            raise WireError("protocol_error", f"Audio came without a channel. {remedy}")
        self._added[sound.channel] += 1
        taken = Say(messages.audio_added(self._added[sound.channel], sound.channel))
        if not self._has_started:  # a client that does not wait loses nothing
            self._owed.append(taken)
        else:
            yield taken
        if sound.data:
            yield Feed(sound)

    def _stop(self) -> Iterator[Action]:
        """What EndOfStream says of sequence numbers is not looked at: clients count what they have seen acknowledged,
        or what they have sent."""
        self._begun("EndOfStream")
        if self._state is not _State.ENDING:
            self._state = _State.ENDING
            yield Feed(Stop(in_turn=True))

    def _end_channel(self, channel: str) -> Iterator[Action]:
        self._known(channel)
        if channel in self._open_channels:
            self._open_channels.remove(channel)
            yield Feed(EndOfChannel(channel))
            if not self._open_channels:
                yield from self._stop()

    def _change(self, message: Mapping[str, Any]) -> Iterator[Action]:
        self._config = change(self._begun("SetRecognitionConfig"), message)
        yield from map(_warn, self._config.warned)
        yield from self._in_time(Feed(self._config.reconfigure))

    def _force(self, message: ForceEndOfUtteranceMessage) -> Iterator[Action]:
        self._begun("ForceEndOfUtterance")
        if message.channel is not None:
            self._known(message.channel)
        yield from self._in_time(Feed(ForceEndOfUtterance(message.channel, message.timestamp)))

    def _speakers(self, message: GetSpeakers) -> Iterator[Action]:
        self._begun("GetSpeakers")
        if message.final:
            self._wants_speakers = True
        else:
            yield Say(messages.speakers_result())

    def _in_time(self, feed: Feed) -> Iterator[Action]:
        if self._state is _State.ENDING:
            yield _warn(Warned("It came after EndOfStream and is ignored"))
        else:
            yield feed

    def _begun(self, what: str) -> RtConfig:
        if self._config is None:
            raise WireError("protocol_error", f"{what} came before StartRecognition. Send that first")
        return self._config

    def _known(self, channel: str) -> None:
        channels = self._begun("A channel").channels
        if channel not in channels:
            possible = ", ".join(channels) or "none; ask for diarization channel in StartRecognition"
            raise WireError("invalid_message", f"There is no channel {reprlib.repr(channel)}. Channels: {possible}")

    # --- to the client ---

    def _encode(self, event: SessionEvent) -> Iterator[Action]:
        match event:
            case Initializing() | Attached() | Exhausted():
                pass
            case Listening():
                yield from self._started()
            case Refused(error):
                yield from self.fail(error)
            case Trouble(error):
                self._cause = error  # told when all that was heard before it has been
            case TimeShort():
                yield Say(messages.time_short(event))
            case Closed(reason):
                yield from self._closed(reason)
            case _:
                yield from map(Say, encode(event, self._begun("A transcript")))

    def _started(self) -> Iterator[Action]:
        if not self._has_started and self._config is not None:
            self._has_started = True
            config = self._config
            yield from map(Say, messages.recognition_quality(config.audio))
            pack = language_pack_info(config.options.source, adapted=bool(config.options.vocabulary))
            yield Say(messages.recognition_started(self._id, self._version, pack, config.channels))
            yield from self._owed

    def _closed(self, reason: CloseReason) -> Iterable[Action]:
        match reason:
            case "stopped" if self._cause is None:
                return self._finished()
            case "disconnected" | "stalled":
                self._state = _State.ENDED
                return [End(_FAREWELL)]
            case "exhausted":
                told = WireError("timelimit_exceeded", "The account's tokens are used up. Grant it more")
            case "shutdown":
                told = WireError("job_error", "The server is about to stop. Try again in a minute")
            case _:
                told = wire_error(self._cause or InternalError("Something went wrong inside the server"))
        return self._broken_off(told)

    def _finished(self) -> Iterator[Action]:
        if self._wants_speakers:
            yield Say(messages.speakers_result())
        yield Say(messages.end_of_transcript())
        self._state = _State.ENDED
        yield End(_FAREWELL)


def _warn(warned: Warned) -> Say:
    return Say(messages.warning(warned))
