"""What is written is there whole, or not at all; in a folder and in an object store."""

import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import pytest

from dragoman.core.errors import BlobNotFound, BlobsUnavailable, DiskFull, InvalidSetting
from dragoman.storage.blobs import Blobs, BlobWriter

pytestmark = pytest.mark.anyio


@pytest.fixture
def folder(tmp_path):
    return Blobs(str(tmp_path))


@pytest.fixture(params=["folder", "store"])
def blobs(request, folder):
    """fsspec's store in memory shows what is half written, which a real one does not; that is tried on the folder."""
    return folder if request.param == "folder" else Blobs(f"memory://{secrets.token_hex(4)}")


async def break_off(blobs, error=ZeroDivisionError):
    async with blobs.writer("jobs/a1/input") as writer:
        await writer.write(b"half")
        raise error


async def test_what_was_written_is_read(blobs):
    await blobs.write("jobs/a1/input", b"sound")
    await blobs.write("jobs/a1/input", b"other sound")
    assert await blobs.read("jobs/a1/input") == b"other sound"
    assert await blobs.size("jobs/a1/input") == 11
    assert await blobs.names("jobs/a1") == ["jobs/a1/input"]


async def test_more_than_fits_into_memory_goes_in_pieces(blobs):
    async with blobs.writer("jobs/a1/input") as writer:
        for number in range(5):
            await writer.write(bytes([number]) * 700_000)
    assert writer.size == 3_500_000
    pieces = [piece async for piece in blobs.pieces("jobs/a1/input")]
    assert b"".join(pieces) == b"".join(bytes([number]) * 700_000 for number in range(5))
    assert max(map(len, pieces)) <= 1 << 20


async def test_what_breaks_off_leaves_nothing(folder, tmp_path):
    with pytest.raises(ZeroDivisionError):
        await break_off(folder)
    with anyio.move_on_after(0.05):
        async with folder.writer("jobs/a1/input") as writer:
            await writer.write(b"half")
            assert not await folder.exists("jobs/a1/input")
            await anyio.sleep_forever()
    assert await folder.names("jobs/a1") == []
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


async def test_what_stood_there_stays_when_its_replacement_breaks_off(folder):
    await folder.write("jobs/a1/input", b"whole")
    with pytest.raises(ZeroDivisionError):
        await break_off(folder)
    assert await folder.read("jobs/a1/input") == b"whole"


async def test_a_file_on_this_machine(blobs):
    await blobs.write("jobs/a1/input", b"sound")
    async with blobs.local("jobs/a1/input") as path:
        assert path.read_bytes() == b"sound"


async def test_a_deleted_folder_is_gone_with_all_in_it_and_its_neighbour_stays(blobs):
    for key in ("jobs/a1/input", "jobs/a1/transcript.json", "jobs/a12/input"):
        await blobs.write(key, b"x")
    for _ in range(2):
        await blobs.delete("jobs/a1")
    assert await blobs.names("jobs/a1") == []
    assert await blobs.exists("jobs/a12/input")


async def _first_piece(blobs, key):
    return await anext(blobs.pieces(key))


async def _local(blobs, key):
    async with blobs.local(key) as path:
        return path


@pytest.mark.parametrize("way", [Blobs.read, Blobs.size, _first_piece, _local])
async def test_what_is_not_there(blobs, way):
    with pytest.raises(BlobNotFound, match="There is no jobs/a1/input"):
        await way(blobs, "jobs/a1/input")


@pytest.mark.parametrize("key", ["../secret", "/etc/passwd", "jobs//a", "jobs/.hidden", "", "jobs/a b", "jobs/../../x"])
async def test_a_key_never_leads_out_of_its_place(blobs, key):
    with pytest.raises(ValueError, match="not a key"):
        await blobs.read(key)


def test_a_library_that_is_missing_is_named():
    with pytest.raises(InvalidSetting, match="nothing://"):
        Blobs("nothing://bucket")


async def test_a_full_disk():
    with Path("/dev/full").open("wb", buffering=0) as file, pytest.raises(DiskFull):  # noqa: ASYNC230
        await BlobWriter(file).write(b"x")


async def test_a_folder_that_is_none(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(BlobsUnavailable):
        await Blobs(str(tmp_path / "file")).write("jobs/a1/input", b"x")


async def test_when_a_folder_changed_last(blobs):
    assert await blobs.changed("jobs/a") is None
    before = datetime.now(UTC) - timedelta(seconds=2)
    await blobs.write("jobs/a/input", b"x")
    assert before < await blobs.changed("jobs/a") < datetime.now(UTC) + timedelta(seconds=2)
