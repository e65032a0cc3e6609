"""Small real engines, loadable by name on a thread or in a child process, and surveys made of them by hand."""

import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import EntryPoint
from typing import TypeVar

from dragoman.core.errors import EngineUnavailable
from dragoman.engines.alignment import AlignerInfo
from dragoman.engines.asr import RecognizerInfo
from dragoman.engines.info import EngineInfo, RunsIn
from dragoman.engines.mt import TranslatorInfo
from dragoman.engines.registry import ALIGNERS, RECOGNIZERS, SYNTHESIZERS, TRANSLATORS, VOICE_ACTIVITY, EngineRef, Kind
from dragoman.engines.routing import Installed, Missing, Survey
from dragoman.engines.tts import SpeechChunk, SynthesizerInfo, Voice
from dragoman.engines.vad import VoiceActivityInfo

E = TypeVar("E")
I = TypeVar("I", bound=EngineInfo)  # noqa: E741  the pair of E: what an engine says of itself


class Tally:
    """A translator whose translation says where it ran and which of the loads made it."""

    def __init__(self, number: int) -> None:
        self._number = number

    def prepare(self, source: str, target: str) -> None:
        """Nothing to load."""

    def translate(self, sentences: Sequence[str], source: str, target: str) -> list[str]:
        return [f"{os.getpid()} {threading.get_ident()} load {self._number}" for _ in sentences]


@dataclass
class TallyPlugin:
    """Counts how often it is loaded in this process, and how often what it loaded is closed."""

    loads: list[str | None] = field(default_factory=list)
    closed: list[int] = field(default_factory=list)

    def load(self, model: str | None = None) -> Tally:
        self.loads.append(model)
        tally = Tally(len(self.loads))
        tally.close = lambda: self.closed.append(len(self.loads))  # type: ignore[attr-defined]
        return tally


class Mute:
    """A synthesizer that has nothing to say."""

    def prepare(self, voice: str) -> None:
        """Nothing to load."""

    def synthesize(self, text: str, voice: str, rate: float = 1.0) -> Iterator[SpeechChunk]:
        yield from ()


class MutePlugin:
    def load(self, model: str | None = None) -> Mute:
        return Mute()


class BrokenPlugin:
    def load(self, model: str | None = None) -> Tally:
        raise EngineUnavailable("the model is gone", remedy="Pull it again")


tally = TallyPlugin()
mute = MutePlugin()
broken = BrokenPlugin()


def installed(kind: Kind[E, I], info: I, value: str = "tests.unit.engines.toys:tally") -> Installed[E, I]:
    return Installed(EngineRef(kind, EntryPoint(info.name, value, kind.group)), info)


def translator(name: str, *pairs: str, runs_in: RunsIn = "thread", value: str = "tests.unit.engines.toys:tally"):
    """``pairs`` are written ``en>es``."""
    split = tuple(tuple(pair.split(">")) for pair in pairs)
    info = TranslatorInfo(name=name, version="1", licence="MIT", runs_in=runs_in, pairs=split)
    return installed(TRANSLATORS, info, value)


def recognizer(name: str, *languages: str, streaming: bool = True):
    info = RecognizerInfo(
        name=name,
        version="1",
        licence="MIT",
        runs_in="thread",
        languages=languages,
        sample_rate=16_000,
        streaming=streaming,
        punctuated=True,
    )
    return installed(RECOGNIZERS, info)


def synthesizer(name: str, *voices: str, cost: float = 0.0):
    """``voices`` are written ``name:language``."""
    split = tuple(Voice(*voice.split(":")) for voice in voices)
    info = SynthesizerInfo(
        name=name,
        version="1",
        licence="MIT",
        runs_in="thread",
        voices=split,
        sample_rate=24_000,
        max_rate=3.0,
        cost=cost,
    )
    return installed(SYNTHESIZERS, info, "tests.unit.engines.toys:mute")


def voice_activity(name: str):
    info = VoiceActivityInfo(
        name=name, version="1", licence="MIT", runs_in="thread", sample_rate=16_000, frame_samples=512
    )
    return installed(VOICE_ACTIVITY, info)


def aligner(name: str, *languages: str):
    info = AlignerInfo(
        name=name, version="1", licence="MIT", runs_in="thread", languages=languages, sample_rate=16_000, longest=60.0
    )
    return installed(ALIGNERS, info)


def missing(kind: Kind[E, I], name: str, remedy: str) -> Missing:
    return Missing(kind.name, name, EngineUnavailable(f"{name} is not installed", remedy=remedy))


NOTHING = Survey((), (), (), (), ())


def survey_of(*engines: Installed) -> Survey:
    of_kind = {
        field: tuple(engine for engine in engines if engine.ref.kind is kind)
        for field, kind in [
            ("voice_activity", VOICE_ACTIVITY),
            ("recognizers", RECOGNIZERS),
            ("translators", TRANSLATORS),
            ("synthesizers", SYNTHESIZERS),
            ("aligners", ALIGNERS),
        ]
    }
    return replace(NOTHING, **of_kind)


def with_model(engine: Installed[E, I], model: str) -> Installed[E, I]:
    return replace(engine, ref=replace(engine.ref, model=model))
