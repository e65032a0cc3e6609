"""The decoder's program, started by hand."""

import os
import subprocess
import sys

from dragoman.media.decoder_wire import DecodeRequest


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
