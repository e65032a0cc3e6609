"""Whole runs with the scripted engine: the real stages, hosts and channels."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import anyio
import pytest
from tests.unit.pipeline.rig import attached, events_of, scripted, silence, with_recognizer

from dragoman.core.audio import AudioChunk
from dragoman.core.controls import EndOfChannel, ForceEndOfUtterance, Input
from dragoman.core.errors import EngineCrashed, EngineUnavailable, InvalidOption
from dragoman.core.events import (
    EndOfUtterance,
    Event,
    FinalTranscript,
    FinalTranslation,
    Notice,
    PartialTranscript,
    PartialTranslation,
    Progress,
    RunEnded,
    RunStarted,
    SentenceSpoken,
    SynthesizedAudio,
)
from dragoman.core.fold import fold
from dragoman.core.options import RunOptions, VocabularyItem
from dragoman.core.transcript import Word
from dragoman.engines.asr import RecognizerOptions
from dragoman.engines.routing import EngineNames
from dragoman.pipeline.run import open_run

pytestmark = pytest.mark.anyio

FILE = RunOptions("en", ("es", "fr"), speak=("es",))
LIVE = RunOptions("en", ("es", "fr"), speak=("es",), recognition="live", partials=True)


@pytest.mark.parametrize("options", [FILE, LIVE], ids=["file", "live"])
async def test_what_the_script_says_comes_out_in_every_language(options: RunOptions) -> None:
    async with attached(options) as engines:
        events = await events_of(options, engines, silence(12))
    transcript = fold(events)
    assert transcript.text == "This is sentence number 1. This is sentence number 2. This is sentence number 3."
    assert [entry.content for entry in transcript.translations["es"]] == [
        f"Esta es la frase número {i}." for i in (1, 2, 3)
    ]
    assert [entry.content for entry in transcript.translations["fr"]] == [
        f"Ceci est la phrase numéro {i}." for i in (1, 2, 3)
    ]
    assert transcript.sentences[1].start_time == pytest.approx(4.5)
    assert transcript.sentences[1].end_time == pytest.approx(6.5)
    assert transcript.duration == pytest.approx(12.0)
    assert transcript.notices == ()


@pytest.mark.parametrize("options", [FILE, LIVE], ids=["file", "live"])
async def test_events_keep_their_order(options: RunOptions) -> None:
    async with attached(options) as engines:
        events = await events_of(options, engines, silence(20))
    assert isinstance(events[0], RunStarted)
    assert events[0].engines == ("scripted",)
    assert isinstance(events[-1], RunEnded)
    said = [event.sentence for event in events if isinstance(event, FinalTranscript)]
    for before, after in pairwise(said):
        assert before.end_time <= after.start_time
    for event in events:
        if isinstance(event, FinalTranslation):
            source = next(s for s in said if s.start_time == event.translation.start_time)
            assert events.index(FinalTranscript(source)) < events.index(event)
    progress = [event.time for event in events if isinstance(event, Progress)]
    assert progress == sorted(progress)
    audio = [event.audio for event in events if isinstance(event, SynthesizedAudio)]
    for one, other in pairwise(audio):
        assert one.end_time <= other.start_time + 1e-6


async def test_live_shows_partials_that_grow_to_the_final() -> None:
    async with attached(LIVE) as engines:
        events = await events_of(LIVE, engines, silence(4))
    first_final = next(i for i, event in enumerate(events) if isinstance(event, FinalTranscript))
    partials = [event for event in events[:first_final] if isinstance(event, PartialTranscript)]
    texts = [" ".join(word.content for word in partial.words) for partial in partials]
    assert len(texts) > 1
    assert "This is sentence number 1.".startswith(texts[-1])
    assert all(later.startswith(earlier) for earlier, later in pairwise(texts))
    assert isinstance(events[first_final + 1], EndOfUtterance)


async def test_nobody_asked_for_partials() -> None:
    options = RunOptions("en", recognition="live")
    async with attached(options) as engines:
        events = await events_of(options, engines, silence(4))
    assert not [event for event in events if isinstance(event, PartialTranscript)]


@pytest.mark.parametrize("chunk", [0.02, 0.1, 1.7])
@pytest.mark.parametrize("sample_rate", [8_000, 16_000, 44_100])
async def test_chunks_and_sample_rates_change_no_final(chunk: float, sample_rate: int) -> None:
    async with attached(FILE) as engines:
        events = await events_of(FILE, engines, silence(11.9, chunk, sample_rate))
    assert fold(events).text == "This is sentence number 1. This is sentence number 2. This is sentence number 3."


async def test_dubbed_sentences_keep_to_their_source(tmp_path: Path) -> None:
    """The second sentence is far too long for its place: it is hurried, and the third is late but not overlapped."""
    long = "una frase que no cabe de ninguna manera en tan poco tiempo como el que hay aquí " * 2
    script = tmp_path / "script.json"
    texts = [(1.0, "One.", "Uno."), (3.0, "Two.", long), (5.0, "Three.", "Tres."), (30.0, "Four.", "Cuatro.")]
    utterances = [
        {"start_time": start, "end_time": start + 1.0, "text": text, "translations": {"es": meaning}}
        for start, text, meaning in texts
    ]
    script.write_text(json.dumps({"language": "en", "utterances": utterances}))
    options = RunOptions("en", ("es",), speak=("es",))
    async with attached(options, scripted(script)) as engines:
        events = await events_of(options, engines, silence(33))
    spoken = [event.spoken for event in events if isinstance(event, SentenceSpoken)]
    assert [sentence.rate for sentence in spoken] == [1.0, 1.3, 1.0, 1.0]
    assert spoken[0].start_time == pytest.approx(1.0)
    assert spoken[2].start_time == pytest.approx(spoken[1].end_time)
    assert spoken[2].drift > 1.0
    assert spoken[3].drift == pytest.approx(0.0)
    for sentence in spoken:
        assert sentence.drift >= 0.0


async def test_silence_has_no_words() -> None:
    async with attached(FILE) as engines:
        events = await events_of(FILE, engines, silence(0.4))
        assert fold(events).sentences == ()
        nothing: Sequence[AudioChunk] = []
        assert [type(event) for event in await events_of(FILE, engines, nothing)] == [RunStarted, RunEnded]


class _Odd:
    """A recogniser that does what a test needs, whole and live."""

    def __init__(self, failures: int, error: Exception) -> None:
        self.failures = failures
        self.error = error
        self.heard: list[AudioChunk] = []

    def recognize(self, audio: AudioChunk, options: RecognizerOptions) -> tuple[Word, ...]:
        self.heard.append(audio)
        if len(self.heard) <= self.failures:
            raise self.error
        return (Word("said.", audio.start_time, audio.end_time),)

    def open_stream(self, options: RecognizerOptions) -> "_OddStream":
        return _OddStream(self)


class _OddStream:
    def __init__(self, engine: _Odd) -> None:
        self.engine = engine
        self.audio: list[AudioChunk] = []

    def accept(self, audio: AudioChunk) -> tuple[Word, ...]:
        self.audio.append(audio)
        return (Word("saying", self.audio[0].start_time, audio.end_time),)

    def finish(self) -> tuple[Word, ...]:
        audio, self.audio = self.audio, []
        whole = AudioChunk(b"".join(chunk.pcm for chunk in audio), audio[0].sample_rate, audio[0].start_time)
        return self.engine.recognize(whole, RecognizerOptions("en"))


@pytest.mark.parametrize("recognition", ["whole", "live"])
async def test_an_utterance_is_heard_again_when_the_engine_crashed(recognition: str) -> None:
    options = RunOptions("en", recognition=recognition)  # type: ignore[arg-type]
    odd = _Odd(1, EngineCrashed("died"))
    async with attached(options) as engines, with_recognizer(engines, odd) as engines:
        transcript = fold(await events_of(options, engines, silence(8)))
    assert transcript.text == "said. said."
    assert transcript.notices == ()
    assert odd.heard[0] == odd.heard[1]


@pytest.mark.parametrize("recognition", ["whole", "live"])
async def test_an_utterance_that_cannot_be_borne_is_named_and_left_out(recognition: str) -> None:
    options = RunOptions("en", recognition=recognition)  # type: ignore[arg-type]
    odd = _Odd(2, EngineCrashed("died"))
    async with attached(options) as engines, with_recognizer(engines, odd) as engines:
        events = await events_of(RunOptions("en", recognition=recognition), engines, silence(12))  # type: ignore[arg-type]
    (notice,) = [event for event in events if isinstance(event, Notice)]
    assert notice.code == "engine_crashed"
    assert "could not be recognised" in notice.message
    assert fold(events).text == "said. said."


async def test_an_engine_that_can_never_work_ends_the_run_with_its_error() -> None:
    options = RunOptions("en")
    odd = _Odd(99, EngineUnavailable("no model"))
    async with attached(options) as engines, with_recognizer(engines, odd) as engines:
        with pytest.raises(EngineUnavailable, match="no model"):
            await events_of(options, engines, silence(8))


@pytest.mark.parametrize("recognition", ["whole", "live"])
async def test_engines_hear_at_their_own_rate(recognition: str) -> None:
    options = RunOptions("en", recognition=recognition)  # type: ignore[arg-type]
    odd = _Odd(0, EngineCrashed("never"))
    async with attached(options) as engines, with_recognizer(engines, odd, sample_rate=8_000) as engines:
        await events_of(options, engines, silence(4))
    (heard,) = odd.heard
    assert heard.sample_rate == 8_000
    assert heard.start_time == pytest.approx(0.5, abs=0.5)
    assert heard.duration == pytest.approx(2.5, abs=0.5)


async def test_a_reader_that_leaves_early_ends_the_run() -> None:
    async with attached(FILE) as engines:
        with anyio.fail_after(10):
            async with open_run(FILE, engines) as run:
                assert isinstance(await anext(aiter(run.events)), RunStarted)


async def test_an_error_of_the_reader_stays_itself() -> None:
    async with attached(FILE) as engines:
        with pytest.raises(LookupError):
            async with open_run(FILE, engines):
                raise LookupError


async def test_memory_is_bounded_when_nobody_reads() -> None:
    """The input stops taking audio instead of piling it up."""
    async with attached(FILE) as engines, open_run(FILE, engines) as run:
        taken = 0
        with anyio.move_on_after(1):
            for chunk in silence(3600, chunk=1.0):
                await run.input.send(chunk)
                taken += 1
        assert taken < 600


def _same(events: Sequence[Event]) -> list[Event]:
    return [event for event in events if isinstance(event, FinalTranscript | FinalTranslation)]


async def test_several_at_once_give_the_same_as_one_after_another() -> None:
    async with attached(FILE) as engines:
        together = await events_of(FILE, engines, silence(40))
        alone = []
        async with open_run(FILE, engines, at_once=1) as run, anyio.create_task_group() as group:

            async def feed() -> None:
                async with run.input:
                    for chunk in silence(40):
                        await run.input.send(chunk)

            group.start_soon(feed)
            alone = [event async for event in run.events]
    key = lambda event: (type(event).__name__, str(event))  # noqa: E731
    assert sorted(_same(together), key=key) == sorted(_same(alone), key=key)


def _script(path: Path) -> Path:
    """Two long utterances without a pause, three words a second."""
    utterances = [
        {"start_time": start, "end_time": start + 12.0, "text": " ".join(f"w{start:g}-{i}" for i in range(36))}
        for start in (1.0, 14.0)
    ]
    path.write_text(json.dumps({"language": "en", "utterances": utterances}))
    return path


def _words(events: Sequence[Event]) -> list[Word]:
    finals = [event.sentence for event in events if isinstance(event, FinalTranscript)]
    return [item for sentence in finals for item in sentence.items if isinstance(item, Word)]


@pytest.mark.parametrize(("max_delay", "end_of_utterance"), [(None, 0.8), (1.0, 0.2), (2.5, None)])
async def test_live_finals_and_pauses_do_not_depend_on_chunks(tmp_path: Path, max_delay, end_of_utterance) -> None:
    options = RunOptions("en", recognition="live", max_delay=max_delay, end_of_utterance=end_of_utterance)
    script = _script(tmp_path / "script.json")
    said = []
    async with attached(options, scripted(script)) as engines:
        for chunk in (0.02, 0.1, 3.3):
            events = await events_of(options, engines, silence(29.7, chunk))
            said.append([event for event in events if isinstance(event, FinalTranscript | EndOfUtterance)])
    assert said[0] == said[1] == said[2]
    words = _words(said[0])
    assert [word.content for word in words] == [f"w{start}-{i}" for start in (1, 14) for i in range(36)]
    assert len([event for event in said[0] if isinstance(event, EndOfUtterance)]) == 2
    finals = len(said[0]) - 2
    assert finals == 2 if max_delay is None else finals > 8


async def test_a_force_is_answered_with_all_that_was_heard(tmp_path: Path) -> None:
    options = RunOptions("en", recognition="live", max_delay=2.0)
    audio: list[Input] = [*silence(29)]
    audio.insert(71, ForceEndOfUtterance())
    async with attached(options, scripted(_script(tmp_path / "script.json"))) as engines:
        events = await events_of(options, engines, audio)
    (forced,) = [event for event in events if isinstance(event, FinalTranscript) and event.forced]
    assert forced.sentence.items[-1].content == "w1-17"  # its middle lies before 7.1 seconds
    after = events[events.index(forced) + 1]
    assert after == EndOfUtterance(pytest.approx(7.1), forced=True)
    assert [word.content for word in _words(events)] == [f"w{start}-{i}" for start in (1, 14) for i in range(36)]


async def test_channels_are_heard_apart_and_end_apart() -> None:
    options = RunOptions("en", ("es",), speak=("es",), recognition="live", partials=True, channels=("left", "right"))
    audio: list[Input] = []
    for chunk in silence(8):
        if chunk.start_time < 4.0:
            audio.append(replace(chunk, channel="left"))
        audio.append(replace(chunk, channel="right"))
    audio.insert(80, EndOfChannel("left"))
    async with attached(options) as engines:
        events = await events_of(options, engines, audio)
    finals = [event.sentence for event in events if isinstance(event, FinalTranscript)]
    assert sorted((sentence.channel, sentence.text) for sentence in finals) == [
        ("left", "This is sentence number 1."),
        ("right", "This is sentence number 1."),
        ("right", "This is sentence number 2."),
    ]
    translated = [event.translation for event in events if isinstance(event, FinalTranslation)]
    assert sorted(translation.channel for translation in translated) == ["left", "right", "right"]
    assert {event.channel for event in events if isinstance(event, PartialTranscript | EndOfUtterance | Progress)} == {
        "left",
        "right",
    }
    spoken = [event.spoken for event in events if isinstance(event, SentenceSpoken)]
    assert len(spoken) == 3
    for one, other in pairwise(spoken):
        assert one.end_time <= other.start_time + 1e-6
    kinds = [type(event) for event in events]
    assert (kinds.count(RunStarted), kinds.count(RunEnded)) == (1, 1)
    assert events[-1] == RunEnded(pytest.approx(8.0))


async def test_a_chunk_of_an_unknown_channel_ends_the_run() -> None:
    options = RunOptions("en", recognition="live", channels=("left", "right"))
    async with attached(options) as engines:
        with pytest.raises(InvalidOption, match="left, right"):
            await events_of(options, engines, silence(1))


async def test_partial_translations_come_before_their_final_and_without_partial_transcripts() -> None:
    options = RunOptions("en", ("es",), recognition="live", partial_translations=True)
    async with attached(options) as engines:
        events = await events_of(options, engines, silence(8))
    kinds = [event for event in events if isinstance(event, PartialTranslation | FinalTranslation)]
    assert isinstance(kinds[0], PartialTranslation)
    assert kinds[0].translation.content.startswith("[es] This")
    assert isinstance(kinds[-1], FinalTranslation)
    assert not [event for event in events if isinstance(event, PartialTranscript)]
    for before, after in pairwise(kinds):
        assert before.translation.start_time <= after.translation.start_time
        assert before != after


async def test_the_recogniser_is_told_the_words_to_know() -> None:
    vocabulary = (VocabularyItem("Dragoman"),)
    options = RunOptions("en", vocabulary=vocabulary)
    told: list[RecognizerOptions] = []

    class Told(_Odd):
        def recognize(self, audio: AudioChunk, options: RecognizerOptions) -> tuple[Word, ...]:
            told.append(options)
            return ()

    async with attached(options) as engines, with_recognizer(engines, Told(0, EngineCrashed("never"))) as engines:
        await events_of(options, engines, silence(4))
    assert told == [RecognizerOptions("en", vocabulary, partials=False)]


async def test_real_finals_do_not_depend_on_chunks(recording: Callable[[str], AudioChunk]) -> None:
    """With the built-in engines, words that may not wait, and a force on the way."""
    options = RunOptions("en", recognition="live", max_delay=1.0, end_of_utterance=0.3)
    whole = recording("speech/en/en_jfk.flac")
    heard = []
    async with attached(options, EngineNames()) as engines:
        for samples in (1_000, whole.samples):
            chunks = [whole.slice(first, first + samples) for first in range(0, whole.samples, samples)]
            events = await events_of(options, engines, [ForceEndOfUtterance(timestamp=6.5), *chunks])
            heard.append([event for event in events if isinstance(event, FinalTranscript | EndOfUtterance)])
    assert heard[0] == heard[1]
    assert len([event for event in heard[0] if isinstance(event, FinalTranscript)]) > 5
    for one, other in pairwise(_words(heard[0])):
        assert one.end_time <= other.start_time + 1e-6
