"""Language codes as clients write them, and what this installation can do with them.

Clients write ISO codes and some names of their own (``cmn``, ``no``); a code that stands for several languages at once
(``auto``, ``multi``, ``cmn_en``) is none that can be recognised here. Answers repeat the code that the client wrote.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from dragoman.core.capabilities import Capabilities, Heard
from dragoman.core.errors import UnknownLanguage
from dragoman.core.language import best_match, canonical, same_language
from dragoman.protocols.speechmatics.config import TranslationConfig
from dragoman.protocols.speechmatics.errors import WireError
from dragoman.protocols.speechmatics.warned import Warned

_SHOWN = 50
"""Characters of a client's code that are repeated to it."""


@dataclass(frozen=True, slots=True)
class Targets:
    codes: Mapping[str, str]
    """Canonical tag to how the client wrote it."""
    warned: tuple[Warned, ...]


def spoken(code: str, capabilities: Capabilities) -> tuple[str, Heard]:
    """The canonical tag, and who hears it live. Raises :class:`WireError` naming what can be recognised."""
    live = {heard.language: heard for heard in capabilities.heard if heard.streaming}
    tag = tag_of(code)
    match = best_match(tag, live.keys()) if tag else None
    if tag is None or match is None:
        possible = ", ".join(sorted(live)) or "none"
        raise WireError(
            "invalid_model", f"Language {code[:_SHOWN]!r} cannot be recognised live here. Possible: {possible}"
        )
    return tag, live[match]


def targets(config: TranslationConfig | None, source: str, language: str, capabilities: Capabilities) -> Targets:
    """Those that ``source``, which the client calls ``language``, can be translated to."""
    if config is None:
        return Targets({}, ())
    codes: dict[str, str] = {}
    warned = []
    for code in config.target_languages:
        tag = tag_of(code)
        if tag is None or not can_translate(source, tag, capabilities):
            pair = f"Translation from {language} to {code[:_SHOWN]} currently not supported"
            warned.append(Warned(pair, "unsupported_translation_pair"))
        elif tag in codes:
            warned.append(Warned(f"translation_config names {codes[tag]} twice; once is enough"))
        else:
            codes[tag] = code
    if not codes:
        nothing = "translation_config.target_languages names no language that can be translated to here"
        possible = ", ".join(_possible(source, capabilities)) or "none"
        warned.append(Warned(f"{nothing}. Possible: {possible}", "empty_translation_target_list"))
    return Targets(codes, tuple(warned))


def same_code(one: object, other: object) -> bool:
    """Whether two codes name the same language."""
    tags = [tag_of(code) if isinstance(code, str) else None for code in (one, other)]
    return tags[0] is not None and tags[0] == tags[1]


def tag_of(code: str) -> str | None:
    """The canonical tag of a client's code; None for one that names no single language."""
    if "_" in code:
        return None
    try:
        return canonical(code)
    except UnknownLanguage:
        return None


def can_translate(source: str, target: str, capabilities: Capabilities) -> bool:
    """Of canonical tags; a language into itself is no work, and can be done."""
    return same_language(source, target) or best_match(target, _possible(source, capabilities)) is not None


def _possible(source: str, capabilities: Capabilities) -> tuple[str, ...]:
    start = best_match(source, {pair.source for pair in capabilities.translated})
    return capabilities.targets_of(start) if start else ()
