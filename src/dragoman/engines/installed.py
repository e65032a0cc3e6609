"""The engines of this installation, as they describe themselves."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from dragoman.core.errors import EngineError
from dragoman.engines.alignment import Aligner, AlignerInfo
from dragoman.engines.asr import Recognizer, RecognizerInfo
from dragoman.engines.info import EngineInfo
from dragoman.engines.mt import Translator, TranslatorInfo
from dragoman.engines.registry import EngineRef, Kind
from dragoman.engines.speech_translation import SpeechTranslator, SpeechTranslatorInfo
from dragoman.engines.tts import Synthesizer, SynthesizerInfo
from dragoman.engines.vad import VoiceActivityDetector, VoiceActivityInfo

E = TypeVar("E")
I = TypeVar("I", bound=EngineInfo)  # noqa: E741  the pair of E: what an engine says of itself


@dataclass(frozen=True, slots=True)
class Installed(Generic[E, I]):
    """A plug-in that works here."""

    ref: EngineRef[E, I]
    info: I


@dataclass(frozen=True, slots=True)
class Missing:
    """A plug-in that does not work here, and why."""

    kind: str
    name: str
    error: EngineError


@dataclass(frozen=True, slots=True)
class Survey:
    """All plug-ins of this installation, by rank within a kind; the first that can do a language is taken."""

    voice_activity: tuple[Installed[VoiceActivityDetector, VoiceActivityInfo], ...]
    recognizers: tuple[Installed[Recognizer, RecognizerInfo], ...]
    translators: tuple[Installed[Translator, TranslatorInfo], ...]
    synthesizers: tuple[Installed[Synthesizer, SynthesizerInfo], ...]
    missing: tuple[Missing, ...]
    aligners: tuple[Installed[Aligner, AlignerInfo], ...] = ()
    speech_translators: tuple[Installed[SpeechTranslator, SpeechTranslatorInfo], ...] = ()

    def has(self, kind: Kind[E, I]) -> bool:
        """Whether an engine of that kind works here."""
        every: tuple[tuple[Installed[Any, Any], ...], ...] = (
            self.voice_activity,
            self.recognizers,
            self.translators,
            self.synthesizers,
            self.aligners,
            self.speech_translators,
        )
        return any(engine.ref.kind == kind for engines in every for engine in engines)
