import os

import pytest

from dragoman.cli.output import OutputFiles, output_folder
from dragoman.core.errors import DiskFull, OutputNotWritable


def test_files_appear_together_when_all_are_complete(tmp_path):
    with OutputFiles(tmp_path) as files:
        files.open("a.wav").write(b"sound")
        files.write("b.json", "¿qué?")
        assert not (tmp_path / "a.wav").exists()
        assert not (tmp_path / "b.json").exists()
        assert files.commit() == [tmp_path / "a.wav", tmp_path / "b.json"]
    assert (tmp_path / "a.wav").read_bytes() == b"sound"
    assert (tmp_path / "b.json").read_text(encoding="utf-8") == "¿qué?"
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_nothing_is_left_when_the_work_fails(tmp_path, error):
    (tmp_path / "a.wav").write_bytes(b"from before")

    def work():
        with OutputFiles(tmp_path) as files:
            files.open("a.wav").write(b"half")
            raise error

    with pytest.raises(error):
        work()
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"from before"]


def test_what_is_not_committed_is_dropped(tmp_path):
    with OutputFiles(tmp_path) as files:
        files.write("a.json", "{}")
    assert list(tmp_path.iterdir()) == []


def test_an_existing_file_is_replaced_in_one_step(tmp_path):
    (tmp_path / "a.json").write_text("old")
    with OutputFiles(tmp_path) as files:
        files.write("a.json", "new")
        assert (tmp_path / "a.json").read_text() == "old"
        files.commit()
    assert (tmp_path / "a.json").read_text() == "new"


def test_errors_name_the_file_that_was_wanted(tmp_path):
    with OutputFiles(tmp_path / "absent") as files, pytest.raises(OutputNotWritable, match=r"absent/a\.wav"):
        files.open("a.wav")


def test_the_name_of_an_open_file_is_its_final_one(tmp_path):
    with OutputFiles(tmp_path) as files:
        assert files.open("a.wav").name == str(tmp_path / "a.wav")


def test_a_folder_is_made_and_kept_when_something_is_in_it(tmp_path):
    folder = tmp_path / "new" / "deep"
    with output_folder(folder), OutputFiles(folder) as files:
        files.write("a.json", "{}")
        files.commit()
    assert [path.name for path in folder.iterdir()] == ["a.json"]


def test_a_folder_made_for_nothing_is_removed(tmp_path):
    with output_folder(tmp_path / "new"):
        assert (tmp_path / "new").is_dir()
    assert list(tmp_path.iterdir()) == []


def test_an_empty_folder_of_the_user_is_kept(tmp_path):
    with output_folder(tmp_path):
        pass
    assert tmp_path.is_dir()


@pytest.mark.parametrize("folder", ["/proc/nothing", "/dev/null", "/dev/null/deeper"])
def test_a_folder_that_cannot_be_written_is_found_out_first(folder, tmp_path):
    with pytest.raises(OutputNotWritable, match=folder), output_folder(type(tmp_path)(folder)):
        pytest.fail("the work must not begin")


def test_a_full_disk_leaves_nothing(tmp_path):
    # /dev/full takes the place of a disk: what is written to it is accepted until it is flushed.
    def work():
        with OutputFiles(tmp_path) as files:
            file = files.open("a.json")
            full = os.open("/dev/full", os.O_WRONLY)
            os.dup2(full, file.fileno())
            os.close(full)
            file.write(b"x")
            files.commit()

    with pytest.raises(DiskFull, match=r"a\.json"):
        work()
    assert list(tmp_path.iterdir()) == []
