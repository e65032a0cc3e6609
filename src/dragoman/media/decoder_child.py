"""The process that decodes one media file, and can be lost: ``python -m dragoman.media.decoder_child REQUEST``.

It is confined (:mod:`dragoman.media.confinement`), and knows the file only as its standard input.
"""

import os
import sys
from collections.abc import Iterator
from io import FileIO

from dragoman.media.confinement import claim_stdout, confine, die_with, tell
from dragoman.media.decoder_wire import DecodeRequest, Tag, encode_frame, encode_info, encode_pcm


def main() -> int:
    request = DecodeRequest.from_json(sys.argv[1])
    die_with(request.parent_pid)
    return decode_confined(request, claim_stdout())


def load_libraries() -> None:
    """What every decoder needs, for those that are forked."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # numpy's thread pool would cost 40 MB and is not used
    from dragoman.media.container import sound_codecs  # noqa: PLC0415 - as in _decode
    from dragoman.media.track import Track  # noqa: F401, PLC0415 - loaded for what is forked, as in _decode

    sound_codecs()


def decode_confined(request: DecodeRequest, out: int) -> int:
    """Decodes standard input, writes frames to a descriptor, and gives the exit status. There is no way back from the
    confinement."""
    return tell(out, _decode(request), request.limits.memory)


def _decode(request: DecodeRequest) -> Iterator[bytes]:
    """Frames for the parent."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as above
    # Imported late, so that a library that cannot be loaded is reported to the parent like any other failure.
    from dragoman.media.container import Source, open_container  # noqa: PLC0415 - as above
    from dragoman.media.track import Track  # noqa: PLC0415 - as above

    limits = request.limits
    os.nice(limits.niceness)
    confine(limits.memory, limits.cpu_seconds, limits.cpu_seconds)
    source = Source(open_container(FileIO(sys.stdin.fileno(), closefd=False)))
    yield encode_info(source.info)
    track = Track(
        source.info.channels,
        request.sample_rate,
        split=request.split_channels,
        longest=limits.output_seconds,
    )
    for block in source:
        for index, pcm in track.lay(block):
            yield encode_pcm(index, pcm)
    for index, pcm in track.finish():
        yield encode_pcm(index, pcm)
    for line in source.damage.warnings(track.position, source.claimed_duration):
        yield encode_frame(Tag.WARNING, line.encode())
    yield encode_frame(Tag.END)


if __name__ == "__main__":
    sys.exit(main())
