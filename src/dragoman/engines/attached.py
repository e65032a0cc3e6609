"""The engines of one run, chosen and ready to be called: what the pipeline is given."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from dragoman.engines.alignment import Aligner, AlignerInfo
from dragoman.engines.asr import Recognizer, RecognizerInfo
from dragoman.engines.hosted import Hosted
from dragoman.engines.info import EngineInfo
from dragoman.engines.mt import Translator, TranslatorInfo
from dragoman.engines.speech_translation import SpeechTranslator, SpeechTranslatorInfo
from dragoman.engines.tts import Synthesizer, SynthesizerInfo
from dragoman.engines.vad import VoiceActivityDetector, VoiceActivityInfo

E = TypeVar("E")
I = TypeVar("I", bound=EngineInfo)  # noqa: E741  the pair of E: what an engine says of itself


@dataclass(frozen=True, slots=True)
class Attached(Generic[E, I]):
    """An engine where it runs, and what it says of itself."""

    hosted: Hosted[E]
    info: I


@dataclass(frozen=True, slots=True)
class Hop:
    """One step of a translation: a direct pair of one engine."""

    engine: Attached[Translator, TranslatorInfo]
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class SpeechHop:
    """The step from audio to text in another language, for sources that no translator reads."""

    engine: Attached[SpeechTranslator, SpeechTranslatorInfo]
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Speaker:
    """A synthesizer and the voice that it uses for one language."""

    engine: Attached[Synthesizer, SynthesizerInfo]
    voice: str


@dataclass(frozen=True, slots=True)
class RunEngines:
    """Everything that one run needs."""

    voice_activity: Attached[VoiceActivityDetector, VoiceActivityInfo]
    recognizer: Attached[Recognizer, RecognizerInfo]
    recognition_language: str
    """The recognizer's own tag for the source."""
    translations: Mapping[str, tuple[Hop, ...]]
    """Per target; empty when source and target are one language, and the text passes through."""
    speakers: Mapping[str, Speaker]
    detours: Mapping[str, tuple[tuple[Hop, ...], ...]] = field(default_factory=dict)
    """Per target other routes, each without one of the engines of the one in ``translations``, for when it fails."""
    pivots: Mapping[str, SpeechHop] = field(default_factory=dict)
    """Targets that are translated out of the audio; the hops in ``translations`` go on from there."""

    @property
    def names(self) -> tuple[str, ...]:
        """Each engine once, in the order of the work."""
        infos: list[EngineInfo] = [self.voice_activity.info, self.recognizer.info]
        infos += [hop.engine.info for hop in self.pivots.values()]
        infos += [hop.engine.info for hops in self.translations.values() for hop in hops]
        infos += [speaker.engine.info for speaker in self.speakers.values()]
        return tuple(dict.fromkeys(info.name for info in infos))


@dataclass(frozen=True, slots=True)
class AligningEngines:
    """What aligning one recording and its text needs."""

    voice_activity: Attached[VoiceActivityDetector, VoiceActivityInfo]
    aligner: Attached[Aligner, AlignerInfo]
    language: str
    """The aligner's own tag."""
