"""``speechmatics rt transcribe``, the program that comes with the older library."""

import pytest
from tests.e2e.speechmatics.conftest import sentences

RAW = ["--raw", "pcm_s16le", "--sample-rate", "8000"]


def test_plain_text(scripted, transcribe, wav):
    running = transcribe(scripted, "--lang", "en", wav("speech.wav", bytes(32_000 * 7)))
    assert running.heard().other == ["This is sentence number 1.", "This is sentence number 2."]
    assert running.process.returncode == 0, running.err


def test_plain_text_of_a_translation(scripted, transcribe, raw):
    """Only the first language is shown."""
    running = transcribe(scripted, "--lang", "en", "--translation-langs", "es,fr", *RAW, raw(3))
    assert running.heard().other == ["Esta es la frase número 1."]


def test_all_of_it_as_json(scripted, transcribe, raw):
    options = ["--enable-partials", "--print-json", "--translation-langs", "es,fr", "--max-delay", "2"]
    more = ["--end-of-utterance-silence-trigger", "0.5", "--operating-point", "enhanced", "--enable-entities"]
    heard = transcribe(scripted, "--lang", "en", *options, *more, *RAW, raw(7)).heard()
    assert heard.text() == sentences(2)
    assert heard.translation("es") == sentences(2, "Esta es la frase número {}.")
    assert heard.translation("fr") == sentences(2, "Ceci est la phrase numéro {}.")
    assert set(heard.names) == {
        "AddPartialTranscript", "AddTranscript", "AddPartialTranslation", "AddTranslation", "EndOfUtterance",
    }  # fmt: skip


def test_point_34_words_to_listen_for_in_all_their_forms(scripted, transcribe, raw):
    words = ["--additional-vocab", "gnocchi:nokey,nochi", "Dragoman"]
    running = transcribe(scripted, "--lang", "en", *RAW, *words, "--translation-langs", "es", "--", raw(3))
    assert running.heard().other == ["Esta es la frase número 1."]
    assert running.process.returncode == 0, running.err


def test_point_37_a_temporary_key_made_by_the_program(scripted, transcribe, raw):
    running = transcribe(
        scripted, "--generate-temp-token", "--lang", "en", *RAW, raw(3), SM_MANAGEMENT_PLATFORM_URL=scripted.url
    )
    assert running.heard().other == ["This is sentence number 1."]
    assert running.process.returncode == 0, running.err


def test_two_channels_from_two_files(scripted, transcribe, raw):
    running = transcribe(scripted, "--diarization", "channel", "--multichannel", "a,b", *RAW, raw(3), raw(2.9))
    assert sorted(running.heard().other) == ["a: This is sentence number 1.", "b: This is sentence number 1."]
    assert running.process.returncode == 0, running.err


@pytest.mark.parametrize(
    ("options", "key", "said"),
    [
        (["--lang", "en"], "nonsense", "401"),
        (["--lang", "tlh"], None, "TranscriptionError: "),
        (["--lang", "en", "--translation-langs", "es,fr,de,it,pt,ca"], None, "TranscriptionError: "),
    ],
    ids=["key", "language", "languages"],
)
def test_what_is_wrong_is_said(scripted, transcribe, raw, options, key, said):
    running = transcribe(scripted, *options, *RAW, raw(1), key=key)
    running.heard()
    assert running.process.returncode != 0
    assert said in running.err
