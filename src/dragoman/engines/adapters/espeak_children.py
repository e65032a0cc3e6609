"""The child programs around libespeak-ng: started when needed, kept for the next request, asked one thing at a time."""

import json
import struct
import sys
import threading
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path

from dragoman.core.errors import EngineFailed
from dragoman.engines.programs import ProgramChain

INSTALL = "apt-get install espeak-ng libespeak-ng1"

_COMMAND = (sys.executable, "-I", "-S", str(Path(__file__).with_name("espeak_child.py")))
_FRAME = struct.Struct(">cI")
_KEPT = 2
"""Children kept for the next request; 34 MB each, most of it shared."""


class EspeakChildren:
    """A pool of children. Safe to share between threads; each request has a child of its own."""

    def __init__(self, *, silence_limit: float = 20.0) -> None:
        """``silence_limit``: seconds without a sign of life after which a child counts as hung."""
        self._silence_limit = silence_limit
        self._idle: list[ProgramChain] = []
        self._lock = threading.Lock()

    @property
    def ready(self) -> bool:
        """Whether a child waits for a request."""
        with self._lock:
            return any(child.running for child in self._idle)

    def ask(self, request: Mapping[str, object]) -> Generator[tuple[bytes, bytes], None, None]:
        """Frames (kind, payload) of the answer; see :mod:`espeak_child`. Close it when leaving early.

        Raises :class:`~dragoman.core.errors.EngineUnavailable` when no child can be started, :class:`EngineFailed`
        and :class:`~dragoman.core.errors.EngineCrashed` for what happens to it.
        """
        child = self._take()
        try:
            yield from _ask(child, request)
        except BaseException:
            child.close()  # it died, or the caller went away in the middle of its answer
            raise
        self._give_back(child)

    def close(self) -> None:
        """End the idle children. A later request starts a new one."""
        with self._lock:
            idle, self._idle = self._idle, []
        for child in idle:
            child.close()

    def _take(self) -> ProgramChain:
        with self._lock:
            while self._idle:
                child = self._idle.pop()
                if child.running:
                    return child
                child.close()
        return ProgramChain("espeak-ng", [_COMMAND], silence_limit=self._silence_limit)

    def _give_back(self, child: ProgramChain) -> None:
        with self._lock:
            if len(self._idle) < _KEPT:
                self._idle.append(child)
                return
        child.close()


def _ask(child: ProgramChain, request: Mapping[str, object]) -> Iterator[tuple[bytes, bytes]]:
    body = json.dumps(request).encode()
    received = bytearray()
    for data in child.exchange(struct.pack(">I", len(body)) + body):
        received += data
        while len(received) >= _FRAME.size:
            kind, length = _FRAME.unpack_from(received)
            end = _FRAME.size + length
            if len(received) < end:
                break
            payload = bytes(received[_FRAME.size : end])
            del received[:end]
            if kind == b"X":
                raise EngineFailed(payload.decode())
            if kind == b"E":
                return
            yield kind, payload
