import json

import pytest
from tests.unit.cli.events import sentence

from dragoman.cli.documents import file_names, write_documents
from dragoman.cli.output import OutputFiles
from dragoman.core.transcript import Transcript, Translation

TRANSCRIPT = Transcript(
    "en", 9.0, (sentence(1.0),), {"es": (Translation("hola", "es", 1.0, 2.0),)}, notices=("mind the gap",)
)


@pytest.mark.parametrize("subtitles", [True, False])
def test_the_files_written_are_the_files_announced(tmp_path, subtitles):
    with OutputFiles(tmp_path) as files:
        write_documents(files, "talk", TRANSCRIPT, subtitles=subtitles)
        files.commit()
    announced = file_names("talk", "en", ("es",), (), subtitles=subtitles)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(announced)
    assert len(announced) == (5 if subtitles else 1)


def test_what_is_in_them(tmp_path):
    with OutputFiles(tmp_path) as files:
        write_documents(files, "talk", TRANSCRIPT, subtitles=True)
        files.commit()
    assert json.loads((tmp_path / "talk.json").read_text())["notices"] == ["mind the gap"]
    assert "hello there" in (tmp_path / "talk.en.srt").read_text()
    assert "hola" in (tmp_path / "talk.es.vtt").read_text()


def test_speech_has_a_file_per_language():
    assert file_names("talk", "en", ("es", "fr"), ("fr",), subtitles=False) == ["talk.json", "talk.fr.wav"]
