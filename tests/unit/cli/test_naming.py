from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.cli.naming import check_inputs_kept, stems
from dragoman.core.errors import InvalidOption

FILES = st.lists(st.builds(Path, st.sampled_from("ab"), st.sampled_from(["t.wav", "t.mp3", "t-2.wav", ".t", "u"])))


@given(FILES)
def test_every_file_gets_a_name_of_its_own(files):
    names = stems(files)
    assert len(set(names)) == len(files)
    assert all(name.startswith(file.stem) for name, file in zip(names, files, strict=True))


def test_a_file_that_is_alone_keeps_its_name():
    assert stems([Path("a/talk.one.mp3"), Path("b/other.wav")]) == ["talk.one", "other"]


def test_files_of_one_name_are_numbered():
    assert stems([Path("a/talk.mp3"), Path("b/talk.wav"), Path("talk-2.wav")]) == ["talk", "talk-2", "talk-2-2"]


def test_a_recording_is_never_overwritten_by_a_result(tmp_path):
    inputs = [tmp_path / "talk.wav", tmp_path / "sub" / ".." / "talk.es.wav"]
    with pytest.raises(InvalidOption, match=r"talk\.es\.wav"):
        check_inputs_kept(tmp_path, ["talk.json", "talk.es.wav"], inputs)
    check_inputs_kept(tmp_path / "out", ["talk.json", "talk.es.wav"], inputs)
