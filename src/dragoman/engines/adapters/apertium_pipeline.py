"""One direction of translation, kept running.

Starting the programs of a mode costs 50 to 180 ms, translating a sentence with them one or two; so they stay.
"""

import threading
import time
from collections.abc import Iterator, Sequence

from dragoman.core.errors import EngineCrashed, EngineFailed
from dragoman.engines.adapters.apertium_modes import Mode
from dragoman.engines.programs import ProgramChain

_END = b"[\n]\0"
"""Ends a text and its answer: a blank, since some stages hold back the last word until they see one, and NUL, which
makes every stage answer. A stage whose input ends early also writes NUL, but not the blank."""


class Pipeline:
    """The running programs of one mode. May be shared between threads, which take turns."""

    def __init__(self, mode: Mode, *, silence_limit: float) -> None:
        self._mode = mode
        self._silence_limit = silence_limit
        self._lock = threading.Lock()
        self._chain: ProgramChain | None = None
        self._last_used = 0.0

    @property
    def pids(self) -> list[int]:
        """Process ids of the running stages, none when it is idle."""
        return self._chain.pids if self._chain else []

    def prepare(self) -> None:
        """Has every stage started and loaded. Asks nothing of programs that run: they have been asked before."""
        with self._lock:
            if self._chain is not None and self._chain.running:
                self._last_used = time.monotonic()
                return
        self.translate([""])  # every stage has loaded when the answer comes

    def translate(self, texts: Sequence[str]) -> list[str]:
        """Apertium's answer to each of ``texts``, which are in its stream format.

        When a stage dies the pipeline is started again and goes on with the text that got no answer. Raises
        :class:`EngineFailed` when it dies twice over one text, or hangs.
        """
        answers: list[str] = []
        fatal = -1  # index of the text it last died over
        with self._lock:
            while len(answers) < len(texts):
                try:
                    for answer in self._answers(texts[len(answers) :]):
                        answers.append(answer)  # noqa: PERF402  what came before a crash must be kept
                except EngineCrashed as error:
                    self._stop()
                    if fatal == len(answers):
                        raise EngineFailed(f"Apertium {self._mode.name} dies over a sentence") from error
                    fatal = len(answers)
                except BaseException:
                    self._stop()  # half an answer may still be in the pipes
                    raise
            self._last_used = time.monotonic()
        return answers

    def close(self) -> None:
        """Ends the programs, after the call in progress. The next call starts them again."""
        with self._lock:
            self._stop()

    def close_if_idle(self, seconds: float) -> float | None:
        """Ends the programs if they had no work for ``seconds``.

        Returns the seconds until they will have been idle that long, None when none is running.
        """
        if not self._lock.acquire(blocking=False):
            return seconds
        try:
            left = self._last_used + seconds - time.monotonic()
            if self._chain is not None and left <= 0:
                self._stop()
            return left if self._chain is not None else None
        finally:
            self._lock.release()

    def _answers(self, texts: Sequence[str]) -> Iterator[str]:
        """Sends all, yields exactly one answer to each."""
        if self._chain is None:
            self._chain = ProgramChain(
                f"Apertium {self._mode.name}", self._mode.commands, silence_limit=self._silence_limit
            )
        request = b"".join(text.encode() + _END for text in texts)
        missing = len(texts)
        rest = b""
        for received in self._chain.exchange(request):
            *complete, rest = (rest + received).split(_END)
            if len(complete) > missing or (len(complete) == missing and rest):
                raise EngineFailed(f"Apertium {self._mode.name} gave more answers than it got sentences")
            for answer in complete:
                yield answer.decode(errors="replace")
            missing -= len(complete)
            if not missing:
                return

    def _stop(self) -> None:
        if self._chain is not None:
            self._chain.close()
            self._chain = None
