"""The process that decodes one media file, and can be lost: ``python -m dragoman.media.decoder_child REQUEST``.

FFmpeg is a million lines of C that parse strangers' bytes. It runs here with limits of memory and CPU time, unable
to open any file or socket, on a file that it knows only as its standard input, and it dies with its parent.
"""

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Iterator
from io import FileIO
from pathlib import Path

from dragoman.core.errors import DecoderCrashed, DragomanError, MediaLimitExceeded
from dragoman.media.decoder_wire import (
    DecodeLimits,
    DecodeRequest,
    Tag,
    encode_error,
    encode_frame,
    encode_info,
    encode_pcm,
)

_PR_SET_PDEATHSIG = 1
_RESERVE = 32 << 20
"""Bytes kept back from the memory limit, so that reaching it can still be reported."""


def main() -> int:
    request = DecodeRequest.from_json(sys.argv[1])
    _die_with(request.parent_pid)
    out = _claim_stdout()
    try:
        for frame in _decode(request):
            _write(out, frame)
    except BrokenPipeError:
        return 0  # the parent has heard enough
    except DragomanError as error:
        _write(out, encode_error(error))
    except MemoryError:
        _release_reserve()
        _write(out, encode_error(_out_of_memory(request.limits)))
    except Exception as error:  # noqa: BLE001 - the edge of a process: whatever went wrong is told as a frame
        _write(out, encode_error(DecoderCrashed(f"the decoder failed: {type(error).__name__}: {error}")))
    return 0


def _decode(request: DecodeRequest) -> Iterator[bytes]:
    """Frames for the parent."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # numpy's thread pool would cost 40 MB and is not used
    # Imported late, so that a library that cannot be loaded is reported to the parent like any other failure.
    from dragoman.media.container import Source  # noqa: PLC0415 - as above
    from dragoman.media.track import Track  # noqa: PLC0415 - as above

    _confine(request.limits)
    source = Source(FileIO(sys.stdin.fileno(), closefd=False))
    yield encode_info(source.info)
    track = Track(
        source.info.channels,
        request.sample_rate,
        split=request.split_channels,
        longest=request.limits.output_seconds,
    )
    for block in source:
        for index, pcm in track.lay(block):
            yield encode_pcm(index, pcm)
    for index, pcm in track.finish():
        yield encode_pcm(index, pcm)
    for line in source.damage.warnings(track.position, source.claimed_duration):
        yield encode_frame(Tag.WARNING, line.encode())
    yield encode_frame(Tag.END)


def _die_with(parent_pid: int) -> None:
    """Ends this process when its parent ends, however that dies. The kernel ties it to the thread that spawned us."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_pid:  # it died before the line above
        sys.exit(1)


def _claim_stdout() -> int:
    """A file descriptor for frames alone: what libraries print to standard output goes to standard error."""
    out = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return out


def _write(out: int, frame: bytes) -> None:
    view = memoryview(frame)
    while view:
        view = view[os.write(out, view) :]


def _confine(limits: DecodeLimits) -> None:
    """From here on no descriptor can be opened, and memory and CPU time end.

    RLIMIT_DATA and not RLIMIT_AS: the latter also counts 140 MB of libraries that are mapped and hardly touched.
    """
    memory = _private_memory() + limits.memory
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory + _RESERVE))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def _private_memory() -> int:
    """Bytes that count for RLIMIT_DATA; the field in statm is in pages."""
    with Path("/proc/self/statm").open() as statm:
        return int(statm.read().split()[5]) * resource.getpagesize()


def _release_reserve() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))


def _out_of_memory(limits: DecodeLimits) -> MediaLimitExceeded:
    return MediaLimitExceeded(
        f"decoding it needs more than the limit of {limits.memory >> 20} MiB of memory",
        remedy="Convert it to wav, mp3 or flac, or raise the limit",
    )


if __name__ == "__main__":
    sys.exit(main())
