"""What the server says on the realtime wire, message by message."""

from collections.abc import Sequence
from typing import Any

from dragoman.core.events import EndOfUtterance, FinalTranscript, PartialTranscript
from dragoman.core.language import word_delimiter
from dragoman.core.transcript import Item, Translation, join_items
from dragoman.live.events import TimeShort
from dragoman.protocols.speechmatics.config import AudioFormat, RawFormat
from dragoman.protocols.speechmatics.errors import CLOSE_CODES, WireError
from dragoman.protocols.speechmatics.warned import Warned
from dragoman.render.results import FORMAT, to_results, to_translated

Wire = dict[str, Any]
"""One message."""

_BROADCAST = 12_000
"""Hertz; below it the sound is that of a telephone."""


def recognition_started(id_: str, version: str, language_pack: Wire, channels: Sequence[str]) -> Wire:
    message = {
        "message": "RecognitionStarted",
        "id": id_,
        "orchestrator_version": version,
        "language_pack_info": language_pack,
    }
    if channels:  # one name stands in the schema, the other in the prose that clients were written by
        message |= {"channel_ids": list(channels), "channels": list(channels)}
    return message


def recognition_quality(audio: AudioFormat | RawFormat) -> list[Wire]:
    """Of samples; what is in a file is not known when it is announced."""
    if isinstance(audio, AudioFormat):
        return []
    quality = "broadcast" if audio.sample_rate >= _BROADCAST else "telephony"
    reason = f"The audio is of {quality} quality."
    return [{"message": "Info", "type": "recognition_quality", "reason": reason, "quality": quality}]


def audio_added(seq_no: int, channel: str | None) -> Wire:
    if channel is None:
        return {"message": "AudioAdded", "seq_no": seq_no}
    return {"message": "ChannelAudioAdded", "channel": channel, "seq_no": seq_no}


def final_transcript(event: FinalTranscript, code: str) -> Wire:
    """``code``: the source language as the client wrote it."""
    said = event.sentence
    metadata = _metadata(said.start_time, said.end_time, said.items, said.delimiter)
    return _transcript("AddTranscript", said.items, code, metadata, said.channel) | _flag(forced=event.forced)


def partial_transcript(event: PartialTranscript, code: str, language: str) -> Wire:
    """``language``: the same, canonical."""
    metadata = _metadata(event.start_time, event.end_time, event.words, word_delimiter(language))
    return _transcript("AddPartialTranscript", event.words, code, metadata, event.channel)


def translation(name: str, event: Translation, code: str) -> Wire:
    """``code``: the target language as the client wrote it."""
    return {"message": name, "format": FORMAT, "language": code, "results": [to_translated(event)]}


def end_of_utterance(event: EndOfUtterance) -> Wire:
    metadata = {"start_time": _time(event.time), "end_time": _time(event.time)}
    message = {"message": "EndOfUtterance", "metadata": metadata}
    return message | _channel(event.channel) | _flag(forced=event.forced)


def speakers_result() -> Wire:
    """Nobody is told apart."""
    return {"message": "SpeakersResult", "speakers": []}


def end_of_transcript() -> Wire:
    return {"message": "EndOfTranscript"}


def warning(warned: Warned) -> Wire:
    return {"message": "Warning", "type": warned.kind, "reason": warned.reason}


def time_short(event: TimeShort) -> Wire:
    left = f"{round(event.left / 60)}m" if event.left >= 60 else f"{round(event.left)}s"
    cause = "inactivity, no audio was sent" if event.limit == "idle" else "the longest duration of a session"
    kind = "idle_timeout" if event.limit == "idle" else "session_timeout"
    return {"message": "Warning", "type": kind, "reason": f"Session will timeout in {left} due to {cause}"}


def error(told: WireError) -> Wire:
    return {"message": "Error", "type": told.kind, "reason": told.reason, "code": CLOSE_CODES[told.kind]}


def _transcript(name: str, items: Sequence[Item], code: str, metadata: Wire, channel: str | None) -> Wire:
    message = {"message": name, "format": FORMAT, "metadata": metadata, "results": to_results(items, code)}
    return message | _channel(channel)


def _metadata(start_time: float, end_time: float, items: Sequence[Item], delimiter: str) -> Wire:
    """Transcripts are joined as they are, so each brings what parts it from the next."""
    text = join_items(items, delimiter)
    shown = f"{text}{delimiter}" if text else ""
    return {"start_time": _time(start_time), "end_time": _time(max(start_time, end_time)), "transcript": shown}


def _channel(channel: str | None) -> Wire:
    return {} if channel is None else {"channel": channel}


def _flag(**flags: bool) -> Wire:
    return {name: True for name, flag in flags.items() if flag}


def _time(seconds: float) -> float:
    return round(float(seconds), 3)
