"""Long recordings are cut where nobody speaks."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.core.audio import SPEECH_RATE, AudioChunk
from dragoman.jobs.cutting import Cutter, best_cut


@pytest.mark.parametrize(
    ("probabilities", "cut"),
    [
        ([0.9, 0.1, 0.9, 0.1, 0.1, 0.1, 0.9], 5),
        ([0.9, 0.1, 0.1, 0.9, 0.1, 0.1], 5),
        ([0.9, 0.6, 0.8], 1),
        ([0.1], 1),
        ([], 0),
    ],
)
def test_the_cut_is_in_the_longest_silence_the_last_of_equals(probabilities, cut):
    assert best_cut(probabilities) == cut


@given(st.lists(st.floats(0, 1), max_size=50))
def test_a_cut_is_always_inside(probabilities):
    assert 0 <= best_cut(probabilities) <= len(probabilities)


@settings(deadline=None)
@given(
    st.lists(st.integers(1, 30_000), min_size=1, max_size=30),
    st.floats(0.2, 3.0),
    st.lists(st.floats(0, 1), min_size=1),
)
def test_parts_are_the_recording_none_longer_than_allowed_each_in_its_place(sizes, longest, where):
    pcm = (bytes(range(251)) * (sum(sizes) // 100 + 1))[: sum(sizes) * 2]
    cutter, parts, taken = Cutter(longest), [], 0
    for size in sizes:
        start = taken / SPEECH_RATE
        cutter.add(AudioChunk(pcm[2 * taken : 2 * (taken + size)], SPEECH_RATE, start, "left"))
        taken += size
        while cutter.full:
            window = cutter.window
            share = where[len(parts) % len(where)]
            parts.append(cutter.cut(window.start_time + share * window.duration))
    if (rest := cutter.rest()) is not None:
        parts.append(rest)
    assert b"".join(part.pcm for part in parts) == pcm
    assert all(part.duration <= longest + 1 / SPEECH_RATE and part.channel == "left" for part in parts)
    assert [part.start_time for part in parts[1:]] == pytest.approx([part.end_time for part in parts[:-1]])


def test_the_window_is_the_end_of_the_part_and_at_most_half_of_it():
    cutter = Cutter(300.0)
    cutter.add(AudioChunk(bytes(2 * 301 * SPEECH_RATE), SPEECH_RATE))
    assert (cutter.window.start_time, cutter.window.end_time) == (240.0, 300.0)
    short = Cutter(10.0)
    short.add(AudioChunk(bytes(2 * 10 * SPEECH_RATE), SPEECH_RATE))
    assert (short.window.start_time, short.window.end_time) == (5.0, 10.0)
