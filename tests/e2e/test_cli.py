"""``dragoman`` on real recordings."""

import json
import wave
from importlib.metadata import version
from itertools import pairwise

import pytest


def test_version_and_help(dragoman):
    assert dragoman("--version").out == f"dragoman {version('dragoman')}\n"
    overview = dragoman("--help")
    assert overview.code == 0
    for command in ("translate", "engines", "languages", "doctor"):
        assert command in overview.out
        assert dragoman(command, "--help").code == 0


def test_a_recording_becomes_text_subtitles_and_speech(dragoman, speech, tmp_path):
    ended = dragoman("translate", speech, "--to", "es", "--speech", "--subtitles", "--out", "out")
    assert ended.code == 0, ended.err
    source, translation = ended.out.splitlines()
    assert "leisure to consider how much" in source
    assert translation.split()[0] == "es"
    assert "considerar" in translation
    assert "Spanish speech: 1 sentence" in ended.err
    name = speech.stem
    names = {
        f"{name}.json",
        f"{name}.es.wav",
        *(f"{name}.{tag}.{kind}" for tag in ("en", "es") for kind in ("srt", "vtt")),
    }
    assert {path.name for path in (tmp_path / "out").iterdir()} == names
    assert all(f"out/{file}" in ended.err for file in names)
    assert "considerar" in (tmp_path / "out" / f"{name}.es.srt").read_text()
    with wave.open(str(tmp_path / "out" / f"{name}.es.wav")) as track:
        assert track.getframerate() == 24_000
        assert track.getnframes() / 24_000 >= 7.0
        assert any(track.readframes(2 * 24_000))


def test_json_is_all_there_is_on_standard_output(dragoman, speech, tmp_path):
    ended = dragoman("translate", speech, "--to", "es,fr", "--json")
    assert (ended.code, ended.err) == (0, "")
    found = ended.json
    assert found["file"] == str(speech)
    assert found["outputs"] == []
    assert found["language"] == "en"
    assert found["duration"] == pytest.approx(7.1, abs=0.05)
    assert "leisure" in found["sentences"][0]["text"]
    assert set(found["translations"]) == {"es", "fr"}
    assert list(tmp_path.iterdir()) == []


def test_without_a_target_there_is_a_transcript(dragoman, speech):
    ended = dragoman("translate", speech)
    assert ended.code == 0
    assert "leisure to consider" in ended.out
    assert len(ended.out.splitlines()) == 1


def test_recordings_come_one_after_another_and_a_bad_one_costs_no_other(dragoman, librivox, tmp_path):
    good = sorted(librivox.glob("*08[78]0.wav"))
    (tmp_path / "notes.txt").write_text("no sound")
    ended = dragoman("translate", good[0], "notes.txt", good[1], "--out", ".")
    assert ended.code == 12
    assert len(ended.out.splitlines()) == 2
    assert "failed: notes.txt" in ended.err
    assert {path.stem for path in tmp_path.glob("*.json")} == {path.stem for path in good}


def test_channels_apart(dragoman, shared_data, tmp_path):
    recording = shared_data / "formats" / "stereo_two_speakers_16k.wav"
    ended = dragoman("translate", recording, "--channels", "each", "--json", "--out", ".")
    assert ended.code == 0, ended.err
    first, second = map(json.loads, ended.out.splitlines())
    assert (first["channel"], second["channel"]) == ("channel_1", "channel_2")
    assert first["sentences"] != second["sentences"]
    assert {path.name for path in tmp_path.iterdir()} == {f"{recording.stem}.channel_{n}.json" for n in (1, 2)}


def test_live_prints_what_it_heard_and_logs_when(dragoman, librivox, tmp_path):
    (recording,) = librivox.glob("*0880.wav")
    ended = dragoman("translate", recording, "--to", "es", "--live", "--speech", "--out", ".", "--run-log", "log")
    assert ended.code == 0, ended.err
    assert "young man" in ended.out
    assert "joven" in ended.out
    with wave.open(str(tmp_path / f"{recording.stem}.es.wav")) as track:
        assert any(track.readframes(track.getnframes()))
    logs = tmp_path / "log"
    for scorer in ("omnisteval", "simulstream"):
        lines = (logs / f"{recording.stem}.es.{scorer}.jsonl").read_text().splitlines()
        assert "joven" in lines[-1]
    log = logs / f"{recording.stem}.run.jsonl"
    records = [json.loads(line) for line in log.read_text().splitlines()]
    arrivals = [record for record in records if record["kind"] == "audio"]
    assert all(later["heard"] - earlier["heard"] < 0.021 for earlier, later in pairwise(arrivals))
    assert all(record["wall"] >= record["heard"] - 0.021 for record in arrivals), "faster than a microphone"
    kinds = [record["event"] for record in records if record["kind"] == "event"]
    assert kinds[0] == "RunStarted"
    assert kinds[-1] == "RunEnded"
    assert {"PartialTranscript", "FinalTranscript", "FinalTranslation", "SynthesizedAudio"} <= set(kinds)


def test_a_target_without_a_voice_is_only_translated(dragoman, speech, tmp_path):
    script = tmp_path / "script.json"
    script.write_text(json.dumps({"language": "en", "utterances": []}))
    ended = dragoman(
        "translate", speech, "--to", "es", "--speech", "--synthesizer", f"scripted:{script}", "--json", "--out", "."
    )
    assert ended.code == 0, ended.err
    assert "Spanish" in ended.json["notices"][0]
    assert ended.json["translations"]["es"]
    assert not list(tmp_path.glob("*.wav"))


def test_engines_are_listed(dragoman):
    ended = dragoman("engines")
    assert ended.code == 0
    for engine in ("silero", "pocketsphinx", "apertium", "espeak", "scripted"):
        assert engine in ended.out
    listed = json.loads(dragoman("engines", "--json").out)
    assert "speech translator" in {plugin["kind"] for plugin in listed}
    assert all(plugin["licence"] for plugin in listed if plugin["installed"])


def test_languages_are_listed_with_their_pivots(dragoman):
    ended = dragoman("languages", "en")
    assert ended.code == 0
    (catalan,) = (line for line in ended.out.splitlines() if line.split()[:2] == ["ca-valencia", "Catalan"])
    assert "Spanish" in catalan
    assert ended.out == dragoman("languages", "--from", "en").out
    overview = dragoman("languages")
    assert overview.code == 0
    assert any(line.split()[:2] == ["en", "English"] for line in overview.out.splitlines())
    listed = json.loads(dragoman("languages", "--json").out)
    assert {"en"} <= {entry["language"] for entry in listed["heard"]}


def test_the_doctor_finds_everything_working(dragoman):
    ended = dragoman("doctor", "--json")
    checks = json.loads(ended.out)
    assert [check for check in checks if check["state"] == "failed"] == []
    assert ended.code == 0
