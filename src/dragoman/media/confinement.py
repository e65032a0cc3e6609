"""What the decoders' child processes do to themselves.

FFmpeg is a million lines of C that parse strangers' bytes. It runs with limits of memory and CPU time, unable to open
any file or socket, and dies with its parent.
"""

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Iterable
from pathlib import Path

from dragoman.core.errors import DecoderCrashed, DragomanError, MediaLimitExceeded
from dragoman.media.decoder_wire import encode_error

_PR_SET_PDEATHSIG = 1
_RESERVE = 32 << 20
"""Bytes kept back from the memory limit, so that reaching it can still be reported."""


def tell(out: int, frames: Iterable[bytes], memory: int) -> int:
    """Writes the frames, and what goes wrong while they are made as the last one. Gives the exit status."""
    try:
        for frame in frames:
            write(out, frame)
    except BrokenPipeError:
        return 0  # the parent has heard enough
    except DragomanError as error:
        write(out, encode_error(error))
    except MemoryError:
        _release_reserve()
        write(out, encode_error(_out_of_memory(memory)))
    except Exception as error:  # noqa: BLE001 - the edge of a process: whatever went wrong is told as a frame
        write(out, encode_error(DecoderCrashed(f"the decoder failed: {type(error).__name__}: {error}")))
    return 0


def die_with(parent_pid: int) -> None:
    """Ends this process when its parent ends, however that dies. The kernel ties it to the thread that spawned us."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_pid:  # it died before the line above
        sys.exit(1)


def claim_stdout() -> int:
    """A file descriptor for frames alone: what libraries print to standard output goes to standard error."""
    out = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return out


def write(out: int, frame: bytes) -> None:
    view = memoryview(frame)
    while view:
        view = view[os.write(out, view) :]


def confine(memory: int, cpu_seconds: int, most_cpu_seconds: int) -> None:
    """From here on no descriptor can be opened, and memory (bytes) and CPU time end. :func:`grant_cpu` may move the end
    of CPU time up to ``most_cpu_seconds``.

    RLIMIT_DATA and not RLIMIT_AS: the latter also counts 140 MB of libraries that are mapped and hardly touched.
    """
    memory += _private_memory()
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory + _RESERVE))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, most_cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # what somebody said is in this memory
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def grant_cpu(seconds: int) -> None:
    """Moves the end of this process's CPU time, counted from its start."""
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (min(seconds, most - 1), most))  # at the hard end it would be SIGKILL


def _private_memory() -> int:
    """Bytes that count for RLIMIT_DATA; the field in statm is in pages."""
    with Path("/proc/self/statm").open() as statm:
        return int(statm.read().split()[5]) * resource.getpagesize()


def _release_reserve() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))


def _out_of_memory(memory: int) -> MediaLimitExceeded:
    return MediaLimitExceeded(
        f"decoding it needs more than the limit of {memory >> 20} MiB of memory",
        remedy="Convert it to wav, mp3 or flac, or raise the limit",
    )
