"""Runs programs joined by pipes, for engines that must stay programs of their own.

Knows nothing of what the programs say to each other: bytes go in at one end and come out at the other.

The programs end when their input does, and the kernel closes their input when this process dies, even at kill -9.
``setpriv --pdeathsig`` would not be safer: that signal is sent when the *thread* that started the program ends, and
worker threads end all the time.
"""

import os
import select
import subprocess
import weakref
from collections.abc import Iterator, Sequence

from dragoman.core.errors import EngineCrashed, EngineFailed, EngineUnavailable

_READ = 65536
"""Bytes; a Linux pipe holds no more."""


class ProgramChain:
    """One or more programs, each reading what the one before it writes. Not safe to share between threads."""

    def __init__(self, name: str, commands: Sequence[Sequence[str]], *, silence_limit: float) -> None:
        """Starts them. ``silence_limit`` is in seconds. Raises :class:`EngineUnavailable` when one is not installed."""
        self._name = name
        self._silence_limit = silence_limit
        self._programs: list[subprocess.Popen[bytes]] = []
        self.close = weakref.finalize(self, _end, self._programs)
        """Ends them at once. Also done when the chain is forgotten, and at exit."""
        try:
            for command in commands:
                self._programs.append(_start(command, self._programs[-1] if self._programs else None))
        except OSError as error:
            self.close()
            raise EngineUnavailable(f"{name} cannot be started: {error}") from error
        self._input = _descriptor(self._programs[0].stdin)
        self._output = _descriptor(self._programs[-1].stdout)
        os.set_blocking(self._input, False)

    @property
    def pids(self) -> list[int]:
        """Process ids, first program first."""
        return [program.pid for program in self._programs]

    @property
    def running(self) -> bool:
        """Whether all of them live."""
        return all(program.poll() is None for program in self._programs)

    def exchange(self, data: bytes) -> Iterator[bytes]:
        """Writes ``data`` and yields what comes back, at the same time, so that full pipes never block both ends.

        The caller knows when the answer is complete and stops iterating. Raises :class:`EngineCrashed` when a program
        ended, :class:`EngineFailed` when nothing moved for ``silence_limit`` seconds.
        """
        pending = memoryview(data)
        poller = select.poll()
        poller.register(self._output, select.POLLIN)
        poller.register(self._input, select.POLLOUT)
        while True:
            ready = {descriptor for descriptor, _ in poller.poll(self._silence_limit * 1000)}
            if not ready:
                raise EngineFailed(f"{self._name} gave no answer for {self._silence_limit:g} seconds")
            if self._output in ready:
                yield self._read()
            if self._input in ready:
                pending = pending[self._write(pending) :]
                if not pending:
                    poller.unregister(self._input)

    def _read(self) -> bytes:
        got = os.read(self._output, _READ)
        if not got:
            raise self._crashed()
        return got

    def _write(self, data: memoryview) -> int:
        try:
            return os.write(self._input, data)
        except BrokenPipeError as error:
            raise self._crashed() from error

    def _crashed(self) -> EngineCrashed:
        return EngineCrashed(f"{self._name} ended unexpectedly")


def _start(command: Sequence[str], before: "subprocess.Popen[bytes] | None") -> "subprocess.Popen[bytes]":
    program = subprocess.Popen(
        command,
        stdin=before.stdout if before else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
        # The default, and needed: a chain that held the input of another would keep it from ending.
        close_fds=True,
        # Ctrl-C in a terminal reaches the whole foreground group; the server decides when its engines end.
        start_new_session=True,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )
    if before and before.stdout:
        before.stdout.close()  # or this process would keep it open when the program that reads it ends
    return program


def _end(programs: "list[subprocess.Popen[bytes]]") -> None:
    for program in programs:
        for pipe in (program.stdin, program.stdout):
            if pipe:
                pipe.close()
        program.kill()  # they keep nothing worth saving
    for program in programs:
        program.wait()


def _descriptor(pipe: object) -> int:
    descriptor: int = pipe.fileno()  # type: ignore[attr-defined]  # Popen types a pipe that it was asked for as optional
    return descriptor
