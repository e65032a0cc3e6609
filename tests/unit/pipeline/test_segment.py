"""Speech probabilities to utterances."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from dragoman.core.audio import AudioChunk, join
from dragoman.pipeline.segment import Quiet, Segmenter, SegmentOptions, Speech, SpeechEnd, Stretch

FRAME = 512
RATE = 16_000
SECONDS = FRAME / RATE


def audio_of(frames: int) -> AudioChunk:
    """Every frame is filled with its own number, so that pieces can be told apart."""
    return AudioChunk(b"".join(number.to_bytes(2, "little") * FRAME for number in range(frames)), RATE)


def segment(probabilities: list[float], options: SegmentOptions, sizes: list[int] | None = None) -> list[Stretch]:
    segmenter = Segmenter(options, frame_samples=FRAME, sample_rate=RATE)
    audio = audio_of(len(probabilities))
    stretches: list[Stretch] = []
    first = 0
    for size in sizes or [len(probabilities)]:
        last = min(first + size, len(probabilities))
        stretches += segmenter.push(audio.slice(first * FRAME, last * FRAME), probabilities[first:last])
        first = last
    return stretches + segmenter.flush()


def utterances(stretches: list[Stretch]) -> list[tuple[AudioChunk, SpeechEnd]]:
    found, pieces = [], []
    for stretch in stretches:
        match stretch:
            case Speech(audio):
                pieces.append(audio)
            case SpeechEnd():
                found.append((join(pieces), stretch))
                pieces = []
    assert not pieces
    return found


def test_an_utterance_has_padding_before_and_ends_after_the_silence() -> None:
    options = SegmentOptions(endpoint_silence=10 * SECONDS, padding=3 * SECONDS, min_speech=2 * SECONDS)
    ((audio, end),) = utterances(segment([0.0] * 20 + [0.9] * 30 + [0.0] * 30, options))
    assert audio.start_time == 17 * SECONDS
    assert end.time == 50 * SECONDS
    assert audio.end_time == 60 * SECONDS


def test_a_click_is_no_speech() -> None:
    options = SegmentOptions(min_speech=3 * SECONDS)
    assert utterances(segment([0.0] * 10 + [0.9, 0.9] + [0.0] * 10 + [0.9] + [0.0] * 5, options)) == []


def test_a_short_dip_does_not_end_an_utterance() -> None:
    options = SegmentOptions(endpoint_silence=5 * SECONDS)
    assert len(utterances(segment([0.9] * 10 + [0.1] * 4 + [0.9] * 10, options))) == 1
    assert len(utterances(segment([0.9] * 10 + [0.1] * 5 + [0.9] * 10, options))) == 2


def test_the_onset_needs_more_than_going_on() -> None:
    options = SegmentOptions(onset=0.5, offset=0.3)
    assert utterances(segment([0.4] * 50, options)) == []
    ((_, end),) = utterances(segment([0.6] * 10 + [0.4] * 40, options))
    assert end.time == 50 * SECONDS


def test_a_long_utterance_is_cut_in_a_gap_that_would_not_end_a_short_one() -> None:
    options = SegmentOptions(endpoint_silence=13 * SECONDS, max_utterance=100 * SECONDS, min_gap=3 * SECONDS)
    gap = [0.0] * 8
    early, late = [0.9] * 20 + gap + [0.9] * 12, [0.9] * 75 + gap + [0.9] * 12
    assert len(utterances(segment(early, options))) == 1
    assert len(utterances(segment(late, options))) == 2


def test_speech_without_any_gap_is_cut_at_the_limit_and_nothing_is_lost() -> None:
    options = SegmentOptions(max_utterance=50 * SECONDS, min_speech=SECONDS, padding=0.0)
    found = utterances(segment([0.9] * 120, options))
    assert b"".join(audio.pcm for audio, _ in found) == audio_of(120).pcm
    assert max(audio.duration for audio, _ in found) <= 51 * SECONDS


def test_silence_is_reported_as_progress() -> None:
    assert segment([0.0] * 10, SegmentOptions()) == [Quiet(10 * SECONDS)]


probabilities = st.lists(st.sampled_from([0.0, 0.2, 0.4, 0.6, 0.9]), max_size=200)
fast = SegmentOptions(
    endpoint_silence=6 * SECONDS, max_utterance=40 * SECONDS, min_speech=2 * SECONDS, padding=4 * SECONDS
)


@given(probabilities, st.lists(st.integers(1, 40), min_size=1, max_size=250))
def test_chunks_change_nothing(judged: list[float], sizes: list[int]) -> None:
    sizes = [*sizes, len(judged)]
    assert (utterances(segment(judged, fast)) == utterances(segment(judged, fast, sizes))) is True


@given(probabilities)
def test_utterances_come_in_order_and_hold_all_speech(judged: list[float]) -> None:
    found = utterances(segment(judged, fast))
    for audio, end in found:
        assert audio.start_time < end.time <= audio.end_time + 1e-9
        assert audio.duration <= fast.max_utterance + SECONDS / 2
    for (_, before), (after, _) in pairwise(found):
        assert before.time <= after.start_time + 1e-9
    loud = {index for index in range(1, len(judged)) if min(judged[index - 1 : index + 1]) >= fast.onset}
    heard = {round(audio.start_time / SECONDS) + i for audio, _ in found for i in range(audio.samples // FRAME)}
    assert loud <= heard


def test_pieces_of_one_utterance_are_consecutive() -> None:
    options = replace(fast, padding=0.0)
    pieces = [stretch.audio for stretch in segment([0.9] * 30, options, [7] * 5) if isinstance(stretch, Speech)]
    for before, after in pairwise(pieces):
        assert abs(before.end_time - after.start_time) < 1e-9


def closed(probabilities: list[float], rest: int, *, forced: bool) -> tuple[list[Stretch], list[Stretch], Segmenter]:
    """What came before and with an end that falls ``rest`` samples into the next frame."""
    options = SegmentOptions(min_speech=2 * SECONDS, padding=0.0)
    segmenter = Segmenter(options, frame_samples=FRAME, sample_rate=RATE)
    before = segmenter.push(audio_of(len(probabilities)), probabilities)
    taken = audio_of(len(probabilities) + 1).slice(len(probabilities) * FRAME, len(probabilities) * FRAME + rest)
    return before, segmenter.end(taken, forced=forced), segmenter


def test_an_end_takes_along_the_frame_that_is_not_complete() -> None:
    before, ending, segmenter = closed([0.0] * 5 + [0.9] * 5, 100, forced=True)
    assert isinstance(ending[0], Speech)
    assert (ending[0].audio.samples, ending[0].audio.start_time) == (100, 10 * SECONDS)
    assert ending[1] == SpeechEnd(10 * SECONDS + 100 / RATE, forced=True)
    after = segmenter.push(audio_of(20).slice(10 * FRAME, 20 * FRAME), [0.9] * 10)
    heard = [stretch.audio for stretch in [*before, *ending, *after] if isinstance(stretch, Speech)]
    assert b"".join(audio.pcm for audio in heard) == audio_of(20).slice(5 * FRAME, 20 * FRAME).pcm
    for one, other in pairwise(heard):
        assert abs(one.end_time - other.start_time) < 1e-9


def test_an_end_in_silence_is_where_speech_ended() -> None:
    _, ending, _ = closed([0.0] * 5 + [0.9] * 5 + [0.0] * 3, 100, forced=False)
    assert ending[-1] == SpeechEnd(10 * SECONDS)


def test_only_a_forced_end_of_nothing_is_answered() -> None:
    assert closed([0.0] * 5, 100, forced=False)[1] == []
    assert closed([0.0] * 5, 100, forced=True)[1] == [Quiet(5 * SECONDS + 100 / RATE, forced=True)]


@given(probabilities, st.lists(st.integers(1, 40), min_size=1, max_size=250))
def test_silence_is_known_as_far_however_the_audio_is_cut(judged: list[float], sizes: list[int]) -> None:
    """Between two utterances: the latest report counts."""

    def silences(stretches: list[Stretch]) -> list[float]:
        latest, found = 0.0, []
        for stretch in stretches:
            if isinstance(stretch, Quiet):
                assert stretch.time > latest
                latest = stretch.time
            elif isinstance(stretch, SpeechEnd):
                found.append(latest)
        return [*found, latest]

    assert silences(segment(judged, fast)) == silences(segment(judged, fast, [*sizes, len(judged)]))
