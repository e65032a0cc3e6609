"""Decoders that are forked: as confined and as mortal as any other."""

import os
import signal
import subprocess
import sys
import wave
from pathlib import Path

import anyio
import psutil
import pytest
from tests.unit.media.processes import is_gone

from dragoman.core.errors import DecoderCrashed, EmptyAudio, EngineCrashed, MediaLimitExceeded, NotAudio
from dragoman.media.decode import DecodeLimits, open_media
from dragoman.media.decoder_forks import DecoderForks

pytestmark = pytest.mark.anyio

ALONE = [sys.executable, str(Path(__file__).with_name("decode_alone.py"))]


@pytest.fixture
async def forks():
    async with DecoderForks() as opened:
        yield opened
        origin = opened._process
    assert origin is None or is_gone(origin.pid)


@pytest.fixture
def long_wav(tmp_path: Path) -> Path:
    return silent_wav(tmp_path / "long.wav", 3600)


def silent_wav(path: Path, seconds: int, rate: int = 16_000) -> Path:
    """Takes no room on the disk."""
    with wave.open(str(path), "wb") as wav:
        wav.setparams((1, 2, rate, 0, "NONE", ""))
        wav.setnframes(seconds * rate)
        wav._patchheader = lambda: None  # it promises samples that are not written here
        wav.writeframesraw(b"")
    os.truncate(path, path.stat().st_size + seconds * rate * 2)
    return path


async def seconds(path: Path, forks: DecoderForks, **limits) -> float:
    async with open_media(path, limits=DecodeLimits(**limits), forks=forks) as decoding:
        return sum([chunk.duration async for chunk in decoding])


def descriptors(pid: int) -> dict[int, str]:
    return {int(entry.name): str(entry.readlink()) for entry in Path(f"/proc/{pid}/fd").iterdir()}


def decoders(forks: DecoderForks) -> list[psutil.Process]:
    return psutil.Process(forks._process.pid).children()


async def test_it_gives_what_a_decoder_of_its_own_gives(forks, shared_data):
    path = shared_data / "speech" / "ljspeech" / "LJ011-0096.flac"
    if not path.exists():
        path = next((shared_data / "speech").rglob("*.flac"))
    pieces = []
    for given in (None, forks):
        async with open_media(path, forks=given) as decoding:
            pieces.append([chunk async for chunk in decoding])
            pieces.append([decoding.info])
    assert pieces[:2] == pieces[2:]


async def test_many_come_from_one_process_which_reads_none_of_their_files(forks, tmp_path):
    path = silent_wav(tmp_path / "a.wav", 2)
    assert await seconds(path, forks) == 2.0
    origin = psutil.Process(forks._process.pid)
    lengths = []

    async def one() -> None:
        lengths.append(await seconds(path, forks))

    async with anyio.create_task_group() as group:
        for _ in range(8):
            group.start_soon(one)
    assert lengths == [2.0] * 8
    assert forks._process.pid == origin.pid
    assert origin.num_threads() == 1  # a thread would be lost in what is forked, and its locks with it
    assert origin.children() == []
    assert origin.open_files() == []


async def test_it_holds_its_file_and_its_frames_and_nothing_else(forks, long_wav, tmp_path):
    other = silent_wav(tmp_path / "other.wav", 3600)
    async with open_media(other, forks=forks) as first, open_media(long_wav, forks=forks) as second:
        await anext(first)
        await anext(second)
        for decoder, file in zip(decoders(forks), (other, long_wav), strict=True):
            held = descriptors(decoder.pid)
            assert held.pop(3).startswith("socket:")
            assert held == {0: str(file), 1: os.devnull, 2: os.devnull}


async def test_the_end_of_one_is_not_that_of_another(forks, long_wav, tmp_path):
    (tmp_path / "broken.wav").write_bytes(b"no sound" * 100)
    async with open_media(long_wav, forks=forks) as stays:
        await anext(stays)
        with pytest.raises(NotAudio, match=r"^broken\.wav: "):
            await seconds(tmp_path / "broken.wav", forks)
        async with open_media(long_wav, forks=forks) as dies:
            await anext(dies)
            decoders(forks)[1].kill()
            with pytest.raises(DecoderCrashed, match="was ended by SIGKILL"):
                [chunk async for chunk in dies]
        assert (await anext(stays)).start_time == 0.5


async def test_its_limits_hold(forks, long_wav, tmp_path):
    assert await seconds(silent_wav(tmp_path / "a.wav", 60), forks, memory=64 << 20, cpu_seconds=30) == 60.0
    with pytest.raises(MediaLimitExceeded, match="longer than the limit of 10 s"):
        await seconds(long_wav, forks, output_seconds=10.0)
    with pytest.raises(MediaLimitExceeded, match="more than 1 s of CPU time"):
        await seconds(silent_wav(tmp_path / "hard.wav", 9_000, rate=48_000), forks, cpu_seconds=1)
    cover = tmp_path / "cover.flac"  # with a picture of 16 MiB, which FFmpeg loads whole
    block = (6 << 24 | (1 << 24) - 1).to_bytes(4, "big")
    cover.write_bytes(
        b"fLaC\x00\x00\x00\x22" + bytes.fromhex("1000100000000000000003e800f000000000") + bytes(16) + block
    )
    os.truncate(cover, cover.stat().st_size + (1 << 24))
    with pytest.raises(MediaLimitExceeded, match="more than the limit of 4 MiB of memory"):
        await seconds(cover, forks, memory=4 << 20)


async def test_messages_call_it_what_they_are_told_to(forks, tmp_path):
    (tmp_path / "input").write_bytes(b"")
    with pytest.raises(EmptyAudio, match=r"^talk\.mp3: the file is empty"):
        async with open_media(tmp_path / "input", name="talk.mp3", forks=forks):
            pass
    (tmp_path / "input").write_bytes(b"x" * 1000)
    with pytest.raises(NotAudio, match=r"^talk\.mp3: this is no sound"):
        async with open_media(tmp_path / "input", name="talk.mp3", forks=forks):
            pass


async def test_leaving_early_leaves_none(forks, long_wav):
    with anyio.CancelScope() as scope:
        async with open_media(long_wav, forks=forks) as decoding:
            async for chunk in decoding:
                if chunk.start_time > 10:
                    scope.cancel()
    assert scope.cancelled_caught
    assert decoders(forks) == []


async def test_cancelling_while_it_opens_leaves_none(forks, long_wav, tmp_path):
    await seconds(silent_wav(tmp_path / "a.wav", 1), forks)
    for _ in range(20):
        with anyio.move_on_after(0.001):
            async with open_media(long_wav, forks=forks):
                pass
    assert decoders(forks) == []
    assert psutil.Process(forks._process.pid).num_fds() == 5  # the standard ones, what it listens to, and the selector


async def test_with_the_process_that_they_come_from_they_die_and_the_next_has_a_new_one(forks, long_wav, tmp_path):
    async with open_media(long_wav, forks=forks) as decoding:
        await anext(decoding)
        (decoder,) = decoders(forks)
        os.kill(forks._process.pid, signal.SIGKILL)
        with pytest.raises(EngineCrashed) as error:
            [chunk async for chunk in decoding]
        assert error.value.retryable  # it was not the file's fault
        assert is_gone(decoder.pid)
    assert await seconds(silent_wav(tmp_path / "a.wav", 1), forks) == 1.0


async def test_one_that_has_just_died_is_replaced(forks, tmp_path):
    path = silent_wav(tmp_path / "a.wav", 1)
    await seconds(path, forks)
    os.kill(forks._process.pid, signal.SIGKILL)
    assert is_gone(forks._process.pid)  # and our loop does not know it yet
    assert await seconds(path, forks) == 1.0


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM])
def test_they_end_with_whoever_wanted_them(sign, long_wav):
    with subprocess.Popen(
        [*ALONE, long_wav, "fork"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as parent:
        origin, child = map(int, parent.stdout.readline().split())
        parent.send_signal(sign)
        parent.wait(20)
    assert is_gone(child)
    assert is_gone(origin)
