"""Languages of multilingual Whisper, and how well the base model was measured to hear them."""

from collections.abc import Mapping
from typing import Final

from dragoman.core.language import canonical

_CODES: Final = """
    af am ar as az ba be bg bn bo br bs ca cs cy da de el en es et eu fa fi fo fr gl gu ha haw he hi hr ht hu hy id is
    it ja jw ka kk km kn ko la lb ln lo lt lv mg mi mk ml mn mr ms mt my ne nl nn no oc pa pl ps pt ro ru sa sd si sk
    sl sn so sq sr su sv sw ta te tg th tk tl tr tt uk ur uz vi yi yo zh
""".split()  # noqa: SIM905  a list of 99 quoted codes is harder to read
"""Codes of the 99 language tokens that all multilingual models share. large-v3 has ``yue`` as well."""

_TAGS: Final = {"jw": "jv", "tl": "fil"}
"""Codes that are no current language tags."""

CODES: Final[Mapping[str, str]] = {canonical(_TAGS.get(code, code)): code for code in _CODES}
"""Canonical tag to Whisper's code."""

WITHOUT_SPACES: Final = frozenset({"zh", "ja", "th", "lo", "my", "km", "bo", "yue"})
"""Whisper's codes of languages whose words are not parted by spaces."""
