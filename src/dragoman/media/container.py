"""Reads containers with PyAV: which track is the sound, and its samples block by block, past what is damaged.

It runs in the decoder's child process, on bytes that nobody can trust, and where no file can be opened any more: what
PyAV would import late, for tracks of subtitles, is imported here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from io import RawIOBase
from itertools import chain
from typing import Any

import av
import av.error
import av.logging
import av.subtitles.codeccontext
import av.subtitles.stream
import numpy as np
from av.audio import AudioFrame, AudioStream
from av.codec.codec import UnknownCodecError
from av.container import InputContainer
from av.stream import Discard
from numpy.typing import NDArray

from dragoman.core.errors import EmptyAudio, NotAudio
from dragoman.media.damage import Damage
from dragoman.media.decoder_wire import MediaInfo

FORMATS = (
    "aac,ac3,aiff,amr,amrnb,amrwb,ape,asf,au,avi,caf,dts,eac3,flac,flv,loas,matroska,mov,mp3,mpeg,mpegts,ogg,oma,tta,"
    "w64,wav,wv"
)
"""Demuxers that may be used: files of sound and video that are complete in themselves. Playlists and descriptions
that name other files (hls, concat, sdp, dash) and everything that reads a device or the network are not here."""

_READ_ATTEMPTS = 10
"""Times in a row that the demuxer may fail before the rest of the file is given up."""

_ESTIMATED = "Estimating duration from bitrate"
"""FFmpeg's log, when a duration is a guess."""

_ENDLESS = "Ignoring maximum wav data size"
"""FFmpeg's log, when a wav file was streamed and nobody went back to write its length."""

_NO_INDEX = "moov atom not found"
"""FFmpeg's log, when an mp4 file ends before the index that was to follow the samples."""

NOT_AUDIO_REMEDY = "Give a sound or video file, for example wav, mp3, m4a, ogg, flac or mp4"


@dataclass(frozen=True, slots=True)
class Block:
    """Decoded samples of all channels."""

    samples: NDArray[np.int16]
    """Shape: channels, samples."""
    sample_rate: int
    """Hertz"""
    time: float | None
    """Seconds since the container's first moment, where the container says."""


class Source:
    """The sound track of an opened container. Raises NotAudio or EmptyAudio when it has nothing to give."""

    def __init__(self, opened: "Opened") -> None:
        self.damage = Damage()
        self._container = opened.container
        self._duration_is_exact = _ESTIMATED not in opened.notes
        self._length_is_known = _ENDLESS not in opened.notes
        self._start: float | None = None
        if self._container.start_time is not None:
            self._start = self._container.start_time / av.time_base
        self._track = _sound_track(self._container)
        blocks = self._decode()
        first = next(blocks, None)
        if first is None:
            raise self._nothing_decoded()
        self._blocks = chain((first,), blocks)
        self.info = MediaInfo(
            format=self._container.format.name,
            codec=self._track.codec_context.codec.name,
            sample_rate=first.sample_rate,
            channels=first.samples.shape[0],
            duration=self._duration(),
        )

    def __iter__(self) -> Iterator[Block]:
        return self._blocks

    @property
    def claimed_duration(self) -> float | None:
        """Seconds of sound that the container promises; None where it only guesses."""
        return self._duration() if self._duration_is_exact else None

    def _duration(self) -> float | None:
        if self._track.duration is not None and self._track.time_base is not None:
            return float(self._track.duration * self._track.time_base)
        return None if self._container.duration is None else self._container.duration / av.time_base

    def _nothing_decoded(self) -> NotAudio | EmptyAudio:
        if self.damage.pieces:
            return NotAudio("its sound cannot be decoded", remedy=NOT_AUDIO_REMEDY)
        return EmptyAudio("there is no sound in it", remedy="Check that the recording worked")

    def _decode(self) -> Iterator[Block]:
        position = 0.0
        with av.logging.Capture() as log:
            for packet in self._packets():
                if self.damage.hopeless:
                    return
                try:
                    frames = self._track.codec_context.decode(packet)
                except av.error.MemoryError:
                    raise
                except av.error.FFmpegError:
                    self.damage.add(position)
                    continue
                finally:
                    complaint = any(level <= av.logging.ERROR for level, _, _ in log)
                    log.clear()
                if frames:
                    self.damage.piece_decoded()
                if complaint or self._is_cut(packet):
                    self.damage.add(position)
                for frame in frames:
                    if frame.samples:
                        yield self._block(frame)
                        position += frame.samples / frame.sample_rate

    def _is_cut(self, packet: "av.Packet[AudioStream] | None") -> bool:
        """Whether the file ended within the packet, although it knew how long it would be."""
        return packet is not None and packet.is_corrupt and self._length_is_known

    def _packets(self) -> "Iterator[av.Packet[AudioStream] | None]":
        """Packets of the track, then None, which asks the decoder for what it still holds."""
        failures = 0
        while failures < _READ_ATTEMPTS:
            try:
                # PyAV's generator ends with an error, the container does not: a new one reads on behind it.
                for packet in self._container.demux(self._track):
                    failures = 0
                    if packet.size:
                        yield packet
            except av.error.MemoryError:
                raise
            except (av.error.FFmpegError, OSError):
                failures += 1
            else:
                break
        yield None

    def _block(self, frame: AudioFrame) -> Block:
        time = None if frame.pts is None or frame.time_base is None else float(frame.pts * frame.time_base)
        if time is not None:
            if self._start is None:
                self._start = time
            time -= self._start
        return Block(_samples(frame), frame.sample_rate, time)


@dataclass(frozen=True, slots=True)
class Opened:
    container: InputContainer
    notes: str
    """What FFmpeg noted while opening it."""

    @property
    def has_sound(self) -> bool:
        return self.container.streams.best("audio") is not None


def open_container(file: RawIOBase, format_name: str | None = None, options: Mapping[str, str] | None = None) -> Opened:
    """Reads the beginning. The format is found out unless FFmpeg's name of it is given; ``options`` are FFmpeg's."""
    av.logging.set_level(av.logging.WARNING)  # damage that the API does not report is read from the log
    av.logging.set_skip_repeated(v=False)
    formats = FORMATS if format_name is None else format_name
    allowed = {"format_whitelist": formats, "codec_whitelist": sound_codecs()}
    with av.logging.Capture() as log:
        try:
            container = av.open(file, "r", format=format_name, options={**(options or {}), **allowed})
        except av.error.MemoryError:
            raise
        except (av.error.FFmpegError, UnicodeDecodeError) as error:
            raise _unreadable(_notes(log)) from error
    return Opened(container, _notes(log))


@cache
def sound_codecs() -> str:
    """Every decoder of sound. FFmpeg would otherwise decode pictures, only to say how large they are."""
    return ",".join(name for name in av.codecs_available if _is_sound_decoder(name))


def _is_sound_decoder(name: str) -> bool:
    try:
        return av.Codec(name, "r").type == "audio"
    except UnknownCodecError:  # it can only encode
        return False


def _notes(log: list[tuple[int, str, str]]) -> str:
    return "".join(line for _, _, line in log)


def _unreadable(notes: str) -> NotAudio:
    if _NO_INDEX in notes:
        return NotAudio("its index is missing: it was cut short, or never finished", remedy="Copy or record it again")
    return NotAudio("this is no sound or video file, or its beginning is broken", remedy=NOT_AUDIO_REMEDY)


def _sound_track(container: InputContainer) -> AudioStream:
    track = container.streams.best("audio")
    if not isinstance(track, AudioStream):
        raise NotAudio("there is no sound track in this file", remedy=NOT_AUDIO_REMEDY)
    if track.codec_context is None:
        raise NotAudio("the coding of its sound is unknown", remedy="Convert it to wav, mp3 or flac")
    for stream in container.streams:
        if stream is not track:
            stream.discard = Discard.all  # the demuxer then jumps over the pictures instead of reading them
    track.codec_context.thread_count = 1
    return track


def _samples(frame: AudioFrame) -> NDArray[np.int16]:
    """Channels by samples in 16 bits, rounded, without dither."""
    try:
        samples = frame.to_ndarray()
    except ValueError as error:
        raise NotAudio(f"samples of the kind {frame.format.name} cannot be read", remedy="Convert it to wav") from error
    if not frame.format.is_planar:
        samples = samples.reshape(-1, frame.layout.nb_channels).T
    match samples.dtype.name:
        case "int16":
            return samples.astype(np.int16)
        case "uint8":
            return (samples.astype(np.int16) - 128) * 256
        case "int32":
            return _round(samples / 65_536.0)
        case _:
            return _round(np.multiply(np.nan_to_num(samples), 32_768.0, dtype=np.float64))


def _round(samples: NDArray[np.floating[Any]]) -> NDArray[np.int16]:
    rounded: NDArray[np.int16] = np.clip(np.rint(samples), -32_768, 32_767).astype(np.int16)
    return rounded
