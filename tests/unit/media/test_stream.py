"""The stream decoder from outside: early sound, back-pressure, limits, and nothing left behind."""

import os
import signal
import subprocess
import sys
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path

import anyio
import av
import numpy as np
import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.media.dripping import cut, drip, media_recorder, stream
from tests.unit.media.hearing import hear
from tests.unit.media.processes import is_gone

from dragoman.core.errors import DecoderCrashed, EmptyAudio, MediaLimitExceeded, NotAudio
from dragoman.media.stream import StreamDecoder, StreamDecoders, open_stream_decoder

pytestmark = pytest.mark.anyio

ALONE = [sys.executable, str(Path(__file__).with_name("stream_alone.py"))]


def children() -> set[int]:
    return {child.pid for child in psutil.Process().children()}


def pid(decoder: StreamDecoder) -> int:
    return decoder._frames._process.pid


def silent_flac(seconds: int) -> bytes:
    """Silence that takes hardly a byte."""
    file = BytesIO()
    with av.open(file, "w", format="flac") as container:
        track = container.add_stream("flac", rate=16_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 4_608), np.int16), "s16", "mono")
        frame.sample_rate = 16_000
        for index in range(seconds * 16_000 // 4_608):
            frame.pts = index * 4_608
            container.mux(track.encode(frame))
        container.mux(track.encode(None))
    return file.getvalue()


def wav(samples: np.ndarray) -> bytes:
    file = BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((1, 2, 16_000, 0, "NONE", ""))
        writer.writeframes(samples.tobytes())
    return file.getvalue()


@asynccontextmanager
async def fed(content: bytes) -> AsyncIterator[StreamDecoder]:
    """A decoder that gets all of it."""

    async def feed(decoder: StreamDecoder) -> None:
        await decoder.feed(content)
        await decoder.end()

    async with open_stream_decoder() as decoder, anyio.create_task_group() as group:
        group.start_soon(feed, decoder)
        yield decoder
        group.cancel_scope.cancel()


async def heard_until(decoder: StreamDecoder, time: float) -> float:
    """Waits for sound up to a time; if the decoder gives none, the test's own limit ends the wait."""
    async for chunk in decoder:
        if chunk.end_time >= time:
            return chunk.end_time
    raise AssertionError("the stream ended")


@pytest.mark.parametrize("name", ["hotwords.mp3", "speech.opus", "stereo_two_speakers_16k.wav", "mono_24bit_44k.flac"])
async def test_a_stream_gives_what_the_file_gives(name, shared_data):
    path = shared_data / "formats" / name
    decoder, samples = await stream(path.read_bytes(), (1, 8_192, 77))
    heard = await hear(path)
    assert np.array_equal(samples[: heard.samples().size - 800], heard.samples()[:-800])
    assert decoder.info is not None
    assert decoder.info.codec == heard.info.codec
    assert decoder.warnings == ()


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sizes=st.lists(st.integers(1, 8_192), min_size=1, max_size=30))
def test_how_a_stream_is_cut_changes_nothing(sizes, speech):
    async def check() -> None:
        assert np.array_equal((await stream(wav(speech), sizes))[1], speech)

    anyio.run(check)


@pytest.mark.parametrize("bit_rate", [8_000, 128_000])
async def test_a_microphone_comes_through_a_tenth_of_a_second_behind(bit_rate, speech):
    async with open_stream_decoder() as decoder:
        for number, piece in enumerate(media_recorder(speech[:64_000], bit_rate)):
            await decoder.feed(piece)
            said = (number + 1) * 0.02
            if number % 10 == 9:
                assert said - 0.1 <= await heard_until(decoder, said - 0.1) <= said


async def test_an_index_at_the_end_is_waited_for(speech, encode):
    path = encode("a.m4a", speech, "aac")
    _, samples = await stream(path.read_bytes())
    assert np.array_equal(samples, (await hear(path)).samples())


async def test_damage_is_told_as_a_warning(speech, encode):
    content = bytearray(encode("a.mp3", speech, "libmp3lame").read_bytes())
    middle = len(content) // 2
    content[middle : middle + 1_000] = np.random.default_rng(2).bytes(1_000)
    decoder, samples = await stream(bytes(content))
    assert "passed over" in decoder.warnings[0]
    assert samples.size > 11 * 16_000


@pytest.mark.parametrize("content", [b"<!DOCTYPE html><html><body>not found</body></html>", bytes(200_000)])
async def test_what_is_no_audio_is_told_although_more_may_come(content):
    async with open_stream_decoder() as decoder:
        for piece in cut(content, (1_000,)):
            await decoder.feed(piece)
        with pytest.raises(NotAudio, match="the audio: this is"):
            await anext(decoder)
        await decoder.feed(content)
        await decoder.end()


async def test_nothing_at_all_is_an_error():
    with pytest.raises(EmptyAudio, match="the audio: nothing came"):
        await stream(b"")


async def test_bytes_behind_the_sound_are_dropped(speech):
    async with open_stream_decoder() as decoder:
        chunks = await drip(decoder, [wav(speech), *[bytes(60_000)] * 20])
    assert sum(chunk.samples for chunk in chunks) == speech.size


async def test_what_was_fed_has_come_out_when_the_decoder_has_settled(speech):
    content, chunks = wav(speech), []

    async def listen():
        async for chunk in decoder:
            chunks.append(chunk)  # noqa: PERF401  each as it comes

    async with open_stream_decoder() as decoder, anyio.create_task_group() as group:
        group.start_soon(listen)
        for first in range(0, len(content), 100_000):
            await decoder.feed(content[first : first + 100_000])
            await decoder.settled()
            fed = (min(first + 100_000, len(content)) - 44) / 32_000
            assert fed - 0.15 <= chunks[-1].end_time <= fed
        await decoder.end()


async def test_a_decoder_that_gave_up_has_settled():
    async with open_stream_decoder() as decoder, anyio.create_task_group() as group:
        await decoder.feed(b"This is no recording at all. " * 2_000)
        group.start_soon(decoder.settled)
        with pytest.raises(NotAudio):
            await anext(decoder)


async def test_feeding_waits_while_nobody_listens(speech):
    fed = 0
    async with open_stream_decoder() as decoder:
        content = wav(np.tile(speech, 20))
        with anyio.move_on_after(3) as scope:
            for piece in cut(content, (8_000,)):
                await decoder.feed(piece)
                fed += len(piece)
        assert scope.cancelled_caught
        assert fed < len(content) / 2


async def test_hours_of_silence_from_few_bytes_take_no_memory():
    content = silent_flac(2_000)
    assert len(content) < 400_000
    async with fed(content) as decoder:
        await heard_until(decoder, 10.0)
        early = psutil.Process(pid(decoder)).memory_info().rss
        await heard_until(decoder, 1_500.0)
        assert psutil.Process(pid(decoder)).memory_info().rss < early + (8 << 20)


async def test_a_wait_that_is_cancelled_loses_nothing(speech):
    ends = []
    async with fed(wav(speech)) as decoder:
        while not ends or ends[-1] < 12.0:
            with anyio.move_on_after(0.0002):  # sometimes long enough, mostly not
                ends.append((await anext(decoder)).end_time)
    assert ends == sorted(set(ends))
    assert ends[-1] == 12.0


async def test_output_has_a_limit(speech):
    with pytest.raises(MediaLimitExceeded, match="longer than the limit of 10 s"):
        await stream(wav(speech), output_seconds=10.0)


async def test_what_is_kept_has_a_limit(speech, encode):
    with pytest.raises(MediaLimitExceeded, match="more cannot be kept"):
        await stream(encode("a.m4a", speech, "aac").read_bytes(), kept=50_000)


async def test_memory_has_a_limit():
    block = (6 << 24 | (1 << 24) - 1).to_bytes(4, "big")  # a picture of 16 MiB, which FFmpeg loads whole
    stream_info = b"\x00\x00\x00\x22" + bytes.fromhex("1000100000000000000003e800f000000000") + bytes(16)
    with pytest.raises(MediaLimitExceeded, match="more than the limit of 4 MiB of memory"):
        await stream(b"fLaC" + stream_info + block + bytes(1 << 24), (65_536,), memory=4 << 20)


async def test_cpu_time_grows_with_the_sound():
    content = silent_flac(2_000)
    assert (await stream(content, (65_536,), cpu_seconds=1))[1].size > 1_990 * 16_000


async def test_a_killed_decoder_is_an_error(speech):
    async with fed(wav(np.tile(speech, 10))) as decoder:
        await anext(decoder)
        os.kill(pid(decoder), signal.SIGKILL)
        with pytest.raises(DecoderCrashed, match="was ended by SIGKILL"):
            await heard_until(decoder, 130.0)
    await decoder.feed(bytes(1_000_000))


@pytest.mark.parametrize("seconds", [0.0, 0.001, 0.01, 0.05, 0.2, 0.5, 1.0, 2.0])
async def test_cancelling_at_any_moment_leaves_nothing(seconds, speech):
    before, descriptors = children(), psutil.Process().num_fds()
    with anyio.move_on_after(seconds):
        async with open_stream_decoder() as decoder:
            await drip(decoder, cut(wav(np.tile(speech, 100)), (777,)))
    assert children() == before
    assert psutil.Process().num_fds() == descriptors


async def test_an_error_in_the_block_leaves_nothing(speech):
    async def fail() -> None:
        async with open_stream_decoder() as decoder:
            await decoder.feed(wav(speech[:16_000]))
            raise ZeroDivisionError

    before, descriptors = children(), psutil.Process().num_fds()
    with pytest.raises(ZeroDivisionError):
        await fail()
    assert children() == before
    assert psutil.Process().num_fds() == descriptors


async def test_a_spare_is_used_and_replaced(speech):
    before = children()
    async with StreamDecoders() as decoders:
        (spare,) = children() - before
        async with decoders.open() as decoder:
            assert pid(decoder) == spare
            assert len(children() - before) == 2
            assert sum(chunk.samples for chunk in await drip(decoder, [wav(speech)])) == speech.size
        assert spare not in children()
        assert len(children() - before) == 1
    assert children() == before


async def test_a_spare_that_died_is_not_used(speech):
    before = children()
    async with StreamDecoders() as decoders:
        (spare,) = children() - before
        os.kill(spare, signal.SIGKILL)
        assert is_gone(spare)
        await decoders._spares[0].wait()
        assert (await stream(wav(speech), decoders=decoders))[1].size == speech.size
    assert children() == before


async def test_many_at_once_are_kept_apart(speech):
    heard: list[int] = []

    async def hear_one(seconds: int) -> None:
        heard.append((await stream(wav(speech[: seconds * 16_000]), decoders=decoders))[1].size // 16_000)

    before = children()
    async with StreamDecoders() as decoders:
        async with anyio.create_task_group() as group:
            for seconds in (1, 5, 12):
                group.start_soon(hear_one, seconds)
        assert len(children() - before) == 1
    assert sorted(heard) == [1, 5, 12]


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM])
def test_decoder_and_spare_end_with_their_parent(sign, tmp_path, speech):
    path = tmp_path / "a.wav"
    path.write_bytes(wav(speech[:16_000]))
    with subprocess.Popen([*ALONE, path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as parent:
        assert parent.stdout is not None
        offspring = [int(word) for word in parent.stdout.readline().split()]
        parent.send_signal(sign)
        parent.wait(20)
    assert len(offspring) == 2
    assert all(is_gone(child) for child in offspring)
