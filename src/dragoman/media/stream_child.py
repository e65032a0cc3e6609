"""The process that decodes one medium while it arrives: ``python -m dragoman.media.stream_child REQUEST``.

It is confined (:mod:`dragoman.media.confinement`), reads the medium from its standard input, and may be started long
before the first byte is there.
"""

import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from dragoman.media.confinement import claim_stdout, confine, die_with, grant_cpu, tell, write
from dragoman.media.decoder_wire import Tag, encode_frame, encode_info, encode_pcm
from dragoman.media.stream_wire import StreamRequest

if TYPE_CHECKING:
    from dragoman.media.intake import Intake
    from dragoman.media.track import Track

_GRANT = 10
"""Seconds of sound after which CPU time is granted again."""


def main() -> int:
    request = StreamRequest.from_json(sys.argv[1])
    die_with(request.parent_pid)
    out = claim_stdout()
    return tell(out, _decode(request, out), request.limits.memory)


def _decode(request: StreamRequest, out: int) -> Iterator[bytes]:
    """Frames for the parent. What is less than a piece goes out by itself when the medium makes us wait."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # numpy's thread pool would cost 40 MB and is not used
    # Imported late, so that a library that cannot be loaded is reported to the parent like any other failure.
    from dragoman.media.container import sound_codecs  # noqa: PLC0415 - as above
    from dragoman.media.intake import Intake  # noqa: PLC0415 - as above
    from dragoman.media.stream_source import open_stream  # noqa: PLC0415 - as above
    from dragoman.media.track import Track  # noqa: PLC0415 - as above

    limits = request.limits
    sound_codecs()  # kept from here on
    intake = Intake(sys.stdin.fileno(), limits.kept)
    intake.before_waiting = lambda: _wait(out, intake)
    confine(limits.memory, limits.cpu_seconds, limits.cpu_seconds + int(limits.output_seconds) + 1)
    source = open_stream(intake)
    yield encode_info(source.info)
    track = Track(source.info.channels, request.sample_rate, split=False, longest=limits.output_seconds)
    intake.before_waiting = lambda: _wait(out, intake, track)
    granted = 0.0
    for block in source:
        for index, pcm in track.lay(block):
            yield encode_pcm(index, pcm)
        if track.position >= granted + _GRANT:
            granted = track.position
            grant_cpu(limits.cpu_seconds + int(granted))
    for index, pcm in track.finish():
        yield encode_pcm(index, pcm)
    for line in source.damage.warnings(track.position, source.claimed_duration):
        yield encode_frame(Tag.WARNING, line.encode())
    yield encode_frame(Tag.END)


def _wait(out: int, intake: "Intake", track: "Track | None" = None) -> None:
    for index, pcm in track.drain() if track is not None else ():
        write(out, encode_pcm(index, pcm))
    write(out, encode_frame(Tag.WAITING, str(intake.received).encode()))


if __name__ == "__main__":
    sys.exit(main())
