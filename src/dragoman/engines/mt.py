"""Machine translation of text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from dragoman.core.quality import Figure
from dragoman.engines.info import EngineInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslatorInfo(EngineInfo):
    pairs: tuple[tuple[str, str], ...]
    """Direct (source, target) pairs, canonical tags; the preferred ones first. Routing composes others."""
    figures: Mapping[tuple[str, str], Figure] = field(default_factory=dict)
    """chrF per pair, where it was measured. Routing goes by them."""
    context: int = 0
    """Number of preceding sentences that help to translate the next one; they are given to
    :meth:`ContextTranslator.translate_in_context`. 0: each sentence is translated by itself."""


class Translator(Protocol):
    """Sentences to sentences. A call has consecutive sentences of one speech."""

    def prepare(self, source: str, target: str) -> None:
        """Load what a pair needs, so that the first sentence of a live run does not wait for it."""
        ...

    def translate(self, sentences: Sequence[str], source: str, target: str) -> list[str]:
        """Translate between one of the engine's direct pairs. Returns one translation per sentence, in order.

        Whatever the sentences are: empty, without letters, all capitals, of 500 words, with control characters.
        """
        ...


class ContextTranslator(Translator, Protocol):
    """A translator that reads what was said before, so that it knows what "it" is."""

    def translate_in_context(
        self, sentences: Sequence[str], source: str, target: str, before: Sequence[str]
    ) -> list[str]:
        """Translate consecutive sentences. ``before`` are those in front of them, oldest first, and not translated."""
        ...
