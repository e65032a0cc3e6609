"""ONNX sessions for voices: one thread each, a clear error for a file that cannot be used, an early end."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from dragoman.core.errors import EngineUnavailable


class Cancelled(Exception):
    """A run was ended because nobody wants its result any more. Never leaves this package."""


class Run:
    """One synthesis that another thread may end. Its work stops at the next operation of the graph."""

    def __init__(self) -> None:
        from onnxruntime import RunOptions  # noqa: PLC0415  slow to import, and not needed to describe

        self.options = RunOptions()
        self.ended = False

    def end(self) -> None:
        self.ended = True
        self.options.terminate = True


class Session:
    """A loaded graph. Safe to share between threads."""

    def __init__(self, graph: bytes | Path, *, source: Path, inputs: Sequence[str], remedy: str) -> None:
        """``source`` is the file that an error names, ``inputs`` what the graph must take.

        Raises :class:`EngineUnavailable` with ``remedy`` for a file that is missing, damaged or of another kind.
        """
        from onnxruntime import InferenceSession, SessionOptions  # noqa: PLC0415  as above

        options = SessionOptions()
        # One core per call: two threads take 1.5 times the CPU for the same speech, most of it spent spinning.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        try:
            self._session = InferenceSession(
                graph if isinstance(graph, bytes) else str(graph), options, providers=["CPUExecutionProvider"]
            )
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


def read_model(path: Path, remedy: str) -> bytes:
    """The bytes of a model file. Raises :class:`EngineUnavailable` naming it."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise EngineUnavailable(f"{path} cannot be read: {error.strerror}", remedy=remedy) from error
