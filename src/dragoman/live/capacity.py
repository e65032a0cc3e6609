"""How many live sessions this machine carries, and how many of them one that asks for more is worth.

Both are measured: the recognizer that sessions would use hears sentences that a cheap voice has spoken. No recording is
needed. Voices say themselves what they cost.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Final

import anyio

from dragoman.core.audio import AudioChunk
from dragoman.core.errors import DragomanError, UnsupportedLanguage
from dragoman.core.options import RunOptions
from dragoman.engines.attached import RunEngines, Speaker
from dragoman.engines.loading import EngineLoader
from dragoman.engines.tts import Synthesizer
from dragoman.hosts.governor import capacity, cpu_seconds
from dragoman.live.sample_texts import sample_text
from dragoman.pipeline.finality import SHORT, heard_again
from dragoman.pipeline.run import Run, open_run

_PEOPLE: Final = 1.2
"""What people cost to hear, over these sentences, in CPU seconds per second: 0.38 (a talk) to 0.55 (rain) against 0.46
with Whisper base, 0.15 to 0.27 against 0.17 with PocketSphinx (docs/decisions/0014-one-loader.md)."""

_CHEAP: Final = 0.1
"""CPU seconds per second of speech that the voice of the sample may take: any voice does for it."""

_AGAIN: Final = 1.0
_SOON: Final = 1.0
"""What :class:`Weights` has where it is not measured."""

_PROBE: Final = 1.5
"""Seconds of the sample that are heard first, to see how heavy the engine is, and to have it use its memory once."""

_SAMPLE: Final = 5.0
"""Seconds of the sample that are heard, at most."""

_BUDGET: Final = 6.0
"""CPU seconds that hearing it may take in all: a server must start. What would take more keeps its default."""

_MUCH: Final = 2.0
"""By how much more than a plain one a session may cost; to tell beforehand whether measuring it is within bounds."""

_VERY_SHORT: Final = 1.0
"""A ``max_delay``, in seconds, that many clients ask for where words may hardly wait."""

_CHUNK: Final = 0.1
"""Seconds at a time, as clients send."""


def _no_voices(_: RunOptions) -> float:
    return 0.0


@dataclass(frozen=True, slots=True)
class Weights:
    """What a session costs that asks for more, as a share of what a plain one costs. The defaults are measured with
    Whisper base."""

    plain: float = 0.57
    """CPU seconds that a second of a plain session takes: recognised live, without speech."""
    again: float = _AGAIN
    """Where most audio is heard again: ``max_delay`` of 1.75 seconds."""
    soon: float = _SOON
    """Where words become final in passing, from hypotheses that are made more often: a shorter ``max_delay``."""
    drafts: float = 0.1
    """Partial translations into one language. Not measured: their languages are not known before."""
    voices: Callable[[RunOptions], float] = _no_voices
    """CPU seconds that the voices of a session take for a second of speech."""

    def places(self, options: RunOptions) -> float:
        """Of plain sessions that one of these options takes."""
        delay = options.max_delay
        more = self.soon if delay is not None and delay < SHORT else self.again * heard_again(delay)
        if options.partial_translations:
            more += self.drafts * len(options.targets)
        return len(options.channels) * (1 + more) + self.voices(options) / max(self.plain, 1e-3)


@dataclass(frozen=True, slots=True)
class Measured:
    """Of one machine with its engines."""

    sessions: int
    """Plain ones."""
    weights: Weights


async def measured_capacity(loader: EngineLoader, source: str, cores: int) -> Measured:
    """Live sessions in the language ``source`` that the cores carry. Loads the engines on the way, and takes 6
    CPU seconds at most, unless the probe alone takes more.

    Raises :class:`~dragoman.core.errors.DragomanError` when the language can't be heard live, or nothing speaks here.
    """
    plain = RunOptions(source=source, targets=(source,), recognition="live", partials=True)
    engines = await loader.attach(plain)
    speech = await _sample(loader, source)
    seconds = sum(piece.duration for piece in speech)
    begun = cpu_seconds()

    def affordable(expected: float) -> bool:
        return cpu_seconds() - begun + expected * seconds <= _BUDGET

    async def share(delay: float, default: float) -> float:
        if not affordable(_MUCH * cost):
            return default
        return share_more(await _cost(replace(plain, max_delay=delay), engines, speech), cost)

    cost = await _cost(plain, engines, _beginning(speech, _PROBE))
    if affordable(cost):
        cost = await _cost(plain, engines, speech)
    again = await share(SHORT, _AGAIN)
    soon = await share(_VERY_SHORT, _SOON)
    weights = Weights(plain=_PEOPLE * cost, again=again, soon=soon, voices=loader.speech_cost)
    return Measured(capacity(cores, weights.plain), weights)


def share_more(most: float, plain: float) -> float:
    """By how much the one is more; measured one after the other, it may have come out as less."""
    return max(0.0, most / max(plain, 1e-3) - 1)


async def _cost(options: RunOptions, engines: RunEngines, speech: Sequence[AudioChunk]) -> float:
    """CPU seconds for a second of speech."""
    async with open_run(options, engines) as run:
        await run.events.receive()  # it has started: what loading took is not what hearing takes
        before = cpu_seconds()
        await _hear(run, speech)
        spent = cpu_seconds() - before
    return spent / sum(piece.duration for piece in speech)


async def _sample(loader: EngineLoader, source: str) -> list[AudioChunk]:
    """Speech in the language, or where no voice here speaks it, in one that a voice speaks: what hearing costs depends
    little on the language."""
    spoken = {voice.language for engine in loader.survey.synthesizers for voice in engine.info.voices}
    failure: DragomanError = UnsupportedLanguage("No voice is installed", remedy="Run: dragoman doctor")
    for language in (source, "en", *sorted(spoken)[:1]):
        try:
            speaker = await loader.attach_voice(language, _CHEAP)
        except UnsupportedLanguage as error:
            failure = error
            continue
        speech = [piece async for piece in _spoken(speaker, sample_text(language))]
        if speech:
            return _beginning(speech, _SAMPLE)
    raise failure


def _beginning(speech: Sequence[AudioChunk], seconds: float) -> list[AudioChunk]:
    return [piece for piece in speech if piece.start_time < seconds]


async def _spoken(speaker: Speaker, text: str) -> AsyncIterator[AudioChunk]:
    position = 0.0
    async with aclosing(speaker.engine.hosted.iterate(Synthesizer.synthesize, text, speaker.voice)) as chunks:
        async for chunk in chunks:
            size = round(_CHUNK * chunk.audio.sample_rate)
            for first in range(0, chunk.audio.samples, size):
                piece = chunk.audio.slice(first, first + size)
                yield AudioChunk(piece.pcm, piece.sample_rate, position)
                position += piece.duration


async def _hear(run: Run, speech: Sequence[AudioChunk]) -> None:
    async def feed() -> None:
        async with run.input:
            for piece in speech:
                await run.input.send(piece)

    async with anyio.create_task_group() as group:
        group.start_soon(feed)
        async for _ in run.events:
            pass
