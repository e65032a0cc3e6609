"""The program inside a child process: loads one engine and does what its parent asks until the parent is gone.

Started as ``python -m dragoman.hosts.child PARENT_PID NICENESS PLUGIN [MODEL]``. Requests come on standard input,
replies go to standard output; whatever a library prints goes to standard error, so that it cannot break the framing.
"""

import ctypes
import os
import pkgutil
import signal
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

from dragoman.hosts import wire
from dragoman.hosts.calls import as_engine_error

_PR_SET_PDEATHSIG = 1


def die_with(parent: int) -> None:
    """Ends this process when ``parent`` ends, however it ends. Standard input closing says the same, but is only
    noticed between two requests."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(1)


def take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Moves the pipes away from the standard numbers, where libraries print and read."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, replies


class Servant:
    """Answers requests with one engine."""

    def __init__(self, name: str, engine: Any) -> None:
        self._name = name
        self._engine = engine
        self._stream: Any = None

    def answer(self, request: wire.Request) -> Iterator[wire.Reply]:
        try:
            yield from self._answer(request)
        except Exception as error:  # noqa: BLE001  the engine is fenced here: it may raise anything
            yield wire.Failure(as_engine_error(self._name, error))

    def _answer(self, request: wire.Request) -> Iterator[wire.Reply]:
        if request.verb == "close":
            yield wire.Done()
            self._close()
            return
        target = self._stream if request.verb == "stream" else self._engine
        result = getattr(target, request.method)(*request.args, **(request.kwargs or {}))
        if request.verb == "iterate":
            for item in result:
                yield wire.Result(item)
            yield wire.Done()
        elif request.verb == "open":
            self._stream = result
            yield wire.Done()
        else:
            yield wire.Result(result)

    def _close(self) -> None:
        """Nobody waits for it, so a stream may get its engine ready for the next one here: it may have a ``close``. An
        engine that can't is replaced, and this process with it."""
        stream, self._stream = self._stream, None
        close = getattr(stream, "close", None)
        if close is not None:
            try:
                close()
            except Exception as error:  # noqa: BLE001  the engine is fenced here: it may raise anything
                sys.exit(f"{self._name} could not close its stream: {type(error).__name__}")


def load(plugin: str, model: str | None) -> tuple[Servant | None, wire.Reply]:
    """Loads the engine; the reply is the greeting to the parent."""
    try:
        return Servant(plugin, pkgutil.resolve_name(plugin).load(model)), wire.Done()
    except Exception as error:  # noqa: BLE001  the plug-in is fenced here: it may raise anything
        return None, wire.Failure(as_engine_error(plugin, error))


def main(parent: int, niceness: int, plugin: str, model: str | None = None) -> None:
    die_with(parent)
    os.nice(niceness)
    requests, replies = take_pipes()
    servant, greeting = load(plugin, model)
    replies.write(wire.encode(greeting))
    replies.flush()
    while servant is not None:
        try:
            request = wire.read(requests)
        except EOFError:
            return
        for reply in servant.answer(request):
            replies.write(wire.encode(reply))
            replies.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
