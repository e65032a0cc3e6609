"""Translation models in CTranslate2's format: OPUS-MT, Argos packages, M2M-100, SMaLL-100, MADLAD-400.

The operator imports a folder (``dragoman models import``); what is in it tells its family, and the family how text
becomes tokens (:mod:`dragoman.engines.adapters.opus_family`). CTranslate2 lets go of the GIL.
"""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from importlib.util import find_spec
from itertools import permutations
from threading import Lock
from typing import Final

from dragoman.core.errors import EngineUnavailable, ModelNotInstalled, UnsupportedLanguage
from dragoman.core.quality import Figure
from dragoman.engines import catalogue
from dragoman.engines.adapters.opus_family import family_of
from dragoman.engines.adapters.opus_model import LoadedModel
from dragoman.engines.catalogue import InstalledModel
from dragoman.engines.mt import TranslatorInfo

_RANK: Final = 10
_LOADED: Final = 3
"""Models in memory at once, of 75 MB to 3 GB."""
_PERMUTED: Final = 100
"""A model of more languages than these offers its pairs with English alone; routing composes the others. All pairs
of 200 languages would be 39,800, and every start and every list of languages would go through them."""

Direction = tuple[str, str]


def describe(model: str | None = None) -> TranslatorInfo:
    if find_spec("ctranslate2") is None or find_spec("sentencepiece") is None:
        raise EngineUnavailable(
            "ctranslate2 or sentencepiece is not installed", remedy="Run: pip install ctranslate2 sentencepiece"
        )
    models = _by_pair(model)
    return TranslatorInfo(
        name="ctranslate2",
        version=version("ctranslate2"),
        licence=" AND ".join(sorted({installed.model.licence for installed in models.values()})),
        runs_in="thread",
        rank=_RANK,
        pairs=tuple(models),
        figures={pair: figure for pair, found in models.items() if (figure := _figure(pair, found)) is not None},
    )


def load(model: str | None = None) -> "Opus":
    describe(model)
    return Opus(_by_pair(model))


class Opus:
    """All imported models, each loaded when it is first needed. May be called from several threads."""

    def __init__(self, models: Mapping[Direction, InstalledModel], *, loaded: int = _LOADED) -> None:
        """``loaded``: models kept in memory, those used last."""
        self._models = models
        self._most = loaded
        self._loaded: dict[str, LoadedModel] = {}
        self._lock = Lock()

    @property
    def loaded(self) -> tuple[str, ...]:
        """Names of the models in memory, those used last at the end."""
        return tuple(self._loaded)

    def prepare(self, source: str, target: str) -> None:
        self._model(source, target)

    def translate(self, sentences: Sequence[str], source: str, target: str) -> list[str]:
        return self._model(source, target).translate(sentences, source, target)

    def _model(self, source: str, target: str) -> LoadedModel:
        installed = self._models.get((source, target))
        if installed is None:
            raise UnsupportedLanguage(
                f"No imported model translates {source}-{target}", remedy="List them with: dragoman models list"
            )
        name = installed.model.name
        with self._lock:
            model = self._loaded.pop(name, None)
            if model is None:
                while len(self._loaded) >= self._most:
                    del self._loaded[next(iter(self._loaded))]
                model = LoadedModel(installed)
            self._loaded[name] = model
            return model

    def close(self) -> None:
        with self._lock:
            self._loaded.clear()


def _by_pair(model: str | None) -> dict[Direction, InstalledModel]:
    """Installed models by direction; one made for a pair comes before one for many languages."""
    found = catalogue.installed("ctranslate2") if model is None else (catalogue.locate(f"ctranslate2:{model}"),)
    if not found:
        raise ModelNotInstalled(
            "No model for CTranslate2 is installed",
            remedy="Import one: dragoman models import FOLDER --name ctranslate2:NAME",
        )
    pairs: dict[Direction, InstalledModel] = {}
    for installed in sorted(found, key=lambda each: len(_pairs(each))):
        for pair in _pairs(installed):
            pairs.setdefault(pair, installed)
    return pairs


def _pairs(installed: InstalledModel) -> tuple[Direction, ...]:
    """What the manifest says, else every pair of the family's languages."""
    if installed.model.pairs:
        return installed.model.pairs
    family = family_of(installed)
    tags = [tag for tag in family.codes if not installed.model.languages or tag in installed.model.languages]
    if len(tags) <= _PERMUTED:
        return tuple(permutations(tags, 2))
    others = [tag for tag in tags if tag != "en"]
    return (*(("en", tag) for tag in others), *((tag, "en") for tag in others))


def _figure(pair: Direction, installed: InstalledModel) -> Figure | None:
    return installed.model.figures.get("-".join(pair))
