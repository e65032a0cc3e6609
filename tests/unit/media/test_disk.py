"""What the operating system says becomes what a user can act on."""

import errno
import os
from pathlib import Path

import pytest

from dragoman.core.errors import DiskFull, OutputNotWritable
from dragoman.media.disk import writing_to


def test_a_full_disk():
    with pytest.raises(DiskFull), writing_to("/dev/full"), Path("/dev/full").open("wb") as file:
        file.write(b"1")


def test_a_folder_that_is_missing(tmp_path):
    path = tmp_path / "missing" / "out.wav"
    with pytest.raises(OutputNotWritable, match="No such file or directory"), writing_to(path):
        path.open("wb")


def test_a_folder_in_the_place_of_the_file(tmp_path):
    with pytest.raises(OutputNotWritable, match="Is a directory"), writing_to(tmp_path):
        tmp_path.open("wb")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(OutputNotWritable, match="Permission denied"), writing_to(tmp_path):
        (tmp_path / "out.wav").open("wb")


@pytest.mark.parametrize(("number", "kind"), [(errno.EDQUOT, DiskFull), (errno.EROFS, OutputNotWritable)])
def test_other_reasons(number, kind):
    with pytest.raises(kind), writing_to("out.wav"):
        raise OSError(number, os.strerror(number))
