"""A realtime session of the Speechmatics protocol as its client sees it, by its clock, and what it measures of it.

Seconds of delay count from when the chunk with a word's last sample was due: a chunk goes out when its last sample has
been spoken, so that since the word was spoken it is up to a chunk more. Where the server takes it late, or the client
is late itself, that is part of the delay, and :attr:`Log.behind` says how much at most.
"""

import json
import math
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import anyio
from flicker import erasure
from microphone import spoken_into
from websockets.asyncio.client import ClientConnection, connect
from words import normalized

from dragoman.core.audio import AudioChunk

CHUNK = 0.1
"""Seconds of audio in each ``AddAudio``."""
_TICK = 1e-6


@dataclass(frozen=True)
class Word:
    content: str
    start: float
    end: float
    """Seconds of the source."""


@dataclass
class Log:
    """Of one session."""

    begin: float = math.nan
    """When the microphone was opened."""
    behind: float = 0.0
    """Seconds by which a chunk went out late, at most."""
    got: list[tuple[float, dict[str, Any]]] = field(default_factory=list)
    ended: float = math.nan
    """When ``EndOfStream`` went out."""

    def due(self, moment: float) -> float:
        """When the sample before this moment of the audio was to go out."""
        return self.begin + CHUNK * max(1, math.ceil(round(moment / CHUNK, 6)))

    def of(self, message: str) -> Iterator[tuple[float, dict[str, Any]]]:
        return ((at, each) for at, each in self.got if each["message"] == message)

    def words(self) -> list[tuple[float, Word]]:
        """Final ones, and when each came."""
        return [(at, word) for at, message in self.of("AddTranscript") for word in words(message)]

    def text(self) -> str:
        return " ".join(word.content for _, word in self.words())


async def talk(url: str, key: str, start: dict[str, Any], audio: AudioChunk, after: float) -> Log:
    """Streams ``audio`` and a second of silence at microphone pace, from ``after`` seconds on, to the last message."""
    await anyio.sleep(after)
    log = Log()
    headers = {"Authorization": f"Bearer {key}"}
    async with connect(f"{url}/v2", additional_headers=headers, compression=None) as socket:
        await socket.send(json.dumps({"message": "StartRecognition", **start}))
        await _read(socket, log, until="RecognitionStarted")
        async with anyio.create_task_group() as group:
            group.start_soon(_speak, socket, log, spoken_into(CHUNK, audio))
            await _read(socket, log, until="EndOfTranscript")
    return log


async def _read(socket: ClientConnection, log: Log, *, until: str) -> None:
    async for frame in socket:
        message = json.loads(frame)
        if message["message"] == "Error":
            raise RuntimeError(message)
        if message["message"] != "AudioAdded":
            log.got.append((time.monotonic(), message))
        if message["message"] == until:
            return
    raise RuntimeError(f"No {until} came")


async def _speak(socket: ClientConnection, log: Log, chunks: Sequence[AudioChunk]) -> None:
    log.begin = time.monotonic()
    for number, chunk in enumerate(chunks, start=1):
        early = log.due(number * CHUNK) - time.monotonic()
        log.behind = max(log.behind, -early)
        await anyio.sleep(max(0, early))
        await socket.send(chunk.pcm)
    log.ended = time.monotonic()
    await socket.send(json.dumps({"message": "EndOfStream", "last_seq_no": len(chunks)}))


def words(message: dict[str, Any]) -> list[Word]:
    """Of a transcript, without its marks."""
    return [
        Word(each["alternatives"][0]["content"], each["start_time"], each["end_time"])
        for each in message["results"]
        if each["type"] != "punctuation"
    ]


@dataclass(frozen=True)
class Delays:
    """Of one final word; None where it was in no partial, or in no translation."""

    end: float
    partial: float | None
    final: float
    translation: float | None


def delays(log: Log) -> list[Delays]:
    partials = [(at, words(message)) for at, message in log.of("AddPartialTranscript")]
    translations = [(at, each) for at, message in log.of("AddTranslation") for each in message["results"]]
    found = []
    for came, word in log.words():
        due = log.due(word.end)
        first = next((at for at, those in partials if at <= came and _is_among(word, those)), None)
        covered = next((at for at, each in translations if _covers(each, word)), None)
        found.append(Delays(word.end, _since(due, first), came - due, _since(due, covered)))
    return found


def _is_among(word: Word, heard: Iterable[Word]) -> bool:
    """The same word at the same place; partials write it their way."""
    same = normalized(word.content)
    return any(normalized(each.content) == same and each.start < word.end and word.start < each.end for each in heard)


def _covers(translation: dict[str, Any], word: Word) -> bool:
    return bool(translation["start_time"] - _TICK <= word.start and word.end <= translation["end_time"] + _TICK)


def _since(due: float, came: float | None) -> float | None:
    return None if came is None else came - due


def transcript_erasure(log: Log) -> float:
    """Normalised erasure of what a client shows: final words, and after them those of the newest partial."""
    shown: list[list[str]] = []
    final: list[str] = []
    partial: list[Word] = []
    for _, message in log.got:
        if message["message"] == "AddTranscript":
            final += [word.content for word in words(message)]
            partial = [word for word in partial if word.start >= message["metadata"]["end_time"] - _TICK]
        elif message["message"] == "AddPartialTranscript":
            partial = words(message)
        else:
            continue
        shown.append(final + [word.content for word in partial])
    return erasure(shown)


def translation_erasure(log: Log) -> float:
    shown: list[list[str]] = []
    final: list[str] = []
    partial: list[dict[str, Any]] = []
    for _, message in log.got:
        if message["message"] == "AddTranslation":
            final += _tokens(message["results"])
            end = max(each["end_time"] for each in message["results"])
            partial = [each for each in partial if each["start_time"] >= end - _TICK]
        elif message["message"] == "AddPartialTranslation":
            partial = message["results"]
        else:
            continue
        shown.append(final + _tokens(partial))
    return erasure(shown)


def _tokens(results: Iterable[dict[str, Any]]) -> list[str]:
    return [token for each in results for token in each["content"].split()]
