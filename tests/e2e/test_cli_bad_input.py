"""Everything that can be wrong: one line that says so, one that helps, an exit code of its own, no file."""

import os
import random
import resource
import subprocess
from array import array

import pytest

CODES = {
    "invalid_option": 2,
    "file_unreadable": 11,
    "not_audio": 12,
    "empty_audio": 13,
    "no_speech": 14,
    "unknown_language": 16,
    "unsupported_language": 17,
    "output_not_writable": 21,
    "disk_full": 22,
    "engine_not_found": 31,
    "engine_unavailable": 32,
}


@pytest.fixture
def refused(dragoman, tmp_path):
    """Runs ``dragoman translate`` and checks the manner in which it fails; returns message and remedy.

    ``begun``: it fails so late that sentences were already printed.
    """

    def run(code, *arguments, begun=False, **options):
        before = sorted(tmp_path.rglob("*"))
        ended = dragoman("translate", *arguments, **options)
        assert ended.code == CODES[code], ended.err
        assert bool(ended.out) == begun
        message, remedy = (line for line in ended.err.splitlines() if line.startswith(("error: ", "  ")))
        assert message.startswith("error: ")
        assert sorted(tmp_path.rglob("*")) == before
        return message, remedy.strip()

    return run


def test_no_audio(refused, tmp_path):
    (tmp_path / "notes.wav").write_text("This is no sound. " * 1000)
    message, _ = refused("not_audio", "notes.wav", "--out", "out")
    assert "notes.wav" in message


def test_errors_as_json(dragoman, tmp_path):
    (tmp_path / "notes.wav").write_text("This is no sound.")
    ended = dragoman("translate", "notes.wav", "--json")
    assert (ended.code, ended.out) == (12, "")
    assert ended.error["code"] == "not_audio"
    assert ended.error["remedy"]


def test_an_empty_file(refused, tmp_path):
    (tmp_path / "empty.mp3").touch()
    refused("empty_audio", "empty.mp3")


def test_a_wav_file_without_samples(refused, wav):
    refused("empty_audio", wav("header.wav", b""))


@pytest.mark.parametrize("path", ["absent.wav", "."])
def test_a_path_that_leads_to_no_file(refused, path):
    refused("file_unreadable", path)


def test_silence(refused, wav):
    refused("no_speech", wav("silence.wav", bytes(16_000 * 2 * 5)), "--to", "es", "--speech", "--out", "out")


def test_noise(refused, wav):
    noise = random.Random(7)
    samples = array("h", (int(noise.gauss(0, 3000)) for _ in range(16_000 * 5)))
    refused("no_speech", wav("noise.wav", samples.tobytes()), "--out", "out")


@pytest.mark.parametrize("name", ["music_ibm_piano.flac", "other_ibm_rain.flac"])
def test_music_and_rain(refused, shared_data, name):
    refused("no_speech", shared_data / "audio_events" / name, "--out", "out")


def test_a_cut_recording_gives_what_is_there_and_a_warning(dragoman, speech, tmp_path):
    (tmp_path / "cut.wav").write_bytes(speech.read_bytes()[:130_000])
    ended = dragoman("translate", "cut.wav", "--out", ".")
    assert ended.code == 0
    assert "leisure" in ended.out
    assert "warning: cut.wav" in ended.err
    ended = dragoman("translate", "cut.wav", "--json")
    assert ended.err == ""
    assert len(ended.json["notices"]) == 1


@pytest.mark.parametrize(
    ("code", "options", "named"),
    [
        ("unknown_language", ["--to", "klingonese"], "klingonese"),
        ("unknown_language", ["--from", "123"], "123"),
        ("unsupported_language", ["--to", "ja"], "Japanese"),
        ("unsupported_language", ["--from", "ja", "--recognizer", "pocketsphinx"], "Japanese"),
        ("engine_not_found", ["--recognizer", "whisperer"], "whisperer"),
        ("engine_unavailable", ["--translator", "scripted:absent.json", "--to", "es"], "absent.json"),
        ("unsupported_language", ["--to", "es", "--speech", "--voice", "es=Nobody"], "Nobody"),
        ("invalid_option", ["--to", "es", "--voice", "Nobody"], "Nobody"),
    ],
)
def test_what_cannot_be_done_is_named(refused, speech, code, options, named):
    message, _ = refused(code, speech, *options)
    assert named in message


def test_what_is_possible_is_named(refused, speech):
    _, remedy = refused("unsupported_language", speech, "--to", "sw")
    assert {"es", "fr"} <= set(remedy.removeprefix("Possible: ").split(", "))
    _, remedy = refused("unsupported_language", speech, "--from", "ja", "--recognizer", "pocketsphinx")
    assert remedy == "Possible: en"


def test_a_translator_that_can_be_pulled_is_named(refused, speech):
    _, remedy = refused("unsupported_language", speech, "--to", "ja", "--translator", "apertium")
    assert "To add it, run: dragoman models pull firefox:" in remedy
    assert remedy.endswith("-ja")


@pytest.mark.parametrize("options", [["--bogus"], ["--channels", "left"]])
def test_wrong_usage(dragoman, speech, options):
    assert dragoman("translate", speech, *options).code == 2


def test_translate_needs_a_file(dragoman):
    assert dragoman("translate").code == 2


@pytest.mark.parametrize("folder", ["/proc/nothing", "/dev/null", "taken"])
def test_a_folder_that_cannot_be_written(refused, speech, tmp_path, folder):
    (tmp_path / "taken").write_text("a file in place of the folder")
    message, _ = refused("output_not_writable", speech, "--out", folder)
    assert folder in message


def test_a_run_log_that_cannot_be_written(refused, speech):
    refused("output_not_writable", speech, "--run-log", "/proc/nothing")


def test_a_full_disk(refused, speech):
    def limit_files():  # the kernel then refuses to let a file grow, as it does when a quota is used up
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    # espeak-ng has no model file that would be over the limit as well
    spoken = ["--to", "es", "--speech", "--synthesizer", "espeak"]
    message, _ = refused("disk_full", speech, *spoken, "--out", "out", begun=True, preexec_fn=limit_files)
    assert ".es.wav" in message


def test_a_really_full_disk(refused, speech, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(disk)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small disk can only be mounted by root")
    try:
        refused("disk_full", speech, "--to", "es", "--speech", "--out", "disk", begun=True)
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_recording_is_not_overwritten(dragoman, speech, tmp_path):
    (tmp_path / "talk.wav").write_bytes(speech.read_bytes())
    (tmp_path / "talk.es.wav").write_bytes(speech.read_bytes())
    ended = dragoman("translate", "talk.wav", "talk.es.wav", "--to", "es", "--speech")
    assert ended.code == CODES["invalid_option"]
    assert "talk.es.wav would be overwritten" in ended.err
    assert (tmp_path / "talk.es.wav").read_bytes() == speech.read_bytes()
    assert (tmp_path / "talk.es.es.wav").exists()
