"""Apertium: rule-based translation between many pairs, most of them close relatives; English to Spanish, Catalan,
Galician and Esperanto.

GPL, hence programs of their own, driven through pipes.
"""

import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import TypeVar

from dragoman.core.errors import EngineUnavailable, UnsupportedLanguage
from dragoman.engines.adapters import apertium_text
from dragoman.engines.adapters.apertium_figures import figures
from dragoman.engines.adapters.apertium_modes import Mode, Pair, installed_modes
from dragoman.engines.adapters.apertium_pipeline import Pipeline
from dragoman.engines.mt import TranslatorInfo

R = TypeVar("R")

_INSTALL = "apt-get install apertium apertium-eng-spa apertium-spa-cat apertium-fr-es apertium-es-pt apertium-spa-ita"


def describe(model: str | None = None) -> TranslatorInfo:  # noqa: ARG001  what is installed is the model
    return TranslatorInfo(
        name="apertium",
        version=_version(),
        licence="GPL-2.0-or-later AND GPL-3.0-or-later",
        runs_in="program",
        pairs=tuple(modes := _modes()),
        figures=figures(modes),
    )


def load(model: str | None = None) -> "Apertium":  # noqa: ARG001  as above
    return Apertium(_modes())


class Apertium:
    """All installed pairs. May be called from several threads; calls for one pair take turns."""

    def __init__(self, modes: Mapping[Pair, Mode], *, idle_after: float = 300.0, silence_limit: float = 20.0) -> None:
        """``idle_after``: seconds without work after which the programs of a pair are ended. ``silence_limit``:
        seconds without a sign of life after which they are taken for hung."""
        self._idle_after = idle_after
        pipelines = {mode.name: Pipeline(mode, silence_limit=silence_limit) for mode in modes.values()}
        self._pipelines = {pair: pipelines[mode.name] for pair, mode in modes.items()}
        self._timer: threading.Timer | None = None
        self._timer_lock = threading.Lock()

    def prepare(self, source: str, target: str) -> None:
        self._used(self.pipeline(source, target).prepare)

    def translate(self, sentences: Sequence[str], source: str, target: str) -> list[str]:
        given = [apertium_text.clean(sentence) for sentence in sentences]
        # What has no letters (numbers, emoji, marks) reads the same in every language.
        worded = [sentence for sentence in given if any(map(str.isalpha, sentence))]
        encoded = [apertium_text.encode(sentence, source) for sentence in worded]
        answers = self._used(partial(self.pipeline(source, target).translate, encoded))
        translated = map(apertium_text.decode, answers, worded)
        return [next(translated) if any(map(str.isalpha, sentence)) else sentence for sentence in given]

    def pipeline(self, source: str, target: str) -> Pipeline:
        """The programs that translate one pair. Raises :class:`UnsupportedLanguage`."""
        pipeline = self._pipelines.get((source, target))
        if pipeline is None:
            pairs = ", ".join(f"{one}-{other}" for one, other in self._pipelines)
            raise UnsupportedLanguage(f"Apertium has no pair {source}-{target}", remedy=f"Its pairs: {pairs}")
        return pipeline

    def close(self) -> None:
        """Ends every program. A later call starts what it needs."""
        with self._timer_lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
        for pipeline in self._pipelines.values():
            pipeline.close()

    def _used(self, work: Callable[[], R]) -> R:
        try:
            return work()
        finally:
            self._watch_idleness(self._idle_after)

    def _watch_idleness(self, seconds: float) -> None:
        """Looks after ``seconds`` which programs are idle. Several pairs share one timer."""
        with self._timer_lock:
            if self._timer is None:
                self._timer = threading.Timer(seconds, self._close_idle)
                self._timer.daemon = True
                self._timer.start()

    def _close_idle(self) -> None:
        with self._timer_lock:
            self._timer = None
        remaining = [pipeline.close_if_idle(self._idle_after) for pipeline in self._pipelines.values()]
        running = [seconds for seconds in remaining if seconds is not None]
        if running:
            self._watch_idleness(min(running))


def _modes() -> dict[Pair, Mode]:
    modes = installed_modes()
    if not modes:
        raise EngineUnavailable("Apertium or its language pairs are not installed", remedy=_INSTALL)
    return modes


@cache
def _version() -> str:
    """Of its core, lttoolbox; the other programs do not say theirs."""
    try:
        answer = subprocess.run(["lt-proc", "-v"], capture_output=True, text=True, check=True, timeout=10)
    except (OSError, subprocess.SubprocessError) as error:
        raise EngineUnavailable(f"Apertium is not installed: {error}", remedy=_INSTALL) from error
    return answer.stdout.split()[-1]
