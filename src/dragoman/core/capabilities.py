"""What this installation can hear, translate, say and align. Built by ``engines.routing``, read by every face."""

from dataclasses import dataclass

from dragoman.core.quality import Figure


@dataclass(frozen=True, slots=True)
class Heard:
    """A language that can be recognised."""

    language: str
    engine: str
    streaming: bool
    """Whether it can be heard live."""
    vocabulary: bool = False
    """Whether the engine that hears it live can be taught words."""
    figure: Figure | None = None
    """Error rate of ``engine``; None for a language that was not measured."""


@dataclass(frozen=True, slots=True)
class Translated:
    """A pair that can be translated."""

    source: str
    target: str
    engines: tuple[str, ...]
    """One per hop."""
    via: tuple[str, ...] = ()
    """Pivot languages between source and target; empty when the engine does the pair directly."""
    figure: Figure | None = None
    """What was measured; None for a pair that was not measured, and for a route over other languages."""
    estimate: float | None = None
    """chrF to expect where none was measured, from the figures of the hops; None where one of them has none."""
    better: tuple[str, ...] = ()
    """Models of the catalogue that would make it better when they are pulled."""
    from_speech: bool = False
    """Whether it begins with the audio, for lack of a translator that reads ``source``; texts cannot be translated."""


@dataclass(frozen=True, slots=True)
class Obtainable:
    """A pair that could be translated if models of the catalogue were pulled."""

    source: str
    target: str
    models: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Spoken:
    """A language that can be synthesized."""

    language: str
    engine: str
    """The engine that speaks it in files. A live run takes a cheaper one where it cannot afford this."""
    voices: tuple[str, ...]
    """Of all engines that speak it; the first is the default."""
    figure: Figure | None = None
    """What was measured of ``engine``; None for a language that was not measured."""
    cost: float = 0.0
    """CPU seconds that ``engine`` takes per second of speech."""


@dataclass(frozen=True, slots=True)
class Aligned:
    """A language whose texts can be aligned with speech."""

    language: str
    engine: str


@dataclass(frozen=True, slots=True)
class Capabilities:
    heard: tuple[Heard, ...]
    translated: tuple[Translated, ...]
    spoken: tuple[Spoken, ...]
    aligned: tuple[Aligned, ...] = ()
    obtainable: tuple[Obtainable, ...] = ()

    def targets_of(self, source: str) -> tuple[str, ...]:
        """Languages that ``source`` can be translated to, in alphabetical order."""
        return tuple(sorted(pair.target for pair in self.translated if pair.source == source))
