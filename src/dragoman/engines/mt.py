"""Machine translation of text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from dragoman.core.quality import Figure
from dragoman.engines.info import EngineInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslatorInfo(EngineInfo):
    pairs: tuple[tuple[str, str], ...]
    """Direct (source, target) pairs, canonical tags; the preferred ones first. Pivots are routing's work."""
    figures: Mapping[tuple[str, str], Figure] = field(default_factory=dict)
    """chrF per pair, where it was measured."""


class Translator(Protocol):
    """Sentences to sentences."""

    def prepare(self, source: str, target: str) -> None:
        """Loads what a pair needs, so that the first sentence of a live run does not wait for it."""
        ...

    def translate(self, sentences: Sequence[str], source: str, target: str) -> list[str]:
        """One translation per sentence, in order, for one of the engine's direct pairs."""
        ...
