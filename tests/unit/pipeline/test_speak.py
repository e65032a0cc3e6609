"""Translations to speech: a tenth of a second a character, placed on a track."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from tests.unit.pipeline.stage import SYNTHESIZER, Hummer, Outcome, hosted, through

from dragoman.core.audio import OUTPUT_RATE, join
from dragoman.core.events import Event, Notice, SentenceSpoken, SynthesizedAudio
from dragoman.core.transcript import SpokenSentence, Translation
from dragoman.engines.attached import Speaker
from dragoman.engines.tts import SpeechChunk, SynthesizerInfo
from dragoman.pipeline.speak import dub, interpret

pytestmark = pytest.mark.anyio


def translation(text: str, start: float, end: float | None = None) -> Translation:
    return Translation(text, "es", start, start + 1.0 if end is None else end)


async def spoken(
    stage, translations: list[Translation], engine: Hummer | None = None, info: SynthesizerInfo = SYNTHESIZER
) -> Outcome:
    async with hosted(engine or Hummer(), info) as voice:

        def alone(taken, handed, emit):
            handed.close()
            return stage(taken, emit, Speaker(voice, "hum"))

        return await through(translations, alone)


def sentences(events: list[Event]) -> list[SpokenSentence]:
    return [event.spoken for event in events if isinstance(event, SentenceSpoken)]


def pieces(events: list[Event]) -> list[tuple[float, float]]:
    """Where each piece of audio begins and ends."""
    audio = [event.audio for event in events if isinstance(event, SynthesizedAudio)]
    return [(chunk.start_time, chunk.end_time) for chunk in audio]


async def test_a_dubbed_sentence_starts_with_its_source() -> None:
    outcome = await spoken(dub, [translation("ten chars.", 2.0), translation("five.", 9.0)])
    assert sentences(outcome.events) == [
        SpokenSentence("es", 2.0, 3.0, 2.0, 3.0, 1.0),
        SpokenSentence("es", 9.0, 9.5, 9.0, 10.0, 1.0),
    ]
    assert pieces(outcome.events) == [(2.0, 3.0), (9.0, 9.5)]
    assert [type(event) for event in outcome.events] == [SynthesizedAudio, SentenceSpoken] * 2


async def test_a_dubbed_sentence_is_hurried_as_far_as_its_place_needs() -> None:
    outcome = await spoken(dub, [translation("t" * 12, 0.0), translation("five.", 1.0)])
    first, second = sentences(outcome.events)
    assert first.rate == pytest.approx(1.2)
    assert first.end_time == pytest.approx(1.0, abs=0.001)
    assert second.drift == pytest.approx(0.0, abs=0.001)


async def test_what_does_not_fit_at_all_makes_the_next_late_but_is_not_overlapped() -> None:
    outcome = await spoken(dub, [translation("t" * 26, 0.0), translation("five.", 1.0), translation("on time", 9.0)])
    first, second, third = sentences(outcome.events)
    assert first.rate == 1.3
    assert first.end_time == pytest.approx(2.0, abs=0.001)
    assert second.start_time == first.end_time
    assert second.drift == pytest.approx(1.0, abs=0.001)
    assert third.drift == 0.0


class Foreseeing(Hummer):
    """Knows the length of what it will hum."""

    def duration(self, text: str, voice: str, rate: float = 1.0) -> float:
        return len(text) / 10 / rate


CLOSE = [translation("t" * 12, 0.0), translation("t" * 26, 1.0), translation("five.", 2.0), translation("on time", 9.0)]


async def test_a_voice_that_knows_its_length_beforehand_speaks_each_sentence_once() -> None:
    engine = Foreseeing()
    outcome = await spoken(dub, CLOSE, engine, replace(SYNTHESIZER, predicts_duration=True))
    assert engine.rates == [sentence.rate for sentence in sentences(outcome.events)]


async def test_a_prediction_makes_no_sentence_later() -> None:
    predicted = await spoken(dub, CLOSE, Foreseeing(), replace(SYNTHESIZER, predicts_duration=True))
    tried = await spoken(dub, CLOSE)
    for one, other in zip(sentences(predicted.events), sentences(tried.events), strict=True):
        assert one.drift <= other.drift + 0.001
    assert max(sentence.rate for sentence in sentences(predicted.events)) <= 1.3


async def test_a_voice_that_cannot_tell_after_all_is_tried() -> None:
    class Unsure(Foreseeing):
        def duration(self, text: str, voice: str, rate: float = 1.0) -> None:  # type: ignore[override]
            return None

    outcome = await spoken(dub, CLOSE, Unsure(), replace(SYNTHESIZER, predicts_duration=True))
    assert sentences(outcome.events) == sentences((await spoken(dub, CLOSE)).events)


@pytest.mark.parametrize("stage", [dub, interpret])
async def test_an_engine_is_never_asked_to_hurry_more_than_it_can(stage) -> None:
    engine = Hummer()
    many = [translation("t" * 40, 0.1 * i, 0.1 * i) for i in range(3)]
    await spoken(stage, many, engine, replace(SYNTHESIZER, max_rate=1.1))
    assert max(engine.rates) == 1.1


async def test_a_dubbed_sentence_that_fails_is_named_and_leaves_its_place_silent() -> None:
    outcome = await spoken(dub, [translation("BR", 0.0), translation("five.", 0.0)])
    (notice,) = [event for event in outcome.events if isinstance(event, Notice)]
    assert (notice.code, notice.language) == ("engine_failed", "es")
    assert notice.message.startswith("The sentence at 0.0 s was not spoken in es: hummer failed")
    assert pieces(outcome.events) == [(0.0, 0.5)]
    assert len(sentences(outcome.events)) == 1


async def test_live_a_sentence_is_spoken_in_pieces_when_it_is_over() -> None:
    outcome = await spoken(interpret, [translation("abc", 2.0, 5.0)])
    assert pieces(outcome.events) == [pytest.approx(piece) for piece in [(5.0, 5.1), (5.1, 5.2), (5.2, 5.3)]]
    assert sentences(outcome.events) == [SpokenSentence("es", 5.0, pytest.approx(5.3), 2.0, 5.0, 1.0)]
    assert isinstance(outcome.events[-1], SentenceSpoken)


async def test_live_a_sentence_that_is_made_at_once_is_handed_on_in_short_parts() -> None:
    class AtOnce(Hummer):
        def synthesize(self, text: str, voice: str, rate: float = 1.0) -> Iterator[SpeechChunk]:
            yield SpeechChunk(join(chunk.audio for chunk in super().synthesize(text, voice, rate)))

    outcome = await spoken(interpret, [translation("twelve chars", 0.0, 1.0)], AtOnce())
    lengths = [end - start for start, end in pieces(outcome.events)]
    assert lengths == [pytest.approx(0.5, abs=0.01), pytest.approx(0.5, abs=0.01), pytest.approx(0.2, abs=0.02)]
    assert pieces(outcome.events)[0][0] == 1.0


async def test_live_speech_hurries_when_it_has_piled_up() -> None:
    outcome = await spoken(interpret, [translation("t" * 30, 0.0, 1.0), translation("late", 1.0, 2.0)])
    first, second = sentences(outcome.events)
    assert first.rate == 1.0
    assert second.start_time == pytest.approx(first.end_time)
    assert second.rate == pytest.approx(1.15)  # two seconds behind


async def test_live_a_sentence_that_breaks_off_has_been_spoken_so_far() -> None:
    outcome = await spoken(interpret, [translation("BR", 0.0), translation("five.", 0.0)])
    assert [type(event) for event in outcome.events[:3]] == [SynthesizedAudio, Notice, SentenceSpoken]
    first, second = sentences(outcome.events)
    assert first.end_time == pytest.approx(1.1)
    assert second.start_time == first.end_time


async def test_live_a_sentence_of_which_nothing_was_heard_was_not_spoken() -> None:
    outcome = await spoken(interpret, [translation("RB", 0.0), translation("five.", 0.0)])
    assert isinstance(outcome.events[0], Notice)
    assert len(sentences(outcome.events)) == 1


@pytest.mark.parametrize("stage", [dub, interpret])
async def test_the_track_has_one_rate_whatever_the_engines(stage) -> None:
    info = replace(SYNTHESIZER, sample_rate=22_050)
    outcome = await spoken(stage, [translation("ten chars.", 2.0)], Hummer(22_050), info)
    audio = [event.audio for event in outcome.events if isinstance(event, SynthesizedAudio)]
    assert {chunk.sample_rate for chunk in audio} == {OUTPUT_RATE}
    assert sum(chunk.duration for chunk in audio) == pytest.approx(1.0, abs=1e-3)
    (said,) = sentences(outcome.events)
    assert said.end_time - said.start_time == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize("stage", [dub, interpret])
async def test_nothing_in_nothing_out(stage) -> None:
    assert await spoken(stage, []) == Outcome([], [])
