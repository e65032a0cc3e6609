"""How good Apertium's pairs are, measured by bench/quality_mt.py with the packages of Debian 12.

Those between Galician and Portuguese are of apertium-pt-gl, which set-up does not install: Spanish serves as well.
Pairs with Basque, Bosnian, Esperanto, Icelandic, Macedonian, Serbian and Nynorsk have no references in the data.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from dragoman.core.quality import Figure

_DATASET: Final = "NTREX-128, 200 lines"

_CHRF: Final[Mapping[tuple[str, str], float]] = {
    ("en", "es"): 48.6,
    ("es", "en"): 50.1,
    ("ca", "en"): 48.3,
    ("en", "ca"): 47.8,
    ("en", "gl"): 48.2,
    ("gl", "en"): 48.3,
    ("gl", "pt"): 55.1,
    ("pt", "gl"): 55.2,
    ("hr", "en"): 39.8,
    ("ca", "es"): 59.0,
    ("es", "ca"): 58.8,
    ("es", "fr"): 47.9,
    ("es", "gl"): 62.7,
    ("es", "it"): 49.4,
    ("es", "pt"): 54.0,
    ("fr", "es"): 48.3,
    ("gl", "es"): 62.2,
    ("it", "es"): 49.5,
    ("pt", "es"): 55.3,
    ("ro", "es"): 46.8,
    ("es", "pt-BR"): 53.8,
    ("ca", "fr"): 49.4,
    ("ca", "it"): 50.8,
    ("ca", "pt"): 54.4,
    ("fr", "ca"): 49.7,
    ("it", "ca"): 51.5,
    ("pt", "ca"): 54.9,
    ("ca", "pt-BR"): 54.2,
    ("da", "nb"): 53.5,
    ("da", "sv"): 50.0,
    ("nb", "da"): 55.5,
    ("nb", "sv"): 54.9,
    ("sv", "da"): 50.8,
    ("sv", "nb"): 53.4,
}


def figures(pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Figure]:
    """What was measured of ``pairs``."""
    return {pair: Figure("chrF", _CHRF[pair], _DATASET) for pair in pairs if pair in _CHRF}
