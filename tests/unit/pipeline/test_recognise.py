"""Utterances to words, whole and live, with an engine that reads the words from the samples."""

import threading
from dataclasses import dataclass, field, replace

import pytest
from tests.unit.pipeline.stage import RECOGNIZER, Listener, Outcome, hosted, through

from dragoman.core.audio import AudioChunk
from dragoman.core.errors import EngineCrashed, EngineUnavailable, first_error
from dragoman.core.events import Notice, PartialTranscript
from dragoman.core.transcript import Word
from dragoman.engines.asr import RecognizerInfo, RecognizerOptions
from dragoman.pipeline.recognise import Utterance, recognise_live, recognise_whole
from dragoman.pipeline.segment import Quiet, Speech, SpeechEnd, Stretch

pytestmark = pytest.mark.anyio

ENGLISH = RecognizerOptions("en")


def speech(text: str, start: float) -> Speech:
    pcm = text.encode()
    return Speech(AudioChunk(pcm + bytes(len(pcm) % 2), 16_000, start))


def words(utterances: list[Utterance]) -> list[str]:
    return [" ".join(word.content for word in utterance.words) for utterance in utterances]


async def whole(stretches: list[Stretch], engine: object, *, at_once: int = 2) -> Outcome:
    async with hosted(engine, RECOGNIZER, threads=at_once) as ear:
        return await through(
            stretches,
            lambda taken, handed, emit: recognise_whole(taken, handed, emit, ear, ENGLISH, at_once=at_once),
        )


async def live(
    stretches: list[Stretch], engine: object, *, partials: bool = True, info: RecognizerInfo = RECOGNIZER
) -> Outcome:
    async with hosted(engine, info) as ear:
        return await through(
            stretches,
            lambda taken, handed, emit: recognise_live(taken, handed, emit, ear, ENGLISH, partials=partials),
        )


THREE: list[Stretch] = [
    Quiet(1.0),
    speech("one ", 1.0),
    speech("two ", 1.000125),
    SpeechEnd(2.0),
    Quiet(2.5),
    speech("three ", 5.0),
    SpeechEnd(6.0),
]


@pytest.mark.parametrize("recognise", [whole, live])
async def test_utterances_and_quiet_keep_their_order(recognise) -> None:
    outcome = await recognise(THREE, Listener())
    assert words(outcome.items) == ["", "one two", "", "three"]
    assert outcome.items[0] == Utterance((), 1.0)
    assert outcome.items[2] == Utterance((), 2.5)
    assert [word.start_time for word in outcome.items[1].words] == [1.0, 2.0]


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
    broken = [speech("two ", 5.0), speech("BREAK ", 5.000125), speech("now ", 5.0003), speech("on", 5.0005)]
    stretches = [speech("one ", 1.0), SpeechEnd(2.0), *broken, SpeechEnd(6.0), speech("three ", 8.0), SpeechEnd(9.0)]
    outcome = await recognise(stretches, Listener(EngineCrashed("died")))
    assert words(outcome.items) == ["one", "", "three"]
    (notice,) = [event for event in outcome.events if isinstance(event, Notice)]
    assert notice.code == "engine_crashed"
    assert notice.message.startswith("5.0 to 5.0 s could not be recognised: died")


@pytest.mark.parametrize("recognise", [whole, live])
async def test_a_second_try_is_not_noticed(recognise) -> None:
    stretches = [speech("one ", 1.0), speech("BREAK ", 1.000125), speech("two ", 1.0003), SpeechEnd(2.0)]
    outcome = await recognise(stretches, Listener(EngineCrashed("died"), breaks=1))
    assert words(outcome.items) == ["one BREAK two"]
    assert not [event for event in outcome.events if isinstance(event, Notice)]


@pytest.mark.parametrize("recognise", [whole, live])
async def test_what_another_try_cannot_help_ends_the_stage(recognise) -> None:
    with pytest.raises((EngineUnavailable, ExceptionGroup)) as raised:
        await recognise([speech("BREAK", 1.0), SpeechEnd(2.0)], Listener(EngineUnavailable("no model")))
    error = first_error(raised.value) if isinstance(raised.value, ExceptionGroup) else raised.value
    assert isinstance(error, EngineUnavailable)


async def test_partials_grow_and_start_anew_with_each_utterance() -> None:
    outcome = await live(THREE, Listener())
    shown = [event for event in outcome.events if isinstance(event, PartialTranscript)]
    assert [" ".join(word.content for word in event.words) for event in shown] == ["one", "one two", "three"]
    assert [event.stable for event in shown] == [0, 1, 0]
    assert [event.start_time for event in shown] == [1.0, 1.0, 5.0]
    assert shown[1].end_time == pytest.approx(1.00025)


async def test_a_partial_that_says_nothing_new_is_not_sent() -> None:
    pause = Speech(AudioChunk(bytes(8), 16_000, 1.000125))
    outcome = await live([pause, speech("one ", 1.0), pause, pause, pause, SpeechEnd(2.0)], Listener())
    shown = [event for event in outcome.events if isinstance(event, PartialTranscript)]
    assert [(len(event.words), event.stable) for event in shown] == [(1, 0), (1, 1)]


async def test_unstable_words_are_held_back() -> None:
    outcome = await live(THREE, Listener(), info=replace(RECOGNIZER, unstable_words=1))
    assert [event.stable for event in outcome.events if isinstance(event, PartialTranscript)] == [0, 1, 0]
    outcome = await live(THREE, Listener(), info=replace(RECOGNIZER, unstable_words=2))
    assert [event.stable for event in outcome.events if isinstance(event, PartialTranscript)] == [0, 0, 0]


async def test_partials_are_only_for_who_wants_them() -> None:
    outcome = await live(THREE, Listener(), partials=False)
    assert outcome.events == []
    assert words(outcome.items) == ["", "one two", "", "three"]


@pytest.mark.parametrize("recognise", ["whole", "live"])
async def test_the_engine_hears_at_its_own_rate(recognise: str) -> None:
    engine = Silent()
    second = [Speech(AudioChunk(bytes(3_200), 16_000, 1.0 + 0.1 * i)) for i in range(10)]
    async with hosted(engine, replace(RECOGNIZER, sample_rate=8_000)) as ear:
        if recognise == "whole":
            await through(
                [*second, SpeechEnd(2.0)],
                lambda taken, handed, emit: recognise_whole(taken, handed, emit, ear, ENGLISH, at_once=1),
            )
        else:
            await through(
                [*second, SpeechEnd(2.0)],
                lambda taken, handed, emit: recognise_live(taken, handed, emit, ear, ENGLISH, partials=False),
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
