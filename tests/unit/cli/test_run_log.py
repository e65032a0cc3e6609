import json

import pytest

from dragoman.cli.run_log import open_run_log, run_log_name
from dragoman.core.audio import silence
from dragoman.core.events import FinalTranslation, RunEnded
from dragoman.core.transcript import Translation


def test_a_log_holds_arrivals_and_events(tmp_path):
    with open_run_log(tmp_path, "talk") as log:
        log.audio(silence(0.5, 16_000))
        log.event(RunEnded(0.5))
    lines = (tmp_path / run_log_name("talk")).read_text().splitlines()
    assert [json.loads(line)["kind"] for line in lines] == ["audio", "event"]
    assert json.loads(lines[0])["heard"] == 0.5


def test_each_target_has_a_log_for_scorers(tmp_path):
    with open_run_log(tmp_path, "talk", ["es", "fr"]) as log:
        log.audio(silence(0.5, 16_000))
        log.event(FinalTranslation(Translation("Buenos días.", "es", 0.1, 0.4)))
        log.event(RunEnded(0.5))
    instance = json.loads((tmp_path / "talk.es.omnisteval.jsonl").read_text())
    assert instance["prediction"] == "Buenos días."
    assert instance["delays"] == [500.0, 500.0]
    metadata, emission = map(json.loads, (tmp_path / "talk.es.simulstream.jsonl").read_text().splitlines())
    assert metadata["metadata"] == {"wav_name": "talk"}
    assert emission["generated_tokens"] == ["Buenos", "días."]
    assert json.loads((tmp_path / "talk.fr.omnisteval.jsonl").read_text())["prediction"] == ""


def test_the_log_of_a_run_that_failed_is_not_kept(tmp_path):
    with pytest.raises(RuntimeError), open_run_log(tmp_path, "talk"):
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_without_a_folder_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with open_run_log(None, "talk") as log:
        log.event(RunEnded(0.5))
    assert list(tmp_path.iterdir()) == []
