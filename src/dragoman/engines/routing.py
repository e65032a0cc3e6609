"""Which installed engine does what: pure choice over what the engines say of themselves.

The engine of the highest rank that can do a language wins, unless another is asked for. Translation is the path over
the direct pairs of all engines that loses least (:mod:`dragoman.engines.routes`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from dragoman.core.capabilities import Aligned, Capabilities, Heard, Obtainable, Spoken, Translated
from dragoman.core.errors import EngineError, UnsupportedLanguage
from dragoman.core.language import best_match, display_name, same_language
from dragoman.engines import registry, routes
from dragoman.engines.alignment import Aligner, AlignerInfo
from dragoman.engines.asr import Recognizer, RecognizerInfo
from dragoman.engines.info import EngineInfo
from dragoman.engines.installed import Installed, Missing, Survey
from dragoman.engines.pullable import Models, Pullable
from dragoman.engines.registry import Kind
from dragoman.engines.routes import Routes, Step
from dragoman.engines.speech_translation import SpeechTranslator, SpeechTranslatorInfo
from dragoman.engines.tts import Synthesizer, SynthesizerInfo, Voice
from dragoman.engines.vad import VoiceActivityDetector, VoiceActivityInfo

__all__ = [
    "EngineNames",
    "Installed",
    "Missing",
    "Step",
    "Survey",
    "aligner",
    "capabilities",
    "live_budget",
    "recognizer",
    "speaker",
    "survey",
    "translation",
    "voice_activity",
]

E = TypeVar("E")
I = TypeVar("I", bound=EngineInfo)  # noqa: E741  the pair of E: what an engine says of itself

_ONLY_BY_NAME = frozenset({"scripted"})
"""Engines that say what they were told: never chosen for a language."""

_LIVE_SHARE = 0.5
"""Share of the machine's cores that one live run may use; the rest is for other runs, translation and jobs."""

_LIVE_RECOGNITION = 0.25
"""CPU seconds that hearing a second of live speech takes, where the recognizer does not say."""

_MOST_OF_A_CORE = 0.8
"""A voice that costs more falls behind the speaker: a sentence is made by one thread, which shares its core."""


@dataclass(frozen=True, slots=True)
class EngineNames:
    """Engines asked for by name; None lets routing choose."""

    voice_activity: str | None = None
    recognizer: str | None = None
    translator: str | None = None
    synthesizer: str | None = None
    aligner: str | None = None
    speech_translator: str | None = None


def survey(names: EngineNames | None = None) -> Survey:
    """Asks every plug-in what it can do, without loading any.

    An engine asked for by name stands alone in its kind. Raises :class:`EngineNotFound` or
    :class:`EngineUnavailable` for those only; others that do not work are listed as missing.
    """
    names = names or EngineNames()
    missing: list[Missing] = []
    return Survey(
        voice_activity=tuple(_installed(registry.VOICE_ACTIVITY, names.voice_activity, missing)),
        recognizers=tuple(_installed(registry.RECOGNIZERS, names.recognizer, missing)),
        translators=tuple(_installed(registry.TRANSLATORS, names.translator, missing)),
        synthesizers=tuple(_installed(registry.SYNTHESIZERS, names.synthesizer, missing)),
        aligners=tuple(_installed(registry.ALIGNERS, names.aligner, missing)),
        speech_translators=tuple(_installed(registry.SPEECH_TRANSLATORS, names.speech_translator, missing)),
        missing=tuple(missing),
    )


def _installed(kind: Kind[E, I], wanted: str | None, missing: list[Missing]) -> Iterator[Installed[E, I]]:
    if wanted is not None:
        ref = registry.find(kind, wanted)
        yield Installed(ref, ref.describe())
        return
    found: list[Installed[E, I]] = []
    for name in registry.names(kind):
        if name in _ONLY_BY_NAME:
            continue
        try:
            refs = registry.find(kind, name).with_models()
        except EngineError as error:
            missing.append(Missing(kind.name, name, error))
            continue
        for ref in refs:
            try:
                found.append(Installed(ref, ref.describe()))
            except EngineError as error:
                missing.append(Missing(kind.name, ref.name, error))
    yield from sorted(found, key=lambda engine: -engine.info.rank)  # stable: equal ranks stay in the order of names


def voice_activity(found: Survey) -> Installed[VoiceActivityDetector, VoiceActivityInfo]:
    if not found.voice_activity:
        raise _nothing(found, registry.VOICE_ACTIVITY, "tell speech from silence")
    return found.voice_activity[0]


def recognizer(
    found: Survey, language: str, *, streaming: bool = False, enhanced: bool = False
) -> tuple[Installed[Recognizer, RecognizerInfo], str]:
    """Return the engine that hears ``language``, and its own tag for it: the first by rank, or with ``enhanced`` the
    most accurate."""
    able = [engine for engine in found.recognizers if engine.info.streaming or not streaming]
    if enhanced:
        able.sort(key=lambda engine: -engine.info.accuracy)
    for engine in able:
        match = best_match(language, engine.info.languages)
        if match is not None:
            return engine, match
    heard = {tag for engine in able for tag in engine.info.languages}
    problem = f"{_named(language)} cannot be recognised{' live' if streaming else ''}"
    raise _unsupported(found, registry.RECOGNIZERS, problem, heard)


def aligner(found: Survey, language: str) -> tuple[Installed[Aligner, AlignerInfo], str]:
    """The engine that aligns texts in ``language``, and its own tag for it."""
    for engine in found.aligners:
        match = best_match(language, engine.info.languages)
        if match is not None:
            return engine, match
    possible = {tag for engine in found.aligners for tag in engine.info.languages}
    raise _unsupported(found, registry.ALIGNERS, f"Texts in {_named(language)} cannot be aligned", possible)


def translation(found: Survey, source: str, target: str) -> tuple[Step, ...]:
    """The hops from ``source`` to ``target``; none when they are one language."""
    if same_language(source, target):
        return ()
    possible = Routes(found.translators)
    steps = possible.find(source, target)
    if steps is not None:
        return steps
    problem = f"{_named(source)} cannot be translated to {_named(target)}"
    if found.has(registry.TRANSLATORS) and (models := _pullable(found, source, target)):
        here = ", ".join(sorted(possible.find_all(source))) or "none"
        remedy = f"Possible: {here}. To add it, run: dragoman models pull {' '.join(models)}"
        raise UnsupportedLanguage(f"{problem} by what is installed", remedy=remedy)
    raise _unsupported(found, registry.TRANSLATORS, problem, possible.find_all(source))


def _pullable(found: Survey, source: str, target: str) -> Models:
    """Return the models of the catalogue that would translate a pair; none where there are none."""
    pulled = Pullable(found)
    start = best_match(source, pulled.sources)
    models = pulled.models(start) if start else {}
    end = best_match(target, models.keys())
    return models[end] if end else ()


@dataclass(frozen=True, slots=True)
class SpokenRoute:
    """A translation that begins with the audio: to a pivot language, and over text from there."""

    engine: Installed[SpeechTranslator, SpeechTranslatorInfo]
    source: str
    pivot: str
    steps: tuple[Step, ...] = ()


def spoken_translation(found: Survey, source: str, target: str) -> SpokenRoute | None:
    """Return the best way from speech in ``source`` to text in ``target`` that no text translator begins; None where
    there is none."""
    possible = _spoken_routes(found, source)
    match = best_match(target, possible.keys())
    return possible[match] if match else None


def _spoken_routes(found: Survey, source: str) -> dict[str, SpokenRoute]:
    """Return a route for every language that speech in ``source`` can be translated to, by the first engine that
    hears it."""
    possible = Routes(found.translators)
    for engine in found.speech_translators:
        heard = best_match(source, {spoken for spoken, _ in engine.info.pairs})
        for pivot in [target for spoken, target in engine.info.pairs if spoken == heard]:
            onward = {tag: SpokenRoute(engine, source, pivot, steps) for tag, steps in possible.find_all(pivot).items()}
            return {pivot: SpokenRoute(engine, source, pivot)} | onward
    return {}


def speaker(
    found: Survey, language: str, voice: str | None = None, *, budget: float | None = None
) -> tuple[Installed[Synthesizer, SynthesizerInfo], Voice]:
    """The engine and voice that speak ``language``; ``voice`` names one of those that do, of any region and cost.

    Without a name the engine of the highest rank is taken whose cost fits ``budget``, in CPU seconds per second of
    speech (see :func:`live_budget`; None: whatever it costs), and the cheapest where none fits.
    """
    able = _speakers(found, language)
    if voice is not None and able:
        return _named_voice(able, language, voice)
    for engine, candidate in able:
        if budget is None or engine.info.cost <= budget:
            return engine, candidate
    if able:
        return min(able, key=lambda each: each[0].info.cost)
    spoken = {candidate.language for engine in found.synthesizers for candidate in engine.info.voices}
    raise _unsupported(found, registry.SYNTHESIZERS, f"{_named(language)} cannot be spoken", spoken)


def live_budget(cores: int, spoken: int, recognition: float = _LIVE_RECOGNITION) -> float:
    """CPU seconds per second of speech that one live run may spend on each of its ``spoken`` languages.

    A run gets half of the machine; what ``recognition`` takes of that, in CPU seconds per second, comes first. No voice
    may take more than most of one core, since each sentence is made on one.
    """
    left = cores * _LIVE_SHARE - recognition
    return min(_MOST_OF_A_CORE, max(0.0, left / max(1, spoken)))


def _named_voice(
    able: list[tuple[Installed[Synthesizer, SynthesizerInfo], Voice]], language: str, voice: str
) -> tuple[Installed[Synthesizer, SynthesizerInfo], Voice]:
    for engine, candidate in able:
        if candidate.name == voice:
            return engine, candidate
    names = dict.fromkeys(candidate.name for _, candidate in able)
    raise UnsupportedLanguage(
        f"There is no voice {voice!r} for {_named(language)}", remedy=f"Choose one of {', '.join(names)}"
    )


def _speakers(found: Survey, language: str) -> list[tuple[Installed[Synthesizer, SynthesizerInfo], Voice]]:
    """Engines by rank, each with its voices that speak ``language``, those of the nearest region first."""
    return [(engine, voice) for engine in found.synthesizers for voice in _voices(engine, language)]


def _voices(engine: Installed[Synthesizer, SynthesizerInfo], language: str) -> list[Voice]:
    nearest = best_match(language, {voice.language for voice in engine.info.voices})
    able = [voice for voice in engine.info.voices if same_language(language, voice.language)]
    return sorted(able, key=lambda voice: voice.language != nearest)


def _spoken(found: Survey) -> Iterator[Spoken]:
    """Each language that a voice lists, with the engine that speaks it and the voices of all that can."""
    for tag in sorted({voice.language for engine in found.synthesizers for voice in engine.info.voices}):
        able = _speakers(found, tag)
        info = able[0][0].info
        figure = best_match(tag, info.figures.keys())
        yield Spoken(
            tag,
            info.name,
            tuple(dict.fromkeys(voice.name for _, voice in able)),
            figure=info.figures[figure] if figure else None,
            cost=info.cost,
        )


def capabilities(found: Survey) -> Capabilities:
    """Everything that the installed engines can do, alone and composed."""
    heard: dict[str, Heard] = {}
    live: dict[str, RecognizerInfo] = {}
    for engine in found.recognizers:
        for tag in engine.info.languages if engine.info.streaming else ():
            live.setdefault(tag, engine.info)
    for engine in found.recognizers:
        for tag in engine.info.languages:
            teachable = tag in live and live[tag].vocabulary
            figure = engine.info.figures.get(tag)
            entry = Heard(tag, engine.info.name, streaming=tag in live, vocabulary=teachable, figure=figure)
            heard.setdefault(tag, entry)
    aligned: dict[str, Aligned] = {}
    for aligning in found.aligners:
        for tag in aligning.info.languages:
            aligned.setdefault(tag, Aligned(tag, aligning.info.name))
    pulled = Pullable(found)
    better = {source: pulled.models(source) for source in pulled.sources}
    by_text = tuple(_translated(found, better))
    translated = (*by_text, *_translated_speech(found, by_text, better))
    return Capabilities(
        tuple(sorted(heard.values(), key=lambda entry: entry.language)),
        translated,
        tuple(_spoken(found)),
        tuple(sorted(aligned.values(), key=lambda entry: entry.language)),
        tuple(_obtainable(translated, better)),
    )


def _translated(found: Survey, better: Mapping[str, Mapping[str, Models]]) -> Iterator[Translated]:
    """Every pair that can be translated, by source and target, with what is known of its quality."""
    paths = Routes(found.translators)
    for source in sorted(paths.sources):
        for target, steps in sorted(paths.find_all(source).items()):
            figure = routes.figure(steps)
            yield Translated(
                source,
                target,
                tuple(step.engine.info.name for step in steps),
                tuple(step.target for step in steps[:-1]),
                figure=figure,
                estimate=None if figure else routes.estimate(steps),
                better=better.get(source, {}).get(target, ()),
            )


def _translated_speech(
    found: Survey, by_text: Sequence[Translated], better: Mapping[str, Mapping[str, Models]]
) -> Iterator[Translated]:
    """Pairs that only the way out of the audio translates, by source and target."""
    here = {(pair.source, pair.target) for pair in by_text}
    for source in sorted({spoken for engine in found.speech_translators for spoken, _ in engine.info.pairs}):
        for target, route in sorted(_spoken_routes(found, source).items()):
            if (source, target) in here or same_language(source, target):
                continue
            engines = [route.engine.info.name, *(step.engine.info.name for step in route.steps)]
            via = [route.pivot, *(step.target for step in route.steps[:-1])] if route.steps else []
            yield Translated(
                source,
                target,
                tuple(engines),
                tuple(via),
                figure=None if route.steps else route.engine.info.figures.get((source, target)),
                better=better.get(source, {}).get(target, ()),
                from_speech=True,
            )


def _obtainable(translated: Sequence[Translated], better: Mapping[str, Mapping[str, Models]]) -> Iterator[Obtainable]:
    """Pairs that nothing installed translates, and models of the catalogue would."""
    here = {(pair.source, pair.target) for pair in translated}
    for source, targets in better.items():
        for target, models in sorted(targets.items()):
            if (source, target) not in here:
                yield Obtainable(source, target, models)


def _named(tag: str) -> str:
    return f"{display_name(tag)} ({tag})"


def _unsupported(found: Survey, kind: Kind[E, I], problem: str, possible: Iterable[str]) -> Exception:
    possible = sorted(possible)
    if not found.has(kind):
        return _nothing(found, kind, problem)
    return UnsupportedLanguage(f"{problem} by what is installed", remedy=f"Possible: {', '.join(possible) or 'none'}")


def _nothing(found: Survey, kind: Kind[E, I], problem: str) -> Exception:
    """No engine of a kind works: the reason of the first that does not is the remedy."""
    for entry in found.missing:
        if entry.kind == kind.name:
            return entry.error
    return EngineError(f"No {kind.name} engine is installed ({problem})")
