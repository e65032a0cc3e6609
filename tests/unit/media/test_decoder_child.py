"""The child's confinement, tried from inside a process of its own."""

import os
import subprocess
import sys

from dragoman.media.decoder_wire import DecodeRequest


def run(code: str) -> subprocess.CompletedProcess[bytes]:
    prelude = "import os; from dragoman.media.decoder_child import DecodeLimits, _claim_stdout, _confine, _write; "
    return subprocess.run([sys.executable, "-c", prelude + code], capture_output=True, timeout=60, check=False)


def test_a_confined_process_opens_neither_files_nor_sockets():
    code = """
import errno, socket
_confine(DecodeLimits())
for attempt in (lambda: open("/etc/passwd"), socket.socket, os.pipe):
    try:
        attempt()
    except OSError as error:
        assert error.errno == errno.EMFILE, error
    else:
        raise AssertionError("it was opened")
"""
    ended = run(f"exec({code!r})")
    assert (ended.returncode, ended.stderr) == (0, b"")


def test_a_confined_process_cannot_take_more_memory():
    ended = run("_confine(DecodeLimits(memory=64 << 20)); ok = bytes(32 << 20); print('half'); bytes(64 << 20)")
    assert ended.stdout == b"half\n"
    assert ended.stderr.endswith(b"MemoryError\n")


def test_what_libraries_print_does_not_reach_the_frames():
    ended = run("out = _claim_stdout(); print('noise', flush=True); os.write(1, b'more'); _write(out, b'frame')")
    assert ended.stdout == b"frame"
    assert ended.stderr == b"noise\nmore"


def test_an_orphan_ends_at_once():
    request = DecodeRequest(os.getpid() + 1, 16_000, split_channels=False)
    ended = subprocess.run(
        [sys.executable, "-m", "dragoman.media.decoder_child", request.to_json()],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (1, b"")
