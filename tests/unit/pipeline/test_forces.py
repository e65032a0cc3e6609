"""Forces fall where they name a moment of the audio."""

from hypothesis import given
from hypothesis import strategies as st

from dragoman.core.audio import AudioChunk
from dragoman.core.controls import AudioStalled, ForceEndOfUtterance, Input
from dragoman.pipeline.forces import ForcesInTime

RATE = 1000


def put(items: list[Input]) -> list[Input]:
    forces = ForcesInTime()
    return [due for item in items for due in forces.put(item)] + list(forces.rest())


def chunk(first: int, last: int) -> AudioChunk:
    return AudioChunk(b"".join(sample.to_bytes(2, "little") for sample in range(first, last)), RATE, first / RATE)


def test_a_force_without_a_moment_or_in_the_past_falls_at_once() -> None:
    past = ForceEndOfUtterance(timestamp=0.3)
    items: list[Input] = [ForceEndOfUtterance(), chunk(0, 500), past, chunk(500, 600)]
    assert put(items) == items


def test_a_stall_ends_all_waiting() -> None:
    waiting = [ForceEndOfUtterance(timestamp=3.0), ForceEndOfUtterance(timestamp=2.0)]
    assert put([*waiting, AudioStalled()]) == [*reversed(waiting), AudioStalled()]


def test_not_too_many_wait() -> None:
    forces = ForcesInTime()
    out = [due for i in range(1000) for due in forces.put(ForceEndOfUtterance(timestamp=1.0 + i))]
    assert len(out) + len(list(forces.rest())) == 1000
    assert len(out) > 900


@given(st.lists(st.integers(1, 300), max_size=20), st.lists(st.integers(1, 3000), max_size=10))
def test_each_falls_behind_the_sample_it_names_and_no_sample_is_lost(sizes: list[int], moments: list[int]) -> None:
    chunks, first = [], 0
    for size in sizes:
        chunks.append(chunk(first, first + size))
        first += size
    done = put([*(ForceEndOfUtterance(timestamp=moment / RATE) for moment in moments), *chunks])
    assert b"".join(item.pcm for item in done if isinstance(item, AudioChunk)) == chunk(0, first).pcm
    heard, fell = 0, []
    for item in done:
        if isinstance(item, AudioChunk):
            assert item.samples > 0
            assert round(item.start_time * RATE) == heard
            heard += item.samples
        else:
            fell.append(heard)
    assert fell == sorted(min(moment, first) for moment in moments)
