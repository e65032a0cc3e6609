"""Audio to utterances, with a loudness meter for voice activity."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.pipeline.stage import VOICE_ACTIVITY, Loudness, Outcome, hosted, through

from dragoman.core.audio import AudioChunk, join
from dragoman.core.controls import AudioStalled, ForceEndOfUtterance, Input, Reconfigure
from dragoman.core.options import RunOptions
from dragoman.pipeline.listen import listen
from dragoman.pipeline.segment import Quiet, Speech, SpeechEnd

pytestmark = pytest.mark.anyio

LOUD, SILENT = (9000).to_bytes(2, "little"), bytes(2)


def audio(*parts: tuple[bytes, float], rate: int = 16_000, start: float = 0.0) -> AudioChunk:
    """Parts of constant level, with their seconds."""
    return AudioChunk(b"".join(level * round(seconds * rate) for level, seconds in parts), rate, start, "left")


def cut(whole: AudioChunk, samples: int) -> list[AudioChunk]:
    return [whole.slice(first, first + samples) for first in range(0, whole.samples, samples)]


async def heard(chunks: Sequence[Input], options: RunOptions | None = None) -> Outcome:
    async with hosted(Loudness(), VOICE_ACTIVITY) as ear:
        return await through(chunks, lambda taken, handed, _: listen(taken, handed, ear, options or RunOptions("en")))


def utterances(outcome: Outcome) -> list[tuple[AudioChunk, float]]:
    found, pieces = [], []
    for stretch in outcome.items:
        if isinstance(stretch, Speech):
            pieces.append(stretch.audio)
        elif isinstance(stretch, SpeechEnd):
            found.append((join(pieces), stretch.time))
            pieces = []
    assert pieces == []
    return found


TWO = audio((SILENT, 1.0), (LOUD, 1.0), (SILENT, 1.0), (LOUD, 0.5), (SILENT, 0.2), start=10.0)


async def test_utterances_come_out_where_they_were_spoken() -> None:
    outcome = await heard(cut(TWO, 1600))
    (first, first_end), (second, second_end) = utterances(outcome)
    assert first_end == pytest.approx(12.0)
    assert second_end == pytest.approx(13.5)
    assert first.start_time == pytest.approx(10.7, abs=0.02)  # padding
    assert second.start_time == pytest.approx(12.7, abs=0.02)
    assert (first.sample_rate, first.channel) == (16_000, "left")
    assert outcome.result == pytest.approx(3.7)


async def test_silence_is_progress() -> None:
    outcome = await heard(cut(audio((SILENT, 0.3)), 1600))
    assert outcome.items == [Quiet(pytest.approx(time)) for time in (0.1, 0.2, 0.3)]


async def test_nothing_at_all_is_heard_for_no_time() -> None:
    outcome = await heard([])
    assert (outcome.items, outcome.result) == ([], 0.0)


async def test_speech_up_to_the_last_sample_is_not_lost() -> None:
    """The last frame is incomplete: it is judged with silence behind it."""
    ending = audio((SILENT, 0.5), (LOUD, 0.505))
    ((spoken, end),) = utterances(await heard(cut(ending, 1000)))
    assert spoken.pcm.rstrip(b"\0").endswith(LOUD)
    assert end == pytest.approx(1.01)


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 48_000])
async def test_any_sample_rate_is_heard_at_the_engines_own(rate: int) -> None:
    outcome = await heard(cut(audio((SILENT, 1.0), (LOUD, 1.0), (SILENT, 1.0), rate=rate), rate // 10))
    ((spoken, end),) = utterances(outcome)
    assert spoken.sample_rate == 16_000
    assert end == pytest.approx(2.0, abs=0.03)
    assert outcome.result == pytest.approx(3.0)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 30_000), st.sampled_from([16_000, 44_100]))
async def test_how_the_audio_is_cut_changes_nothing(samples: int, rate: int) -> None:
    whole = audio((SILENT, 0.5), (LOUD, 0.6), (SILENT, 0.6), (LOUD, 0.4), rate=rate)
    samples = max(samples, 40)  # a chunk is a call of the engine: many are slow and prove no more
    assert utterances(await heard(cut(whole, samples))) == utterances(await heard([whole]))


async def test_the_run_says_how_long_a_pause_is() -> None:
    pauses = audio((LOUD, 0.5), (SILENT, 0.3), (LOUD, 0.5), (SILENT, 1.0))
    assert len(utterances(await heard([pauses]))) == 1
    assert len(utterances(await heard([pauses], RunOptions("en", endpoint_silence=0.2)))) == 2
    assert len(utterances(await heard([pauses], RunOptions("en", max_utterance=0.4)))) > 2


SPEAKING = audio((SILENT, 0.5), (LOUD, 2.0), start=0.0)
FORCE = ForceEndOfUtterance()


async def test_a_force_ends_the_utterance_with_the_last_sample_heard() -> None:
    first, rest = SPEAKING.slice(0, 16_005), SPEAKING.slice(16_005, SPEAKING.samples)
    outcome = await heard([first, FORCE, rest])
    (one, end), (other, _) = utterances(outcome)
    assert end == pytest.approx(16_005 / 16_000)
    assert one.end_time == pytest.approx(end)
    assert other.start_time == pytest.approx(end)
    assert one.samples + other.samples >= 2.0 * 16_000
    forced = [stretch.forced for stretch in outcome.items if isinstance(stretch, SpeechEnd)]
    assert forced == [True, False]


@pytest.mark.parametrize("rate", [8_000, 44_100])
async def test_a_force_waits_for_nothing_that_the_resampler_holds_back(rate: int) -> None:
    speaking = audio((SILENT, 0.5), (LOUD, 2.0), rate=rate)
    outcome = await heard([speaking.slice(0, rate), FORCE, speaking.slice(rate, speaking.samples)])
    (one, end), (other, last) = utterances(outcome)
    assert (end, one.end_time) == (pytest.approx(1.0, abs=0.001), pytest.approx(1.0, abs=0.001))
    assert other.start_time == pytest.approx(1.0, abs=0.001)
    assert last == pytest.approx(2.5, abs=0.02)


@settings(max_examples=20, deadline=None)
@given(st.integers(40, 30_000), st.floats(0.0, 2.4))
async def test_a_force_at_a_moment_falls_there_however_the_audio_is_cut(samples: int, at: float) -> None:
    early = await heard([ForceEndOfUtterance(timestamp=at), *cut(SPEAKING, samples)])
    exact = round(at * 16_000)
    parts = [part for part in (SPEAKING.slice(0, exact), SPEAKING.slice(exact, SPEAKING.samples)) if part.pcm]
    later = await heard([parts[0], FORCE, parts[1]] if len(parts) == 2 else [FORCE, *parts])
    assert utterances(early) == utterances(later)


async def test_a_force_when_nobody_speaks_is_answered() -> None:
    outcome = await heard([FORCE, audio((SILENT, 1.0)), FORCE])
    assert [stretch for stretch in outcome.items if stretch.forced] == [
        Quiet(0.0, forced=True),
        Quiet(1.0, forced=True),
    ]


@pytest.mark.parametrize("rest", [[AudioStalled()], []], ids=["stalled", "over"])
async def test_a_force_at_a_moment_that_does_not_come_is_answered_when_nothing_does(rest) -> None:
    outcome = await heard([SPEAKING, ForceEndOfUtterance(timestamp=99.0), *rest])
    ((_, end),) = utterances(outcome)
    assert end == pytest.approx(2.5)
    assert [stretch.forced for stretch in outcome.items if isinstance(stretch, SpeechEnd)] == [True]


async def test_when_audio_stalls_the_utterance_ends_and_what_comes_later_is_another() -> None:
    outcome = await heard([SPEAKING.slice(0, 16_005), AudioStalled(), SPEAKING.slice(16_005, SPEAKING.samples)])
    assert len(utterances(outcome)) == 2
    ends = [index for index, stretch in enumerate(outcome.items) if isinstance(stretch, SpeechEnd)]
    assert outcome.items[ends[0] + 1] == AudioStalled()
    assert not any(outcome.items[index].forced for index in ends)


async def test_a_pause_that_is_to_be_said_early_ends_the_utterance() -> None:
    pauses = audio((LOUD, 0.5), (SILENT, 0.3), (LOUD, 0.5), (SILENT, 1.0))
    assert len(utterances(await heard([pauses], RunOptions("en", end_of_utterance=0.2)))) == 2
    assert len(utterances(await heard([pauses], RunOptions("en", end_of_utterance=1.5)))) == 1
    change = Reconfigure(partials=False, max_delay=None, end_of_utterance=0.2, volume_threshold=None)
    outcome = await heard([pauses, change, replace(pauses, start_time=pauses.end_time)])
    assert len(utterances(outcome)) == 3
    assert change in outcome.items
