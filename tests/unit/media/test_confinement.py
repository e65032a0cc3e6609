"""Confinement, tried from inside a process of its own."""

import signal
import subprocess
import sys


def run(code: str) -> subprocess.CompletedProcess[bytes]:
    prelude = "import os; from dragoman.media.confinement import claim_stdout, confine, grant_cpu, write; "
    return subprocess.run([sys.executable, "-c", prelude + code], capture_output=True, timeout=60, check=False)


def test_a_confined_process_opens_neither_files_nor_sockets():
    code = """
import errno, socket
confine(1 << 29, 60, 60)
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
    ended = run("confine(64 << 20, 60, 60); ok = bytes(32 << 20); print('half'); bytes(64 << 20)")
    assert ended.stdout == b"half\n"
    assert ended.stderr.endswith(b"MemoryError\n")


def test_what_libraries_print_does_not_reach_the_frames():
    ended = run("out = claim_stdout(); print('noise', flush=True); os.write(1, b'more'); write(out, b'frame')")
    assert ended.stdout == b"frame"
    assert ended.stderr == b"noise\nmore"


def test_cpu_time_ends_and_may_be_prolonged():
    spin = "import time; confine(1 << 29, 1, {most}); grant_cpu(2)\nwhile time.process_time() < 1.5: pass"
    assert run(spin.format(most=1)).returncode == -signal.SIGXCPU
    assert run(spin.format(most=2)).returncode == 0
