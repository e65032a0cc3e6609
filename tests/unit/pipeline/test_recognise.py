"""Utterances to words, whole and live, with an engine that reads the words from the samples."""

import threading
from dataclasses import dataclass, field, replace

import pytest
from tests.unit.pipeline.stage import RECOGNIZER, Listener, Outcome, hosted, through

from dragoman.core.audio import AudioChunk
from dragoman.core.controls import AudioStalled
from dragoman.core.errors import EngineCrashed, EngineUnavailable, first_error
from dragoman.core.events import Notice
from dragoman.core.options import RunOptions
from dragoman.core.transcript import Word
from dragoman.engines.asr import RecognizerOptions
from dragoman.pipeline.blocks import BLOCK
from dragoman.pipeline.heard import Heard, Utterance
from dragoman.pipeline.recognise import recognise_whole
from dragoman.pipeline.recognise_live import recognise_live
from dragoman.pipeline.segment import Quiet, Speech, SpeechEnd, Stretch

pytestmark = pytest.mark.anyio

ENGLISH = RecognizerOptions("en")
WHOLE, LIVE = RunOptions("en"), RunOptions("en", recognition="live")


def speech(text: str, start: float) -> Speech:
    """A block that says so."""
    return Speech(AudioChunk(text.encode().ljust(round(BLOCK * 32_000), b"\0"), 16_000, start))


def words(heard: list[Heard]) -> list[str]:
    utterances = [item for item in heard if isinstance(item, Utterance)]
    return [" ".join(word.content for word in utterance.words) for utterance in utterances]


async def whole(stretches: list[Stretch], engine: object, *, at_once: int = 2) -> Outcome:
    async with hosted(engine, RECOGNIZER, threads=at_once) as ear:
        return await through(
            stretches,
            lambda taken, handed, emit: recognise_whole(taken, handed, emit, ear, ENGLISH, WHOLE, at_once=at_once),
        )


async def live(stretches: list[Stretch], engine: object) -> Outcome:
    async with hosted(engine, RECOGNIZER) as ear:
        return await through(
            stretches, lambda taken, handed, emit: recognise_live(taken, handed, emit, ear, ENGLISH, LIVE)
        )


THREE: list[Stretch] = [
    Quiet(1.0),
    speech("one ", 1.0),
    speech("two ", 1.064),
    SpeechEnd(2.0),
    Quiet(2.5),
    speech("three ", 5.0),
    SpeechEnd(6.0),
]


@pytest.mark.parametrize("recognise", [whole, live])
async def test_utterances_and_quiet_keep_their_order(recognise) -> None:
    outcome = await recognise([*THREE, AudioStalled()], Listener())
    assert [type(item) for item in outcome.items] == [Quiet, Utterance, Quiet, Utterance, AudioStalled]
    assert words(outcome.items) == ["one two", "three"]
    assert [word.start_time for word in outcome.items[1].words] == [1.0, 2.0]


@pytest.mark.parametrize("recognise", [whole, live])
async def test_what_was_forced_stays_so(recognise) -> None:
    forced: list[Stretch] = [Quiet(1.0, forced=True), speech("one", 1.0), SpeechEnd(2.0, forced=True)]
    outcome = await recognise([*forced, speech("two", 3.0), SpeechEnd(4.0)], Listener())
    assert [item.forced for item in outcome.items] == [True, True, False]


@pytest.mark.parametrize("recognise", [whole, live])
async def test_nothing_in_nothing_out(recognise) -> None:
    outcome = await recognise([], Listener())
    assert (outcome.items, outcome.events) == ([], [])


async def test_of_the_closing_silence_only_a_little_is_recognised() -> None:
    engine = Listener()
    silent = Speech(AudioChunk(bytes(2 * 16_000), 16_000, 1.0))
    await whole([silent, SpeechEnd(1.2)], engine)
    assert engine.heard[0].duration == pytest.approx(0.5)


@dataclass
class Slow:
    """The first utterance is only done when the second is."""

    second: threading.Event = field(default_factory=threading.Event)

    def recognize(self, audio: AudioChunk, options: RecognizerOptions) -> tuple[Word, ...]:
        if audio.start_time > 1.0:
            self.second.set()
        elif not self.second.wait(30):
            raise TimeoutError
        return (Word(f"{audio.start_time:g}", audio.start_time, audio.end_time),)


async def test_several_are_recognised_at_once_and_come_out_in_order() -> None:
    stretches: list[Stretch] = [speech("a", 1.0), SpeechEnd(2.0), speech("b", 5.0), SpeechEnd(6.0)]
    assert words((await whole(stretches, Slow())).items) == ["1", "5"]


@pytest.mark.parametrize("at_once", [1, 2, 5])
async def test_the_answer_does_not_depend_on_how_many_at_once(at_once: int) -> None:
    stretches = [part for i in range(20) for part in (speech(f"w{i} ", 10.0 * i), SpeechEnd(10.0 * i + 1))]
    assert words((await whole(stretches, Listener(), at_once=at_once)).items) == [f"w{i}" for i in range(20)]


@pytest.mark.parametrize("recognise", [whole, live])
async def test_a_broken_utterance_is_named_once_and_the_others_are_heard(recognise) -> None:
    broken = [speech("two ", 5.0), speech("BREAK ", 5.064), speech("now ", 5.128), speech("on", 5.192)]
    stretches = [speech("one ", 1.0), SpeechEnd(2.0), *broken, SpeechEnd(6.0), speech("three ", 8.0), SpeechEnd(9.0)]
    outcome = await recognise(stretches, Listener(EngineCrashed("died")))
    assert words(outcome.items) == ["one", "", "three"]
    (notice,) = [event for event in outcome.events if isinstance(event, Notice)]
    assert notice.code == "engine_crashed"
    assert notice.message.startswith("5.0 to 5.3 s could not be recognised: died")


@pytest.mark.parametrize("recognise", [whole, live])
async def test_a_second_try_is_not_noticed(recognise) -> None:
    stretches = [speech("one ", 1.0), speech("BREAK ", 1.064), speech("two ", 1.128), SpeechEnd(2.0)]
    outcome = await recognise(stretches, Listener(EngineCrashed("died"), breaks=1))
    assert words(outcome.items) == ["one BREAK two"]
    assert not [event for event in outcome.events if isinstance(event, Notice)]


@pytest.mark.parametrize("recognise", [whole, live])
async def test_what_another_try_cannot_help_ends_the_stage(recognise) -> None:
    with pytest.raises((EngineUnavailable, ExceptionGroup)) as raised:
        await recognise([speech("BREAK", 1.0), SpeechEnd(2.0)], Listener(EngineUnavailable("no model")))
    error = first_error(raised.value) if isinstance(raised.value, ExceptionGroup) else raised.value
    assert isinstance(error, EngineUnavailable)


@pytest.mark.parametrize("recognise", ["whole", "live"])
async def test_the_engine_hears_at_its_own_rate(recognise: str) -> None:
    engine = Silent()
    second = [Speech(AudioChunk(bytes(3_200), 16_000, 1.0 + 0.1 * i)) for i in range(10)]
    async with hosted(engine, replace(RECOGNIZER, sample_rate=8_000)) as ear:
        if recognise == "whole":
            await through(
                [*second, SpeechEnd(2.0)],
                lambda taken, handed, emit: recognise_whole(taken, handed, emit, ear, ENGLISH, WHOLE, at_once=1),
            )
        else:
            await through(
                [*second, SpeechEnd(2.0)],
                lambda taken, handed, emit: recognise_live(taken, handed, emit, ear, ENGLISH, LIVE),
            )
    assert {chunk.sample_rate for chunk in engine.heard} == {8_000}
    assert sum(chunk.duration for chunk in engine.heard) == pytest.approx(1.0, abs=0.001)
    assert engine.heard[0].start_time == 1.0


@dataclass
class Silent:
    """Hears and says nothing; its own stream."""

    heard: list[AudioChunk] = field(default_factory=list)

    def recognize(self, audio: AudioChunk, options: RecognizerOptions) -> tuple[Word, ...]:
        self.heard.append(audio)
        return ()

    def open_stream(self, options: RecognizerOptions) -> "Silent":
        return self

    def accept(self, audio: AudioChunk) -> tuple[Word, ...]:
        return self.recognize(audio, ENGLISH)

    def finish(self) -> tuple[Word, ...]:
        return ()
