"""The official libraries against a running server. What they get must be what their users expect of the real service.

The server lets in one session at a time, so each of them also shows that the one before it left nothing behind.
"""

import pytest
from tests.e2e.speechmatics.conftest import RAW, sentences

SPANISH = "Esta es la frase número {}."
FRENCH = "Ceci est la phrase numéro {}."
CLIENTS = ["rt", "legacy", "npm"]


def in_order(heard):
    """Whether what is final about an utterance comes after what it is about, and nothing after the end."""
    assert heard.names[0] in {"RecognitionStarted", "Info"}
    assert heard.names[-1] == "EndOfTranscript"
    for translation in (*heard.all("AddTranslation"), *heard.all("AddPartialTranslation")):
        before = heard.messages[: heard.messages.index(translation)]
        said = [m for m in before if m["message"].endswith("Transcript") and m.get("results")]
        assert translation["results"][0]["start_time"] >= min(m["results"][0]["start_time"] for m in said)
    finals = heard.all("AddTranscript")
    ends = [final["metadata"]["end_time"] for final in finals]
    assert ends == sorted(ends)
    return True


@pytest.mark.parametrize("client", CLIENTS)
def test_point_23_a_file_is_what_every_client_sends_unless_told_otherwise(scripted, talk, wav, client):
    """A recording in a container, in pieces of 4096 bytes: transcript and two translations, and a proper end."""
    recording = wav("speech.wav", bytes(32_000 * 11))
    heard = talk(client, scripted, recording, translation={"target_languages": ["es", "fr"]}).heard()
    assert heard.end == {"ended": "well"}, heard
    assert heard.text() == sentences(3)
    assert heard.translation("es") == sentences(3, SPANISH)
    assert heard.translation("fr") == sentences(3, FRENCH)
    assert in_order(heard)
    assert not heard.all("Warning")
    assert not heard.all("AddPartialTranscript")
    assert [added["seq_no"] for added in heard.all("AudioAdded")] == list(range(1, 87))


@pytest.mark.parametrize("client", CLIENTS)
def test_raw_audio_with_partials(scripted, talk, raw, client):
    """Chunks of an odd size split samples."""
    heard = talk(
        client,
        scripted,
        raw(7),
        format=RAW | {"chunk_size": 4095},
        transcription={"enable_partials": True},
        translation={"target_languages": ["es"], "enable_partials": True},
    ).heard()
    assert heard.end == {"ended": "well"}, heard
    assert heard.text() == sentences(2)
    assert heard.translation("es") == sentences(2, SPANISH)
    assert in_order(heard)
    partials = [partial["metadata"]["transcript"].strip() for partial in heard.all("AddPartialTranscript")]
    assert all(sentences(2).find(partial) >= 0 for partial in partials)
    assert any(partials)
    assert len(heard.all("AudioAdded")) == -(-112_000 // 4095)


@pytest.mark.parametrize("client", CLIENTS)
def test_point_24_a_wrong_key_is_refused_with_401(scripted, talk, raw, client):
    heard = talk(client, scripted, raw(1), key=f"{scripted.key[:-4]}AAAA", format=RAW).heard()
    assert not heard.messages
    assert "401" in heard.end["because"], heard


@pytest.mark.parametrize("client", CLIENTS)
def test_point_25_what_is_wrong_with_a_configuration_reaches_the_user(scripted, talk, raw, client):
    """Six languages are one too many. The npm client shows the type of an error only, the others its reason only."""
    languages = ["es", "fr", "de", "it", "pt", "ca"]
    heard = talk(client, scripted, raw(1), format=RAW, translation={"target_languages": languages}).heard()
    if client == "npm":
        assert heard.end["because"] == "invalid_config"
    else:
        assert heard.end["ended"] == "TranscriptionError"
        assert "5" in heard.end["because"]
    assert heard.names[-1] == "Error"
    assert heard.one("Error")["type"] == "invalid_config"


def test_point_26_the_reason_of_an_error_in_mid_session_stands_for_itself(scripted, talk, tmp_path):
    """This library logs the reason and returns as if all were well; nothing else tells its user what to do."""
    garbage = tmp_path / "garbage.wav"
    garbage.write_bytes(b"This is no recording at all. " * 20_000)
    running = talk("rt", scripted, garbage)
    heard = running.heard()
    assert heard.names[-1] == "Error"
    assert heard.one("Error")["type"] == "invalid_audio_type"
    assert heard.one("Error")["reason"] in running.err
    assert "audio" in heard.one("Error")["reason"].lower()
    assert not heard.all("AddTranscript")


def test_point_12_recognition_starts_before_a_client_gives_up(embedded, talk, wav):
    """speechmatics-rt waits for five seconds, with engines that have a model to load too."""
    heard = talk("rt", embedded, wav("silence.wav", bytes(3200))).heard()
    assert heard.end == {"ended": "well"}
    assert heard.names[-1] == "EndOfTranscript"


def test_point_14_every_chunk_is_acknowledged_or_the_client_stops_sending(scripted, talk, raw):
    """This library sends no more than so many chunks ahead of their acknowledgements."""
    heard = talk("legacy", scripted, raw(20), format=RAW, unacknowledged=2).heard()
    assert heard.end == {"ended": "well"}
    assert len(heard.all("AudioAdded")) == -(-320_000 // 4096)
    assert heard.text() == sentences(5)


def test_point_15_the_npm_client_stops_because_it_is_told_of_the_end(scripted, talk, raw):
    heard = talk("npm", scripted, raw(3), format=RAW).heard()
    assert heard.end == {"ended": "well"}
    assert heard.names[-1] == "EndOfTranscript"


def test_point_20_the_older_library_adds_the_language_to_the_path(scripted, talk, raw):
    for url in (f"{scripted.websocket}/v2", f"{scripted.websocket}/v2/", f"{scripted.websocket}/v2/en"):
        heard = talk("legacy", scripted, raw(1), url=url, format=RAW).heard()
        assert heard.end == {"ended": "well"}, url


def test_point_27_what_clients_read_of_transcripts_and_translations(scripted, talk, raw):
    heard = talk("rt", scripted, raw(3), format=RAW, translation={"target_languages": ["es"]}).heard()
    for message in heard.all("AddTranscript"):
        assert message["metadata"].keys() >= {"start_time", "end_time", "transcript"}
        assert isinstance(message["results"], list)
    sentence = heard.one("AddTranslation", language="es")["results"][0]
    assert sentence["content"] == SPANISH.format(1)
    assert 0.5 <= sentence["start_time"] <= sentence["end_time"] <= 2.6


def test_point_28_results_as_the_library_parses_them(scripted, talk, raw):
    """rt_client.py hands every transcript to the library's own class, which raises where something is missing."""
    heard = talk("rt", scripted, raw(3), format=RAW, transcription={"enable_partials": True}).heard()
    transcripts = [*heard.all("AddPartialTranscript"), *heard.all("AddTranscript")]
    assert transcripts
    for message in transcripts:
        assert message["parsed"] == message["metadata"]["transcript"]
        for result in message["results"]:
            assert result.keys() >= {"type", "start_time", "end_time", "alternatives"}
            assert result["alternatives"][0].keys() >= {"content", "confidence"}


def test_point_36_models_by_both_their_names(scripted, talk, raw):
    """Current libraries always send model=enhanced; older programs name an operating_point."""
    for client, transcription in (("rt", {}), ("legacy", {"operating_point": "enhanced"})):
        heard = talk(client, scripted, raw(3), format=RAW, transcription=transcription).heard()
        assert (heard.end, heard.text()) == ({"ended": "well"}, sentences(1))
        assert not heard.all("Warning")


def test_point_40_the_document_s_library_over_plain_ws(scripted, talk, raw):
    """legacy_client.py passes ssl_context=None, without which the library refuses ws://."""
    heard = talk("legacy", scripted, raw(3), format=RAW, translation={"target_languages": ["es"]}).heard()
    assert (heard.end, heard.translation("es")) == ({"ended": "well"}, sentences(1, SPANISH))


@pytest.mark.parametrize("client", ["rt", "npm"])
def test_point_37_temporary_keys(scripted, talk, raw, client):
    heard = talk(client, scripted, raw(3), format=RAW, management=scripted.url).heard()
    assert (heard.end, heard.text()) == ({"ended": "well"}, sentences(1))


def test_point_38_why_a_temporary_key_is_refused(scripted, talk, raw):
    """The npm library reads another field than all others, and tells 403 and 422 from the rest."""
    heard = talk("npm", scripted, raw(1), management=scripted.url, ttl=59).heard()
    assert heard.end["ended"] == "ValidationFailed"
    assert "60" in heard.end["because"]


def test_several_channels(scripted, talk, raw):
    channels = {"left": raw(7), "right": raw(3)}
    heard = talk(
        "legacy",
        scripted,
        channels,
        format=RAW,
        transcription={"diarization": "channel", "channel_diarization_labels": list(channels)},
        translation={"target_languages": ["es"]},
    ).heard()
    assert heard.end == {"ended": "well"}, heard
    assert heard.text(channel="left") == sentences(2)
    assert heard.text(channel="right") == sentences(1)
    translated = [sentence["content"] for message in heard.all("AddTranslation") for sentence in message["results"]]
    assert sorted(translated) == [SPANISH.format(1), SPANISH.format(1), SPANISH.format(2)]
    acknowledged = {name: len(heard.all("ChannelAudioAdded", channel=name)) for name in channels}
    assert acknowledged == {"left": -(-112_000 // 4096), "right": -(-48_000 // 4096)}


@pytest.mark.parametrize("stay", [False, True])
def test_point_29_a_client_of_channels_that_leaves_at_once(scripted, talk, raw, stay):
    """``transcribe`` of speechmatics-rt returns after EndOfChannel; who stays gets transcripts. Both are normal."""
    channels = {"left": raw(3), "right": raw(3)}
    heard = talk("rt", scripted, channels, format=RAW, stay=stay).heard()
    assert heard.end == {"ended": "well"}
    if stay:
        assert {name: heard.text(channel=name) for name in channels} == dict.fromkeys(channels, sentences(1))
        assert heard.names[-1] == "EndOfTranscript"
    assert "Traceback" not in scripted.log


def test_an_utterance_ended_by_force(scripted, talk, raw):
    """After 1.5 s of a sentence that goes on to 2.5 s: what was said is final, and marked; the rest is not lost."""
    heard = talk("rt", scripted, raw(3), format=RAW, force_at=24_000).heard()
    assert heard.end == {"ended": "well"}, heard
    assert heard.text() == sentences(1)
    forced = [message["message"] for message in heard.messages if message.get("forced")]
    assert forced == ["AddTranscript", "EndOfUtterance"]
    first = heard.all("AddTranscript")[0]
    assert first["metadata"]["transcript"].strip() == "This is"


def test_a_configuration_changed_on_the_way(scripted, talk, raw):
    """This library sends the whole configuration again, translations and all."""
    heard = talk(
        "legacy",
        scripted,
        raw(7),
        format=RAW,
        transcription={"max_delay": 4.0},
        translation={"target_languages": ["es"]},
        update={"max_delay": 1.0, "enable_partials": True},
    ).heard()
    assert (heard.end, heard.text()) == ({"ended": "well"}, sentences(2))
    assert heard.all("AddPartialTranscript")
    assert not heard.all("Warning")


def test_speakers_are_asked_for(scripted, talk, raw):
    heard = talk("npm", scripted, raw(3), format=RAW, speakers=True, transcription={"diarization": "speaker"}).heard()
    assert heard.end == {"ended": "well"}, heard
    assert heard.all("SpeakersResult")


def test_what_cannot_be_translated_is_said_and_the_rest_goes_on(scripted, talk, raw):
    heard = talk("rt", scripted, raw(3), format=RAW, translation={"target_languages": ["es", "ja"]}).heard()
    assert (heard.end, heard.text()) == ({"ended": "well"}, sentences(1))
    assert list(heard.reasons) == ["unsupported_translation_pair"]
    assert "ja" in heard.reasons["unsupported_translation_pair"]
    assert heard.translation("es") == sentences(1, SPANISH)
    heard = talk("rt", scripted, raw(3), format=RAW, translation={"target_languages": ["ja"]}).heard()
    assert (heard.end, heard.text()) == ({"ended": "well"}, sentences(1))
    assert set(heard.reasons) == {"unsupported_translation_pair", "empty_translation_target_list"}


@pytest.mark.parametrize("max_delay", [0.01, 0.7, 60])
def test_delays_out_of_bounds_are_bent_to_them(scripted, talk, raw, max_delay):
    heard = talk("rt", scripted, raw(7), format=RAW, transcription={"max_delay": max_delay}).heard()
    assert (heard.end, heard.text()) == ({"ended": "well"}, sentences(2))
    assert not heard.all("Error")
