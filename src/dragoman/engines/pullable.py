"""Which translations could be had, or had better, by pulling models of the catalogue."""

from collections.abc import Iterator, Mapping

from dragoman.core.errors import EngineNotFound
from dragoman.engines import catalogue, registry
from dragoman.engines.catalogue.entries import entries
from dragoman.engines.catalogue.model import Model
from dragoman.engines.installed import Installed, Survey
from dragoman.engines.mt import TranslatorInfo
from dragoman.engines.routes import InstalledTranslator, Routes, Step, total_loss

_ENGINE = "firefox"
"""The engine whose translation models the catalogue has."""

_WORTH = 1.0
"""Points of chrF that a route must gain to be worth a download."""

Models = tuple[str, ...]


class Pullable:
    """Routes with all models of the catalogue, beside those of what is installed."""

    def __init__(self, found: Survey) -> None:
        wanted = tuple(_not_installed())
        self._names = {engine.info.name for engine in wanted}
        self._now = Routes(found.translators)
        self._then = Routes((*found.translators, *wanted))

    @property
    def sources(self) -> list[str]:
        """Languages that are translated from, or would be."""
        return sorted(self._then.sources)

    def models(self, source: str) -> Mapping[str, Models]:
        """For each target that pulling helps with: the models of the best route that are not installed."""
        if not self._names:
            return {}
        now = self._now.find_all(source)
        return {
            target: models
            for target, steps in self._then.find_all(source).items()
            if (models := _missing(steps, self._names)) and _gains(steps, now.get(target))
        }


def _missing(steps: tuple[Step, ...], names: set[str]) -> Models:
    return tuple(step.engine.info.name for step in steps if step.engine.info.name in names)


def _gains(steps: tuple[Step, ...], now: tuple[Step, ...] | None) -> bool:
    return now is None or total_loss(steps) <= total_loss(now) - _WORTH


def _not_installed() -> Iterator[InstalledTranslator]:
    """The catalogue's models as if they were engines; each is named as it is pulled."""
    try:
        ref = registry.find(registry.TRANSLATORS, _ENGINE)
    except EngineNotFound:
        return
    here = {installed.model.name for installed in catalogue.installed(_ENGINE)}
    for name, entry in entries(_ENGINE).items():
        if name not in here:
            yield Installed(ref, _info(entry.model))


def _info(model: Model) -> TranslatorInfo:
    figures = {pair: model.figures["-".join(pair)] for pair in model.pairs if "-".join(pair) in model.figures}
    return TranslatorInfo(
        name=model.name,
        version="",
        licence=model.licence,
        runs_in="process",
        pairs=model.pairs,
        figures=figures,
        rank=12,
    )
