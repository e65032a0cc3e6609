"""Whisper on CTranslate2: recognition of 99 languages, live and in batches, and translation of speech into English.

One model of the catalogue is one engine, ``whisper:base``. All engines of a process that use a model share its weights.
"""

from importlib.metadata import version
from importlib.util import find_spec
from math import log2
from types import SimpleNamespace
from typing import Final

from dragoman.core.audio import SPEECH_RATE
from dragoman.core.errors import EngineUnavailable
from dragoman.engines import catalogue
from dragoman.engines.adapters.whisper.languages import CODES
from dragoman.engines.asr import Recognizer, RecognizerInfo
from dragoman.engines.catalogue import InstalledModel
from dragoman.engines.speech_translation import SpeechTranslator, SpeechTranslatorInfo

_ENGINE: Final = "whisper"
_DEFAULT: Final = "base"
_RANK: Final = 20
"""Of the default size. Others come behind it, the farther from its size the more."""
_BASE_SIZE: Final = 145_000_000
"""Bytes."""
_LEAST_DELAY: Final = 2.0
"""Seconds. Whisper hears single words badly: where they became final a second after they were said, half were wrong."""
_LIBRARIES: Final = ("ctranslate2", "tokenizers", "faster_whisper")


def models() -> list[str]:
    """Return the sizes that are installed, the largest first; the default one when there is none."""
    return [_size(model) for model in _by_size()] or [_DEFAULT]


def _multilingual_models() -> list[str]:
    return [_size(model) for model in _by_size() if _languages(model) != ("en",)] or [_DEFAULT]


def _by_size() -> list[InstalledModel]:
    return sorted(catalogue.installed(_ENGINE), key=lambda model: -model.model.size)


def _rank(model: InstalledModel) -> int:
    """Prefer the base model, then larger ones, then smaller ones, which mishear far more."""
    steps = log2(model.model.size / _BASE_SIZE)
    return _RANK - round(2 * steps if steps >= 0 else -8 * steps)


def _licence(model: InstalledModel) -> str:
    return " AND ".join(dict.fromkeys(("MIT", model.model.licence)))


def _size(model: InstalledModel) -> str:
    return model.model.name.partition(":")[2]


def describe(model: str | None = None) -> RecognizerInfo:
    found = _installed(model)
    return RecognizerInfo(
        name=found.model.name,
        version=version("ctranslate2"),
        licence=_licence(found),
        runs_in="thread",
        rank=_rank(found),
        accuracy=found.model.size >> 20,
        languages=_languages(found),
        sample_rate=SPEECH_RATE,
        streaming=True,
        punctuated=True,
        unstable_words=2,
        least_delay=_LEAST_DELAY,
        vocabulary=True,
        window=48.0,
        figures={language: figure for language, figure in found.model.figures.items() if language in CODES},
    )


def load(model: str | None = None) -> Recognizer:
    from dragoman.engines.adapters.whisper.recognizer import WhisperRecognizer  # noqa: PLC0415  imports CTranslate2
    from dragoman.engines.adapters.whisper.weights import Compute, shared_weights  # noqa: PLC0415  as above

    found = _installed(model)
    return WhisperRecognizer(shared_weights(found.model.name, found.folder, Compute.configured()))


def _describe_translator(model: str | None = None) -> SpeechTranslatorInfo:
    found = _installed(model)
    languages = [tag for tag in _languages(found) if tag != "en"]
    figures = found.model.figures
    if not languages:
        raise EngineUnavailable(
            f"{found.model.name} hears English only", remedy="Run: dragoman models pull whisper:base"
        )
    return SpeechTranslatorInfo(
        name=found.model.name,
        version=version("ctranslate2"),
        licence=_licence(found),
        runs_in="thread",
        rank=_rank(found),
        pairs=tuple((language, "en") for language in languages),
        sample_rate=SPEECH_RATE,
        longest=120.0,
        figures={(language, "en"): figures[f"{language}-en"] for language in languages if f"{language}-en" in figures},
    )


def _load_translator(model: str | None = None) -> SpeechTranslator:
    from dragoman.engines.adapters.whisper.translating import WhisperTranslator  # noqa: PLC0415  as above
    from dragoman.engines.adapters.whisper.weights import Compute, shared_weights  # noqa: PLC0415  as above

    found = _installed(model)
    return WhisperTranslator(shared_weights(found.model.name, found.folder, Compute.configured()))


speech_translator = SimpleNamespace(models=_multilingual_models, describe=_describe_translator, load=_load_translator)
"""The plug-in of group ``dragoman.speech_translators``."""


def _installed(model: str | None) -> InstalledModel:
    missing = [library for library in _LIBRARIES if find_spec(library) is None]
    if missing:
        raise EngineUnavailable(
            f"Whisper needs {', '.join(missing)}", remedy=f"Run: pip install {' '.join(_LIBRARIES)}"
        )
    return catalogue.locate(f"{_ENGINE}:{model or models()[0]}")


def _languages(found: InstalledModel) -> tuple[str, ...]:
    """Return the canonical tags that a model hears: those that its entry names, or all."""
    return found.model.languages or tuple(CODES)
