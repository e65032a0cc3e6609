"""ONNX sessions for voices: one thread each, a clear error for a file that cannot be used, an early end."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from dragoman.core.errors import EngineUnavailable
from dragoman.engines.adapters.onnx_voice.graph import Buffer


class Cancelled(Exception):
    """A run was ended because nobody wants its result any more. Never leaves this package."""


class Run:
    """One synthesis that another thread may end. Its work stops at the next operation of the graph."""

    def __init__(self) -> None:
        from onnxruntime import RunOptions  # noqa: PLC0415  slow to import, and not needed to describe

        self.options = RunOptions()
        # What a long sentence took is given back: Kokoro idles at 200 MB instead of 480, at no cost that shows.
        self.options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
        self.ended = False

    def end(self) -> None:
        self.ended = True
        self.options.terminate = True


class Session:
    """A loaded graph. Safe to share between threads."""

    def __init__(self, graph: Sequence[Buffer], *, source: Path, inputs: Sequence[str], remedy: str) -> None:
        """``graph`` is the model, in parts; ``source`` is the file that an error names, ``inputs`` what the graph must
        take.

        Raises :class:`EngineUnavailable` with ``remedy`` for a file that is damaged or of another kind.
        """
        from onnxruntime import InferenceSession, SessionOptions  # noqa: PLC0415  as above

        options = SessionOptions()
        # One core per call: two threads take 1.5 times the CPU for the same speech, most of it spent spinning.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        try:
            with _as_file(graph) as path:
                self._session = InferenceSession(path, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime raises a dozen kinds, of no common base
            raise EngineUnavailable(f"{source} cannot be loaded: it is damaged or no model", remedy=remedy) from error
        taken = {value.name for value in self._session.get_inputs()}
        if not taken >= set(inputs):
            raise EngineUnavailable(
                f"{source} is a model of another kind: it takes {', '.join(sorted(taken))}"
                f" instead of {', '.join(sorted(inputs))}",
                remedy=remedy,
            )
        self.inputs = frozenset(taken)

    def run(self, outputs: Sequence[str] | None, inputs: Mapping[str, NDArray[Any]], run: Run) -> list[NDArray[Any]]:
        """Raises :class:`Cancelled` when ``run`` was ended."""
        if run.ended:
            raise Cancelled
        try:
            results: list[NDArray[Any]] = self._session.run(outputs, dict(inputs), run.options)
        except Exception as error:
            if run.ended:
                raise Cancelled from error
            raise
        return results


@contextmanager
def _as_file(parts: Sequence[Buffer]) -> Iterator[str]:
    """A path to ``parts`` in memory: a session that is made from bytes keeps a copy of them, 100 MB for Kokoro."""
    descriptor = os.memfd_create("model")
    with os.fdopen(descriptor, "wb") as file:
        for part in parts:
            file.write(part)
        file.flush()
        yield f"/proc/self/fd/{descriptor}"


def read_model(path: Path, remedy: str) -> Buffer:
    """The content of a model file, which stays on disk. Raises :class:`EngineUnavailable` naming it."""
    try:
        with path.open("rb") as file:
            return mmap(file.fileno(), 0, access=ACCESS_READ) if path.stat().st_size else b""
    except OSError as error:
        raise EngineUnavailable(f"{path} cannot be read: {error.strerror}", remedy=remedy) from error
