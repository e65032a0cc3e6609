"""A program that speaks, and tells how words are spoken: libespeak-ng behind a pipe.

espeak-ng is GPL and keeps global state, so it lives in a process of its own. This file is started by its path, as
``python -I -S espeak_child.py``: it uses the standard library only and imports nothing of dragoman, so that the two
programs share pipes and nothing else, and starting it costs milliseconds. It ends when its input does.

On standard input, one request after another: 4 bytes of length, big-endian, then JSON: ``{}`` asks for the voices,
``{"text": …, "voice": …, "words_per_minute": …}`` for speech, ``{"words": […], "voice": …, "tie": …}`` for
pronunciations, where the letters of one sound are joined by ``tie`` unless that is empty. On standard
output frames: one letter, 4 bytes of length, and

    V  JSON     {"version": …, "voices": [{"name": …, "identifier": …, "language": …, "priority": …}, …]}
    W  JSON     [[first character, number of characters, first sample], …], words heard in this frame or the next
    P  JSON     ["…", …], the International Phonetic Alphabet for each word asked for
    A  bytes    signed 16-bit little-endian PCM, mono, 22,050 Hz, about 60 ms
    E  empty    end of the answer
    X  UTF-8    end of the answer: what went wrong

When the library cannot be loaded the answer to everything is X.
"""

import ctypes
import json
import signal
import struct
import sys
from typing import Any

SAMPLE_RATE = 22_050
BLOCK = 60
"""Milliseconds of audio in one frame, the library's own default."""

_SYNCHRONOUS = 2
_CHARACTERS_UTF8 = 1  # and nothing else: no SSML, no phoneme brackets
_PARAMETER_RATE = 1
_PHONEMES_IPA = 2
_PHONEMES_TIE = 0x80  # the joining letter goes into the bits from 8 up
_EVENT_END = 0
_EVENT_WORD = 1


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),  # characters, from 1
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    )


class _Voice(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_char_p),  # one byte of priority, then the tag of the first
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("reserved", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


class SpeechError(Exception):
    """The library refused."""


class Speaker:
    """The one use of the library in this process."""

    def __init__(self) -> None:
        try:
            self._library = ctypes.CDLL("libespeak-ng.so.1")
        except OSError as error:
            raise SpeechError(f"libespeak-ng cannot be loaded: {error}") from error
        rate = self._library.espeak_Initialize(_SYNCHRONOUS, BLOCK, None, 0)
        if rate != SAMPLE_RATE:
            raise SpeechError(f"libespeak-ng cannot be started (espeak_Initialize returned {rate})")
        self._library.espeak_Info.restype = ctypes.c_char_p
        self._library.espeak_TextToPhonemes.restype = ctypes.c_char_p
        self._library.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_Voice))
        self._callback = _Callback(_send_block)  # the library keeps the address only
        self._library.espeak_SetSynthCallback(self._callback)

    def voices(self) -> dict[str, Any]:
        listed = self._library.espeak_ListVoices(None)
        voices: list[dict[str, object]] = []
        while listed[len(voices)]:
            voice = listed[len(voices)].contents
            voices.append(
                {
                    "name": voice.name.decode(),
                    "identifier": voice.identifier.decode(),
                    "language": voice.languages[1:].decode(),
                    "priority": voice.languages[0],
                }
            )
        return {"version": self._library.espeak_Info(None).decode().split()[0], "voices": voices}

    def speak(self, text: str, voice: str, words_per_minute: int) -> None:
        """Sends the audio while it is made."""
        self._choose(voice)
        self._library.espeak_SetParameter(_PARAMETER_RATE, words_per_minute, 0)
        data = text.encode() + b"\0"
        status = self._library.espeak_Synth(data, len(data), 0, 1, 0, _CHARACTERS_UTF8, None, None)
        if status != 0:
            raise SpeechError(f"espeak-ng failed with status {status}")

    def pronounce(self, words: list[str], voice: str, tie: str = "") -> list[str]:
        self._choose(voice)
        mode = _PHONEMES_IPA | (_PHONEMES_TIE | ord(tie) << 8 if tie else 0)
        return [self._phonemes(word, mode) for word in words]

    def _phonemes(self, word: str, mode: int) -> str:
        rest = ctypes.c_char_p(word.encode())
        clauses: list[str] = []
        while rest.value is not None:  # one clause is read at a time, and the pointer moved behind it
            phonemes = self._library.espeak_TextToPhonemes(ctypes.byref(rest), _CHARACTERS_UTF8, mode)
            clauses.append(phonemes.decode())
        return " ".join(clauses)

    def _choose(self, voice: str) -> None:
        if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise SpeechError(f"espeak-ng has no voice {voice!r}")


def _send_block(samples: Any, count: int, events: Any) -> int:
    """Called by the library for each block of audio. Returns 0: go on."""
    words = []
    index = 0
    while events[index].type != _EVENT_END:
        event = events[index]
        if event.type == _EVENT_WORD and event.length > 0:
            words.append((event.text_position - 1, event.length, event.sample))
        index += 1
    if words:
        _send(b"W", json.dumps(words).encode())
    if samples and count > 0:
        _send(b"A", ctypes.string_at(samples, 2 * count))
    return 0


def _send(kind: bytes, payload: bytes = b"") -> None:
    sys.stdout.buffer.write(struct.pack(">cI", kind, len(payload)) + payload)
    sys.stdout.buffer.flush()


def _requests() -> Any:
    """Yields until the input ends, also in the middle of a request."""
    while len(header := sys.stdin.buffer.read(4)) == 4:
        (length,) = struct.unpack(">I", header)
        body = sys.stdin.buffer.read(length)
        if len(body) < length:
            return
        yield json.loads(body)


def _answer(speaker: Speaker, request: dict[str, Any]) -> None:
    if "text" in request:
        speaker.speak(**request)
    elif "words" in request:
        _send(b"P", json.dumps(speaker.pronounce(**request)).encode())
    else:
        _send(b"V", json.dumps(speaker.voices()).encode())


def main() -> int:
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # ends in the middle of a word when nobody listens any more
    try:
        speaker = Speaker()
    except SpeechError as error:
        _send(b"X", str(error).encode())
        return 1
    for request in _requests():
        try:
            _answer(speaker, request)
            _send(b"E")
        except SpeechError as error:
            _send(b"X", str(error).encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
