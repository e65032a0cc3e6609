"""Firefox Translations: Mozilla's small neural models, one per direction, run by fxtranslate on one core.

fxtranslate holds the GIL for a whole call, and a translator may be used by no thread but the one that made it. So the
engine runs in a child process, and everything that it does with fxtranslate happens on one thread of its own.
"""

import platform
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache, partial
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from threading import Lock, Timer
from typing import Final

from dragoman.core.errors import EngineError, EngineUnavailable, ModelNotInstalled, UnsupportedLanguage
from dragoman.core.quality import Figure
from dragoman.engines import catalogue
from dragoman.engines.adapters import sentence_text
from dragoman.engines.adapters.firefox_pair import Pair
from dragoman.engines.catalogue import InstalledModel
from dragoman.engines.mt import TranslatorInfo

_RANK: Final = 12
_LOADED: Final = 6
"""Pairs in memory at once, of 31 MB (tiny) to 100 MB (base) each."""
_IDLE_SECONDS: Final = 600.0
_CPUINFO: Final = Path("/proc/cpuinfo")

Direction = tuple[str, str]


def describe(model: str | None = None) -> TranslatorInfo:
    if find_spec("fxtranslate") is None:
        raise EngineUnavailable("fxtranslate is not installed", remedy="Run: pip install fxtranslate")
    check_processor()
    models = _models(model)
    return TranslatorInfo(
        name="firefox",
        version=version("fxtranslate"),
        licence="MPL-2.0",
        runs_in="process",
        rank=_RANK,
        pairs=tuple(models),
        figures={pair: figure for pair, found in models.items() if (figure := _figure(pair, found)) is not None},
    )


def load(model: str | None = None) -> "Firefox":
    describe(model)
    return Firefox(_models(model))


class Firefox:
    """All installed directions, each loaded when it is first needed. May be called from several threads, which take
    turns."""

    def __init__(
        self, models: dict[Direction, InstalledModel], *, loaded: int = _LOADED, idle_after: float = _IDLE_SECONDS
    ) -> None:
        """``loaded``: pairs kept in memory, those used last. ``idle_after``: seconds without work after which a pair
        is let go."""
        self._models = models
        self._most = loaded
        self._idle_after = idle_after
        self._pairs: dict[Direction, Pair] = {}
        """Those used last at the end. Only the worker's thread touches it."""
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="firefox")
        self._timer: Timer | None = None
        self._timer_lock = Lock()

    @property
    def loaded(self) -> tuple[Direction, ...]:
        """Pairs in memory, those used last at the end."""
        return self._worker.submit(lambda: tuple(self._pairs)).result()

    def prepare(self, source: str, target: str) -> None:
        self._with_pair((source, target), lambda _: None)

    def translate(self, sentences: Sequence[str], source: str, target: str) -> list[str]:
        given = [sentence_text.clean(sentence) for sentence in sentences]
        answers: list[str] = []
        self._with_pair((source, target), lambda pair: answers.extend(map(pair.translate, given)))
        return answers

    def close(self) -> None:
        """Let go of every pair. The engine cannot be used afterwards."""
        with self._timer_lock:
            if self._timer is not None:
                self._timer.cancel()
        with suppress(RuntimeError):  # closed before
            self._worker.submit(self._pairs.clear).result()
        self._worker.shutdown()

    def _with_pair(self, pair: Direction, work: Callable[[Pair], None]) -> None:
        if pair not in self._models:
            pairs = ", ".join(f"{source}-{target}" for source, target in self._models)
            raise UnsupportedLanguage(f"No Firefox model for {'-'.join(pair)} is loaded", remedy=f"Loaded: {pairs}")
        failure = self._worker.submit(partial(self._attempt, pair, work)).result()
        self._watch_idleness(self._idle_after)
        if failure is not None:
            raise failure

    def _attempt(self, direction: Direction, work: Callable[[Pair], None]) -> EngineError | None:
        try:
            self._work(direction, work)
        except EngineError as error:
            # Anew: the traceback would take the translator to the caller's thread, where it must not be dropped.
            return type(error)(error.message, remedy=error.remedy)
        return None

    def _work(self, direction: Direction, work: Callable[[Pair], None]) -> None:
        pair = self._pairs.pop(direction, None)
        if pair is None:
            while len(self._pairs) >= self._most:
                del self._pairs[next(iter(self._pairs))]
            pair = Pair(self._models[direction])
        work(pair)  # one that raises is loaded anew by the next call
        self._pairs[direction] = pair

    def _watch_idleness(self, seconds: float) -> None:
        with self._timer_lock:
            if self._timer is None:
                self._timer = Timer(seconds, self._let_go_idle)
                self._timer.daemon = True
                self._timer.start()

    def _let_go_idle(self) -> None:
        with self._timer_lock:
            self._timer = None
        try:
            wait = self._worker.submit(self._drop_idle).result()
        except RuntimeError:  # closed meanwhile
            return
        if wait is not None:
            self._watch_idleness(wait)

    def _drop_idle(self) -> float | None:
        """Returns the seconds until the next pair may be let go; None when no pair is left."""
        waits: list[float] = []
        for direction, pair in list(self._pairs.items()):
            remaining = self._idle_after - pair.idle_seconds
            if remaining <= 0:
                del self._pairs[direction]
            else:
                waits.append(remaining)
        return min(waits, default=None)


def check_processor(machine: str = platform.machine(), cpuinfo: Path = _CPUINFO) -> None:
    """Raise :class:`EngineUnavailable` on an x86 processor without AVX2, where a sentence would take seconds."""
    if machine in {"x86_64", "AMD64"} and "avx2" not in _processor_flags(cpuinfo):
        raise EngineUnavailable(
            "This processor has no AVX2, which Firefox's models need to be quick enough",
            remedy="Use a processor of 2015 or later, or another translator: dragoman engines lists them",
        )


@cache
def _processor_flags(cpuinfo: Path) -> frozenset[str]:
    try:
        lines = cpuinfo.read_text(encoding="utf-8").splitlines()
    except OSError:  # no Linux: nothing says what the processor lacks
        return frozenset({"avx2"})
    return frozenset(next((line.partition(":")[2].split() for line in lines if line.startswith("flags")), ()))


def _models(model: str | None) -> dict[Direction, InstalledModel]:
    """Installed models by direction. Raises :class:`EngineUnavailable` when there is none."""
    found = catalogue.installed("firefox") if model is None else (catalogue.locate(f"firefox:{model}"),)
    if not found:
        raise ModelNotInstalled(
            "No Firefox translation model is installed", remedy="Run: dragoman models pull firefox:en-pt"
        )
    return {pair: installed for installed in found for pair in installed.model.pairs}


def _figure(pair: Direction, installed: InstalledModel) -> Figure | None:
    return installed.model.figures.get("-".join(pair))
