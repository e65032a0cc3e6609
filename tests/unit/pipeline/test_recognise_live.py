"""Live recognition: partials, and words that become final while the speaker goes on."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import anyio
import anyio.lowlevel
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.pipeline.stage import RECOGNIZER, Listener, drained, hosted
from tests.unit.pipeline.test_recognise import ENGLISH, THREE, speech

from dragoman.core.audio import AudioChunk
from dragoman.core.controls import Reconfigure
from dragoman.core.events import Event
from dragoman.core.options import RunOptions
from dragoman.core.transcript import Word
from dragoman.engines.asr import RecognizerInfo, RecognizerOptions
from dragoman.pipeline.blocks import BLOCK
from dragoman.pipeline.finality import RESERVE
from dragoman.pipeline.heard import Heard, Hypothesis, Utterance
from dragoman.pipeline.recognise_live import recognise_live
from dragoman.pipeline.segment import Speech, SpeechEnd, Stretch

pytestmark = pytest.mark.anyio

LIVE = RunOptions("en", recognition="live", partials=True)


async def live(
    stretches: Sequence[Stretch],
    engine: object,
    options: RunOptions = LIVE,
    info: RecognizerInfo = RECOGNIZER,
    channel: str | None = None,
    waiting: float = 0,
) -> list[Heard]:
    """As fast as it is heard; of the stretches so many wait, the others are not there yet."""
    given, taken = anyio.create_memory_object_stream[Stretch](waiting)
    handed, received = anyio.create_memory_object_stream[Heard](math.inf)
    async with received, hosted(engine, info) as ear, anyio.create_task_group() as group:

        async def feed() -> None:
            async with given:
                for stretch in stretches:
                    await given.send(stretch)

        if waiting:
            await feed()
        else:
            group.start_soon(feed)
        await recognise_live(taken, handed, unheard, ear, ENGLISH, options, channel=channel)
        return drained(received)


def shown(heard: list[Heard]) -> list[tuple[str, int]]:
    guesses = [item for item in heard if isinstance(item, Hypothesis)]
    return [(" ".join(word.content for word in guess.words), guess.stable) for guess in guesses]


async def test_hypotheses_grow_and_start_anew_with_each_utterance() -> None:
    heard = await live(THREE, Listener())
    assert shown(heard) == [("one", 0), ("one two", 1), ("three", 0)]
    assert [type(item).__name__ for item in heard] == [
        "Quiet", "Hypothesis", "Hypothesis", "Utterance", "Quiet", "Hypothesis", "Utterance",
    ]  # fmt: skip
    assert heard[2].end_time == pytest.approx(1.128)


async def test_a_hypothesis_that_says_nothing_new_is_not_sent() -> None:
    pause = speech("", 1.064)
    heard = await live([pause, speech("one ", 1.0), pause, pause, pause, SpeechEnd(2.0)], Listener())
    assert shown(heard) == [("one", 0), ("one", 1)]


async def test_of_what_waits_a_hypothesis_is_shown_for_every_second() -> None:
    """The finals are those of who keeps up."""
    words = said([(0.05, 0.2)] * 40)
    audio = AudioChunk(bytes(2 * 11 * 16_000), 16_000, 5.0)
    stretches = [*(Speech(audio.slice(first, first + 1600)) for first in range(0, audio.samples, 1600)), SpeechEnd(16)]
    waiting = await live(stretches, Reader(words), waiting=math.inf)
    there = await live(stretches, Reader(words))
    assert [item for item in waiting if isinstance(item, Utterance)] == there[-1:]
    ends = [item.end_time for item in waiting if isinstance(item, Hypothesis)]
    assert len(ends) == 11
    assert all(after - before >= 1.0 for before, after in pairwise(ends))
    assert len(there) > 40


async def test_of_one_long_chunk_too() -> None:
    words = said([(0.05, 0.2)] * 9)
    heard = await live([Speech(AudioChunk(bytes(2 * 40_000), 16_000, 5.0)), SpeechEnd(7.5)], Reader(words))
    assert [item.end_time for item in heard[:-1]] == pytest.approx([5.192, 6.216, 7.24, 7.496])


async def test_unstable_words_are_held_back() -> None:
    heard = await live(THREE, Listener(), info=replace(RECOGNIZER, unstable_words=1))
    assert [stable for _, stable in shown(heard)] == [0, 1, 0]
    heard = await live(THREE, Listener(), info=replace(RECOGNIZER, unstable_words=2))
    assert [stable for _, stable in shown(heard)] == [0, 0, 0]


async def test_hypotheses_are_only_for_who_wants_them() -> None:
    assert shown(await live(THREE, Listener(), replace(LIVE, partials=False))) == []
    assert shown(await live(THREE, Listener(), replace(LIVE, partials=False, partial_translations=True))) != []
    change = Reconfigure(partials=False, max_delay=None, end_of_utterance=None, volume_threshold=None)
    heard = await live([*THREE[:4], change, *THREE[4:]], Listener())
    assert [text for text, _ in shown(heard)] == ["one", "one two"]
    assert change in heard


async def test_words_carry_their_channel() -> None:
    heard = await live(THREE, Listener(), channel="left")
    assert {word.channel for item in heard if isinstance(item, Hypothesis | Utterance) for word in item.words} == {
        "left"
    }


async def test_quiet_words_are_left_out_when_asked() -> None:
    loud = Speech(AudioChunk(b"one" + b"\0" * 2045, 16_000, 1.0))
    heard = await live([loud, SpeechEnd(2.0)], Listener(), replace(LIVE, volume_threshold=99.0))
    assert [item.words for item in heard] == [()]
    heard = await live([loud, SpeechEnd(2.0)], Listener(), replace(LIVE, volume_threshold=0.0))
    assert heard[-1].words[0].volume > 0


@dataclass
class Reader:
    """Reads its words where they lie in time; the end of a word that is not over is where the audio ends. Its
    hypotheses lag behind, and what they end with may be wrong."""

    words: tuple[Word, ...]
    lag: float = 0.0
    heard: float = 0.0
    begin: float | None = None
    decoded: float = 0.0
    accepted: list[tuple[float, int]] = field(default_factory=list)

    def recognize(self, audio: AudioChunk, options: RecognizerOptions) -> tuple[Word, ...]:
        raise NotImplementedError

    def open_stream(self, options: RecognizerOptions) -> "Reader":
        return self

    def accept(self, audio: AudioChunk) -> tuple[Word, ...]:
        self.accepted.append((audio.start_time, audio.samples))
        self.begin = audio.start_time if self.begin is None else self.begin
        self.heard = audio.end_time
        self.decoded += audio.duration
        words = self._between(self.begin, self.heard - self.lag)
        if words and self.heard - words[-1].end_time < 0.3:
            words = (*words[:-1], replace(words[-1], content="guess"))
        return words

    def finish(self) -> tuple[Word, ...]:
        assert self.begin is not None
        begin, self.begin = self.begin, None
        return self._between(begin, self.heard)

    def _between(self, begin: float, end: float) -> tuple[Word, ...]:
        return tuple(
            replace(word, start_time=max(word.start_time, begin), end_time=min(word.end_time, end))
            for word in self.words
            if begin <= (word.start_time + word.end_time) / 2 < end
        )


async def unheard(_: Event) -> None:
    raise AssertionError


async def final(
    reader: Reader,
    duration: float,
    max_delay: float | None,
    chunks: Sequence[int] = (1600,),
    *,
    partials: bool = False,
    waiting: float = 1,
) -> list[tuple[Utterance, float]]:
    """The utterances of one long stretch of speech, each with how much had been heard when it became final."""
    samples = round(duration * 16_000)
    whole = AudioChunk(bytes(2 * samples), 16_000, 5.0)
    options = RunOptions("en", recognition="live", max_delay=max_delay, partials=partials)
    given, taken = anyio.create_memory_object_stream[Stretch](waiting)
    handed, received = anyio.create_memory_object_stream[Heard](0)
    async with hosted(reader, RECOGNIZER) as ear, anyio.create_task_group() as group:
        group.start_soon(recognise_live, taken, handed, unheard, ear, ENGLISH, options)

        async def feed() -> None:
            async with given:
                first = 0
                while first < samples:
                    size = chunks[first % len(chunks)]
                    await given.send(Speech(whole.slice(first, first + size)))
                    first += size
                await given.send(SpeechEnd(whole.end_time))

        group.start_soon(feed)
        async with received:
            # The engine waits while nobody takes an item.
            return [(item, reader.heard) async for item in received if isinstance(item, Utterance)]


def said(gaps: list[tuple[float, float]]) -> tuple[Word, ...]:
    """Words from pairs of silence and length."""
    words, time = [], 5.0
    for number, (silence, length) in enumerate(gaps):
        start = time + silence
        time = start + length
        words.append(Word(f"w{number}", start, time))
    return tuple(words)


speeches = st.lists(
    st.tuples(st.sampled_from([0.0, 0.0, 0.05, 0.3, 1.5]), st.floats(0.08, 0.6)), min_size=1, max_size=30
).map(said)
delays = st.floats(0.7, 4.0)
lags = st.sampled_from([0.0, 0.05, 0.2])


@settings(max_examples=60, deadline=None)
@given(speeches, delays, lags)
async def test_every_word_is_final_in_time_once_and_in_order(words, max_delay: float, lag: float) -> None:
    reader = Reader(words, lag)
    found = await final(reader, words[-1].end_time - 5.0 + 0.5, max_delay)
    final_words = [word for utterance, _ in found for word in utterance.words]
    assert [word.content for word in final_words] == [word.content for word in words]
    for utterance, heard in found:
        for word in utterance.words:
            assert heard - word.end_time <= max_delay - RESERVE + BLOCK + lag + 1e-6
    assert [utterance.ended for utterance, _ in found] == [False] * (len(found) - 1) + [True]
    assert all(utterance.words for utterance, _ in found[:-1])
    for before, after in pairwise(final_words):
        assert before.end_time <= after.start_time + 1e-3
    ends = [utterance.end_time for utterance, _ in found]
    assert ends == sorted(ends)
    assert reader.decoded <= 5 * (words[-1].end_time - 5.0 + 1.0)


@settings(max_examples=30, deadline=None)
@given(speeches, delays, st.lists(st.integers(100, 30_000), min_size=1, max_size=5))
async def test_chunks_change_nothing_of_what_the_engine_hears(words, max_delay: float, chunks: list[int]) -> None:
    duration = words[-1].end_time - 5.0 + 0.5
    one, other = Reader(words), Reader(words)
    assert await final(one, duration, max_delay, chunks) == await final(other, duration, max_delay, [1 << 20])
    assert one.accepted == other.accepted


@settings(max_examples=30, deadline=None)
@given(speeches, st.none() | delays)
async def test_finals_are_the_same_with_partials_without_them_and_where_they_are_left_out(words, max_delay) -> None:
    duration = words[-1].end_time - 5.0 + 0.5
    without, shown, left_out = Reader(words), Reader(words), Reader(words)
    assert (
        await final(without, duration, max_delay)
        == await final(shown, duration, max_delay, partials=True, waiting=0)
        == await final(left_out, duration, max_delay, partials=True, waiting=math.inf)
    )
    assert without.accepted == shown.accepted == left_out.accepted


@settings(max_examples=20, deadline=None)
@given(speeches, st.floats(0.7, 1.74))
async def test_in_passing_nothing_is_heard_again(words, max_delay) -> None:
    reader = Reader(words)
    duration = words[-1].end_time - 5.0 + 0.5
    found = await final(reader, duration, max_delay)
    assert reader.decoded == pytest.approx(duration, abs=1e-3)
    for utterance, _ in found[:-1]:
        for word in utterance.words:
            assert 0 < word.confidence <= 1


class Forgetful(Reader):
    """Shows words and, asked for good, knows of none."""

    def finish(self) -> tuple[Word, ...]:
        super().finish()
        return ()


class Endless(Reader):
    """Hears one word that never ends, in which there were others at first."""

    def finish(self) -> tuple[Word, ...]:
        begin = self.begin
        super().finish()
        return (Word("aaah", begin, self.heard),)


@pytest.mark.parametrize("engine", [Forgetful, Endless])
@pytest.mark.parametrize("max_delay", [0.7, 1.0, 4.0])
async def test_an_engine_that_changes_its_mind_is_not_asked_for_ever(engine, max_delay: float) -> None:
    reader = engine(said([(0.1, 0.2)] * 60))
    found = await final(reader, 20.0, max_delay)
    assert found[-1][0].ended
    assert reader.decoded <= 7 * 20.0


async def test_what_stands_behind_a_part_is_known() -> None:
    reader = Reader(said([(0.0, 0.3), (0.9, 0.3), (0.1, 0.3)]))
    (part, _), *_ = await final(reader, 4.0, 1.4)
    assert [word.content for word in part.words] == ["w0"]
    assert part.following is not None
    assert part.following.start_time >= 5.3
