import errno

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.engines.catalogue.toys import WEIGHTS, file

from dragoman.core.errors import DiskFull, OutputNotWritable
from dragoman.engines.catalogue import ModelFile
from dragoman.engines.catalogue.finished import SourceFailed, copy_bounded, disk_error, finish, is_finished, read_chunks


@given(st.lists(st.binary(max_size=20), max_size=9), st.integers(0, 60))
def test_no_more_is_written_than_is_allowed(tmp_path_factory, chunks, limit):
    path = tmp_path_factory.mktemp("x", numbered=True) / "file"
    counted = []
    whole = b"".join(chunks)
    if len(whole) > limit:
        with pytest.raises(SourceFailed):
            copy_bounded(chunks, path, limit, advance=counted.append)
        assert whole.startswith(path.read_bytes())
        assert path.stat().st_size <= limit
    else:
        copy_bounded(chunks, path, limit, advance=counted.append)
        assert path.read_bytes() == whole
    assert sum(counted) == path.stat().st_size


@pytest.mark.parametrize("content", [b"", WEIGHTS[:-1], WEIGHTS + b"x", WEIGHTS[:-1] + b"\x00"])
def test_what_is_not_the_file_is_thrown_away(tmp_path, content):
    written = tmp_path / "written"
    written.write_bytes(content)
    with pytest.raises(SourceFailed, match=r"model\.bin"):
        finish(written, tmp_path / "target", file("model.bin", WEIGHTS))
    assert list(tmp_path.iterdir()) == []


def test_what_is_the_file_goes_to_its_place(tmp_path):
    wanted = file("a/model.bin", WEIGHTS)
    written = tmp_path / "written"
    written.write_bytes(WEIGHTS)
    finish(written, tmp_path / "a" / "model.bin", wanted)
    assert is_finished(tmp_path / "a" / "model.bin", wanted)
    assert not is_finished(written, wanted)
    assert not is_finished(tmp_path / "a" / "model.bin", file("a/model.bin", WEIGHTS[:-1] + b"x"))


def test_where_the_size_is_not_known_the_sum_decides(tmp_path):
    unknown = ModelFile("m", 0, file("m", WEIGHTS).sha256)
    assert unknown.limit > len(WEIGHTS)
    (tmp_path / "m").write_bytes(WEIGHTS)
    assert is_finished(tmp_path / "m", unknown)
    (tmp_path / "m").write_bytes(WEIGHTS + b"x")
    with pytest.raises(SourceFailed, match="sha256"):
        finish(tmp_path / "m", tmp_path / "target", unknown)


def test_a_file_that_cannot_be_read_is_the_source_s_fault(tmp_path):
    with pytest.raises(SourceFailed, match="absent"):
        list(read_chunks(tmp_path / "absent"))


def test_errors_of_the_disk(models):
    full = disk_error(OSError(errno.ENOSPC, "No space left on device"))
    assert isinstance(full, DiskFull)
    assert str(models) in full.message
    denied = disk_error(PermissionError(errno.EACCES, "Permission denied"))
    assert isinstance(denied, OutputNotWritable)
    assert "Permission denied" in denied.message
