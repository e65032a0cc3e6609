"""Where the OpenAI-compatible endpoint is: read from the environment, off unless it names an address."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from dragoman.core.errors import EngineUnavailable, ModelNotInstalled, UnknownLanguage
from dragoman.core.language import canonical

_PREFIX: Final = "DRAGOMAN_OPENAI_"
_LANGUAGES: Final = (
    "en,ar,bg,ca,cs,da,de,el,es,et,fi,fr,gl,hi,hr,hu,id,it,ja,ko,lt,lv,ms,nb,nl,pl,pt,ro,ru,sk,sl,sv,tr,uk,vi,zh"
)
_MOST_TERMS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Term:
    """One line of the glossary."""

    source: str
    target: str
    word: str
    translation: str


@dataclass(frozen=True, slots=True)
class OpenAiSettings:
    url: str
    """Base address, up to ``/v1``."""
    model: str
    key: str = field(repr=False)
    """Empty for a server that wants none. Never shown."""
    languages: tuple[str, ...]
    timeout: float
    """Seconds for one sentence, all attempts together."""
    context: int
    """Sentences in front of a sentence that are sent with it."""
    terms: tuple[Term, ...] = ()

    @property
    def host(self) -> str:
        """For messages: the address without what may be secret."""
        return urlsplit(self.url).hostname or ""


def read_settings(model: str | None = None, environment: Mapping[str, str] = os.environ) -> OpenAiSettings:
    """Raises :class:`EngineUnavailable` when there is no address or model, or a value is not allowed."""
    url = environment.get(f"{_PREFIX}URL", "").rstrip("/")
    model = model or environment.get(f"{_PREFIX}MODEL", "")
    if not url or not model:
        raise ModelNotInstalled(
            "No OpenAI-compatible endpoint is configured",
            remedy=f"Set {_PREFIX}URL, such as http://127.0.0.1:8000/v1, and {_PREFIX}MODEL",
        )
    if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
        raise EngineUnavailable(f"{_PREFIX}URL is no http or https address", remedy="Write http://HOST:PORT/v1")
    return OpenAiSettings(
        url=url,
        model=model,
        key=environment.get(f"{_PREFIX}KEY", ""),
        languages=_languages(environment.get(f"{_PREFIX}LANGUAGES") or _LANGUAGES),
        timeout=_number(environment, "TIMEOUT", 30.0, 0.1, 600.0),
        context=round(_number(environment, "CONTEXT", 3, 0, 20)),
        terms=_terms(environment.get(f"{_PREFIX}GLOSSARY", "")),
    )


def _languages(text: str) -> tuple[str, ...]:
    try:
        return tuple(dict.fromkeys(canonical(tag) for tag in text.split(",") if tag.strip()))
    except UnknownLanguage as error:
        raise EngineUnavailable(f"{_PREFIX}LANGUAGES: {error.message}", remedy=error.remedy) from error


def _number(environment: Mapping[str, str], name: str, default: float, least: float, most: float) -> float:
    text = environment.get(_PREFIX + name) or str(default)
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not least <= value <= most:
        raise EngineUnavailable(f"{_PREFIX}{name} is {text!r}", remedy=f"Write a number from {least:g} to {most:g}")
    return value


def _terms(path: str) -> tuple[Term, ...]:
    """Lines of ``en-es``, a word and its translation, parted by tabs."""
    if not path:
        return ()
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise EngineUnavailable(
            f"The glossary {path} cannot be read: {error}", remedy="Name a UTF-8 text file"
        ) from error
    filled = [(number, line) for number, line in enumerate(lines, 1) if line.strip() and not line.startswith("#")]
    if len(filled) > _MOST_TERMS:
        raise EngineUnavailable(f"The glossary {path} has more than {_MOST_TERMS} lines", remedy="Shorten it")
    return tuple(_term(path, number, line) for number, line in filled)


def _term(path: str, number: int, line: str) -> Term:
    pair, *words = line.split("\t")
    source, dash, target = pair.partition("-")
    try:
        if dash and len(words) == 2 and all(word.strip() for word in words):
            return Term(canonical(source), canonical(target), words[0].strip(), words[1].strip())
    except UnknownLanguage:
        pass
    raise EngineUnavailable(
        f"Line {number} of the glossary {path} is no term", remedy="Write: en-es TAB word TAB translation"
    )
