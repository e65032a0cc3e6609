"""Plug-ins, found through entry points.

A plug-in is any object with ``describe(model)`` and ``load(model)``, most simply a module; its entry point stands in
the group of its kind (``dragoman.recognizers``, ``dragoman.translators``, ``dragoman.synthesizers``,
``dragoman.voice_activity``, ``dragoman.aligners``, ``dragoman.speech_translators``). Names are listed without importing
anything; ``describe`` must not load models.

A plug-in whose models are engines of their own (one Piper voice, one size of Whisper) has ``models()`` as well, which
names those that are installed; each is then offered as ``name:model``.

An engine is asked for by reference, ``name`` or ``name:model``: ``pocketsphinx``, ``scripted:meeting.json``.
"""

from dataclasses import dataclass, replace
from importlib.metadata import EntryPoint, entry_points
from typing import Generic, Protocol, TypeVar

from dragoman.core.errors import EngineError, EngineNotFound, EngineUnavailable
from dragoman.engines.alignment import Aligner, AlignerInfo
from dragoman.engines.asr import Recognizer, RecognizerInfo
from dragoman.engines.info import EngineInfo
from dragoman.engines.mt import Translator, TranslatorInfo
from dragoman.engines.speech_translation import SpeechTranslator, SpeechTranslatorInfo
from dragoman.engines.tts import Synthesizer, SynthesizerInfo
from dragoman.engines.vad import VoiceActivityDetector, VoiceActivityInfo

E = TypeVar("E")
I = TypeVar("I", bound=EngineInfo)  # noqa: E741  the pair of E: what an engine says of itself
E_co = TypeVar("E_co", covariant=True)
I_co = TypeVar("I_co", bound=EngineInfo, covariant=True)


class Plugin(Protocol[E_co, I_co]):
    """What an entry point names."""

    def describe(self, model: str | None = None) -> I_co:
        """What the engine can do. Raises :class:`EngineUnavailable` with the command that installs what is missing."""
        ...

    def load(self, model: str | None = None) -> E_co: ...


@dataclass(frozen=True, slots=True)
class Kind(Generic[E, I]):
    """One kind of engine and where its plug-ins are registered."""

    name: str
    group: str


RECOGNIZERS: Kind[Recognizer, RecognizerInfo] = Kind("recognizer", "dragoman.recognizers")
TRANSLATORS: Kind[Translator, TranslatorInfo] = Kind("translator", "dragoman.translators")
SYNTHESIZERS: Kind[Synthesizer, SynthesizerInfo] = Kind("synthesizer", "dragoman.synthesizers")
VOICE_ACTIVITY: Kind[VoiceActivityDetector, VoiceActivityInfo] = Kind("voice activity", "dragoman.voice_activity")
ALIGNERS: Kind[Aligner, AlignerInfo] = Kind("aligner", "dragoman.aligners")
SPEECH_TRANSLATORS: Kind[SpeechTranslator, SpeechTranslatorInfo] = Kind(
    "speech translator", "dragoman.speech_translators"
)


@dataclass(frozen=True, slots=True)
class EngineRef(Generic[E, I]):
    """One installed plug-in and, where it has several, the model to load."""

    kind: Kind[E, I]
    entry: EntryPoint
    model: str | None = None

    @property
    def name(self) -> str:
        return f"{self.entry.name}:{self.model}" if self.model else self.entry.name

    def plugin(self) -> Plugin[E, I]:
        """Imports it. Raises :class:`EngineUnavailable` when that fails."""
        try:
            plugin: Plugin[E, I] = self.entry.load()
        except Exception as error:  # a foreign plug-in may raise anything; it must not take the others with it
            raise EngineUnavailable(
                f"The {self.kind.name} {self.name} cannot be imported: {error}",
                remedy="Reinstall the package that brings it",
            ) from error
        return plugin

    def describe(self) -> I:
        try:
            return self.plugin().describe(self.model)
        except EngineError:
            raise
        except Exception as error:  # as above
            raise EngineUnavailable(f"The {self.kind.name} {self.name} cannot be described: {error}") from error

    def with_models(self) -> "list[EngineRef[E, I]]":
        """One reference per installed model of a plug-in that lists them (``models()``), else this one alone.
        Raises as :meth:`plugin` does."""
        models = getattr(self.plugin(), "models", None)
        listed = models() if callable(models) else []
        return [replace(self, model=model) for model in listed] or [self]


def names(kind: Kind[E, I]) -> list[str]:
    """Names of the installed plug-ins of one kind, without importing any."""
    return sorted({entry.name for entry in entry_points(group=kind.group)})


def find(kind: Kind[E, I], reference: str) -> EngineRef[E, I]:
    """The plug-in of that name. Raises :class:`EngineNotFound` naming those that are installed."""
    name, _, model = reference.partition(":")
    for entry in entry_points(group=kind.group):
        if entry.name == name:
            return EngineRef(kind, entry, model or None)
    raise EngineNotFound(
        f"There is no {kind.name} engine {name!r}", remedy=f"Installed: {', '.join(names(kind)) or 'none'}"
    )
