"""The decoder's process: its limits, its end, and nothing left behind."""

import os
import signal
import subprocess
import sys
import wave
from collections.abc import Callable
from pathlib import Path

import anyio
import pytest
from tests.unit.media.processes import is_gone

from dragoman.core.errors import DecoderCrashed, MediaLimitExceeded
from dragoman.media.decode import DecodeLimits, Decoding, open_media

pytestmark = pytest.mark.anyio

ALONE = [sys.executable, str(Path(__file__).with_name("decode_alone.py"))]


@pytest.fixture
def silent_wav(tmp_path: Path) -> Callable[..., Path]:
    """A wav file of silence that takes no room on the disk."""

    def write(seconds: int, *, rate: int = 16_000) -> Path:
        path = tmp_path / f"{seconds}.wav"
        with wave.open(str(path), "wb") as wav:
            wav.setnchannels(1)
            wav.setsampwidth(2)
            wav.setframerate(rate)
            wav.setnframes(seconds * rate)
            wav._patchheader = lambda: None  # it promises samples that are not written here
            wav.writeframesraw(b"")
        os.truncate(path, path.stat().st_size + seconds * rate * 2)
        return path

    return write


async def drain(decoding: Decoding) -> float:
    return sum([chunk.duration async for chunk in decoding])


async def decode(path: Path, **limits) -> float:
    async with open_media(path, limits=DecodeLimits(**limits)) as decoding:
        return await drain(decoding)


def children() -> str:
    """Process ids of this process's children."""
    return Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text()


async def test_a_file_within_its_limits(silent_wav):
    assert await decode(silent_wav(60), output_seconds=60.0, memory=64 << 20, cpu_seconds=30) == 60.0


async def test_output_has_a_limit_and_is_given_up_to_it(silent_wav):
    async with open_media(silent_wav(60), limits=DecodeLimits(output_seconds=10.0)) as decoding:
        for _ in range(19):
            chunk = await anext(decoding)
        assert chunk.end_time == 9.5
        with pytest.raises(MediaLimitExceeded, match=r"60\.wav: it is longer than the limit of 10 s"):
            await drain(decoding)


async def test_memory_has_a_limit(tmp_path):
    block = (6 << 24 | (1 << 24) - 1).to_bytes(4, "big")  # a picture of 16 MiB, which FFmpeg loads whole
    stream_info = b"\x00\x00\x00\x22" + bytes.fromhex("1000100000000000000003e800f000000000") + bytes(16)
    path = tmp_path / "cover.flac"
    path.write_bytes(b"fLaC" + stream_info + block)
    os.truncate(path, path.stat().st_size + (1 << 24))
    with pytest.raises(MediaLimitExceeded, match="more than the limit of 4 MiB of memory"):
        await decode(path, memory=4 << 20)


async def test_cpu_time_has_a_limit(silent_wav):
    with pytest.raises(MediaLimitExceeded, match="more than 1 s of CPU time"):
        await decode(silent_wav(20_000, rate=48_000), cpu_seconds=1)


async def test_a_decoder_that_gives_nothing_is_given_up(silent_wav):
    with pytest.raises(MediaLimitExceeded, match=r"nothing for 0\.001 s"):
        await decode(silent_wav(60), stall_seconds=0.001)  # far less than a process needs to start


async def test_a_slow_reader_is_no_stall(silent_wav):
    async with open_media(silent_wav(600), limits=DecodeLimits(stall_seconds=2.0)) as decoding:
        await anext(decoding)
        await anyio.sleep(2.5)
        assert await drain(decoding) == 599.5


async def test_a_wait_that_is_cancelled_loses_nothing(silent_wav):
    ends = []
    async with open_media(silent_wav(600)) as decoding:
        while not ends or ends[-1] < 600.0:
            with anyio.move_on_after(0.0002):  # sometimes long enough, mostly not
                ends.append((await anext(decoding)).end_time)
    assert ends == [index / 2 for index in range(1, 1_201)]


async def test_a_killed_decoder_is_an_error(silent_wav):
    async with open_media(silent_wav(3_600)) as decoding:
        await anext(decoding)
        os.kill(decoding._frames._process.pid, signal.SIGKILL)
        with pytest.raises(DecoderCrashed, match="was ended by SIGKILL"):
            await drain(decoding)


async def test_leaving_early_leaves_no_child(silent_wav):
    async with open_media(silent_wav(3_600)) as decoding:
        await anext(decoding)
        child = decoding._frames._process.pid
    assert is_gone(child, within=1.0)


async def test_an_error_in_the_block_leaves_no_child(silent_wav):
    async def fail() -> None:
        async with open_media(silent_wav(3_600)):
            raise ZeroDivisionError

    before = children()
    with pytest.raises(ZeroDivisionError):
        await fail()
    assert children() == before


async def test_cancelling_leaves_no_child(silent_wav):
    children = []
    with anyio.CancelScope() as scope:
        async with open_media(silent_wav(3_600)) as decoding:
            children.append(decoding._frames._process.pid)
            async for chunk in decoding:
                if chunk.start_time > 10:
                    scope.cancel()
    assert scope.cancelled_caught
    assert is_gone(children[0], within=1.0)


async def test_cancelling_while_it_opens_leaves_no_child(silent_wav):
    before = children()
    with anyio.move_on_after(0.01) as scope:
        async with open_media(silent_wav(60)):
            pass
    assert scope.cancelled_caught
    assert children() == before


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_child_ends_with_its_parent(sign, silent_wav):
    with subprocess.Popen(
        [*ALONE, silent_wav(3_600), "pause"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.send_signal(sign)
        parent.wait(20)
    assert is_gone(child)


def test_memory_does_not_grow_with_the_file(silent_wav):
    def measure(seconds: int) -> list[float]:
        answer = subprocess.run([*ALONE, silent_wav(seconds), "measure"], capture_output=True, check=True, timeout=100)
        return [float(word) for word in answer.stdout.split()]

    (_, parent, child), (long, long_parent, long_child) = measure(60), measure(3_600)
    assert long == 3_600.0
    assert long_parent < 1.25 * parent
    assert long_child < 1.25 * child
