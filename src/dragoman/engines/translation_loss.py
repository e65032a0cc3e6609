"""How much a direct pair of a translator loses, in points of chrF, so that pairs can be compared.

chrF depends on the test set and on the language: 48 is excellent into Japanese and poor into Spanish. So a pair is
judged by its distance to a ceiling: the best that is known for this pair on this test set.
"""

from collections.abc import Mapping
from typing import Final

from dragoman.core.language import same_language
from dragoman.core.quality import Figure
from dragoman.engines.mt import TranslatorInfo

_LEAST: Final = 0.5
"""Loss of a pair that is as good as its ceiling, or better."""

_NTREX: Final = {"from English": 59.0, "into English": 62.0, "without English": 59.0}
"""Ceilings on NTREX-128, fitted to the 74 routes that bench/quality_mt.py measures."""

_FLORES: Final[Mapping[str, tuple[float, float]]] = {
    "bg": (70.1, 70.1),
    "ca": (67.3, 72.0),
    "cs": (62.6, 68.4),
    "da": (71.9, 73.5),
    "de": (68.9, 69.9),
    "el": (55.7, 60.1),
    "es": (57.5, 61.0),
    "et": (63.6, 66.9),
    "fi": (61.8, 63.7),
    "fr": (72.1, 70.5),
    "gl": (63.5, 69.4),
    "hi": (61.2, 69.4),
    "hr": (63.0, 66.2),
    "hu": (61.2, 65.3),
    "id": (73.0, 71.4),
    "it": (60.3, 63.5),
    "ja": (47.7, 61.1),
    "ko": (40.6, 62.1),
    "lt": (62.7, 63.4),
    "lv": (64.5, 67.0),
    "ms": (70.0, 72.1),
    "nb": (63.3, 69.3),
    "nl": (60.1, 61.3),
    "pl": (55.3, 59.9),
    "pt": (73.6, 73.3),
    "ro": (67.0, 70.6),
    "ru": (61.4, 64.2),
    "sk": (65.4, 68.7),
    "sl": (61.8, 64.6),
    "sv": (71.0, 72.8),
    "tr": (63.6, 60.8),
    "uk": (61.3, 67.7),
    "vi": (62.5, 65.1),
    "zh": (44.8, 61.6),
}
"""Best chrF of any system on FLORES-200 devtest, from English and into it, nearly always that of Google Translate;
computed from the system outputs that Mozilla published with its models in December 2025."""

_ELSEWHERE: Final = 3.0
"""Least loss of a pair that was measured on a test set whose ceiling is not known."""

_NOT_MEASURED: Final = 18.0
"""Loss of an unmeasured pair of an engine of rank 0, of which half is a gist; each point of rank is worth a point."""

_NOT_MEASURED_BOUNDS: Final = (5.0, 40.0)


def figure_of(info: TranslatorInfo, source: str, target: str) -> Figure | None:
    """What was measured of a pair, or of the same languages in another region."""
    if (exact := info.figures.get((source, target))) is not None:
        return exact
    for (other_source, other_target), figure in info.figures.items():
        if same_language(source, other_source) and same_language(target, other_target):
            return figure
    return None


def ceiling(figure: Figure, source: str, target: str) -> float | None:
    """The best chrF that is known for a pair on the test set of ``figure``; None where that is not known."""
    if figure.dataset.startswith("NTREX"):
        return _NTREX[_direction(source, target)]
    if figure.dataset.startswith("FLORES") and "en" in {_primary(source), _primary(target)}:
        into_english = _primary(target) == "en"
        other = _primary(source if into_english else target)
        return _FLORES[other][into_english] if other in _FLORES else None
    return None


def loss(info: TranslatorInfo, source: str, target: str) -> float:
    """Points of chrF below the ceiling; a careful guess for a pair that was not measured."""
    figure = figure_of(info, source, target)
    if figure is None:
        low, high = _NOT_MEASURED_BOUNDS
        return min(max(low, _NOT_MEASURED - info.rank), high)
    best = ceiling(figure, source, target)
    if best is None:
        return max(_ELSEWHERE, _NTREX[_direction(source, target)] - figure.value)
    return max(_LEAST, best - figure.value)


def _direction(source: str, target: str) -> str:
    if _primary(source) == "en":
        return "from English"
    return "into English" if _primary(target) == "en" else "without English"


def _primary(tag: str) -> str:
    return tag.partition("-")[0]
