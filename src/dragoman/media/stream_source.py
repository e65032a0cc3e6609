"""Opens a medium that is still arriving, after as few of its bytes as its format allows."""

from dragoman.core.errors import EmptyAudio, NotAudio
from dragoman.media.container import NOT_AUDIO_REMEDY, Opened, Source, open_container
from dragoman.media.intake import Intake, Replay
from dragoman.media.stream_format import (
    HEAD,
    ID3_HEADER,
    INDEX_MAY_BE_LAST,
    TEXT_HEAD,
    TRACKS_APPEAR,
    is_text,
    read_wav_header,
    recognise,
    tag_length,
)

_PROBED = {"formatprobesize": str(32 << 10)}
"""Bytes after which a stream that FFmpeg does not recognise is none: eight frames of the largest mp3."""

_QUICK = {**_PROBED, "analyzeduration": "1", "fpsprobesize": "0"}
"""The track's own header is believed. Otherwise FFmpeg collects up to five seconds to see if it is true. A small
``probesize`` would do the same, and also give up damaged streams: readers look so far for where they go on."""


def open_stream(intake: Intake) -> Source:
    """Waits for bytes until the first sound is decoded. Raises NotAudio, EmptyAudio or MediaLimitExceeded."""
    start = _pass_over_tags(intake)
    head = intake.read_exactly(start, TEXT_HEAD)
    if not head:
        raise EmptyAudio("nothing came", remedy="Send a sound or video file")
    if is_text(head):
        raise NotAudio("this is a text, no sound or video file", remedy=NOT_AUDIO_REMEDY)
    source = _stream(intake, start, recognise(intake.read_exactly(start, HEAD)))
    if source is None:
        return Source(open_container(intake.whole()))
    intake.forget()
    return source


def _pass_over_tags(intake: Intake) -> int:
    """Where the medium begins: FFmpeg would not look for it behind a long tag."""
    start = 0
    while length := tag_length(intake.read_exactly(start, ID3_HEADER)):
        if not intake.skip(start, length):
            break
        start += length
    return start


def _stream(intake: Intake, start: int, name: str | None) -> Source | None:
    """None for what may be decoded once all of it is there."""
    index_may_follow = name in INDEX_MAY_BE_LAST
    try:
        opened = _open(intake, start, name)
    except NotAudio:
        if index_may_follow:
            return None
        raise
    try:
        return Source(opened)
    except (NotAudio, EmptyAudio):
        if index_may_follow and opened.has_sound:
            return None
        raise


def _open(intake: Intake, start: int, name: str | None) -> Opened:
    if name == "wav" and (pcm := read_wav_header(intake.read_exactly, start)):
        return open_container(Replay(intake, pcm.start, pcm.length), pcm.demuxer, {**_QUICK, **pcm.options})
    if name not in TRACKS_APPEAR:
        opened = open_container(Replay(intake, start), name, _QUICK)
        if opened.has_sound or name is not None:
            return opened
    return open_container(Replay(intake, start), name, _PROBED)
