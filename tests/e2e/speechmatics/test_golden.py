"""What each client sends and gets in one small session, compared with the files in ``golden``.

They are there to be read: a change of the wire shows in them. DRAGOMAN_GOLDEN=write writes them anew.
"""

import os
from pathlib import Path

import pytest
from tests.e2e.speechmatics.conftest import RAW
from tests.e2e.speechmatics.plans import SPEECHMATICS
from tests.e2e.speechmatics.wiretap import tapped

GOLDEN = Path(__file__).with_name("golden")


def compare(name, text):
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("DRAGOMAN_GOLDEN") == "write":
        GOLDEN.mkdir(exist_ok=True)
        path.write_text(text)
    assert text == path.read_text()


@pytest.mark.parametrize("client", ["rt", "legacy", "npm"])
def test_a_file_and_two_languages(scripted, talk, wav, client):
    languages = {"target_languages": ["es", "ja"], "enable_partials": True}
    with tapped(scripted.websocket) as tap:
        audio = wav("speech.wav", bytes(32_000 * 3))
        heard = talk(client, scripted, audio, url=f"{tap.address}/v2", translation=languages).heard()
        assert heard.end == {"ended": "well"}, heard
    compare(f"{client}-file", tap.text(scripted.key))


def test_two_channels(scripted, talk, raw):
    config = {"diarization": "channel", "channel_diarization_labels": ["left", "right"]}
    with tapped(scripted.websocket) as tap:
        audio = {"left": raw(3), "right": raw(3)}
        url = f"{tap.address}/v2"
        heard = talk(
            "legacy", scripted, audio, url=url, format=RAW | {"chunk_size": 48_000}, transcription=config
        ).heard()
        assert heard.end == {"ended": "well"}, heard
    compare("legacy-channels", tap.text(scripted.key))


def test_the_program_with_all_it_can_say(scripted, talks, raw):
    options = ["--enable-partials", "--translation-langs", "es", "--max-delay", "2", "--max-delay-mode", "fixed"]
    more = ["--end-of-utterance-silence-trigger", "0.5", "--enable-entities", "--punctuation-permitted-marks", ". ,"]
    with tapped(scripted.websocket) as tap:
        where = ["--url", f"{tap.address}/v2", "--ssl-mode", "none", "--auth-token", scripted.key, "--lang", "en"]
        form = ["--raw", "pcm_s16le", "--sample-rate", "8000"]
        running = talks(SPEECHMATICS, "rt", "transcribe", *where, *form, *options, *more, raw(4))
        running.heard()
        assert running.process.returncode == 0, running.err
    compare("cli-raw", tap.text(scripted.key))


def test_an_error(scripted, talk, raw):
    with tapped(scripted.websocket) as tap:
        languages = {"target_languages": ["es", "fr", "de", "it", "pt", "ca"]}
        talk("rt", scripted, raw(1), url=f"{tap.address}/v2", format=RAW, translation=languages).heard()
    compare("rt-error", tap.text(scripted.key))
