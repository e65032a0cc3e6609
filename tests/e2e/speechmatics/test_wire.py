"""What no client does on purpose, and what all of them rely on without saying: over a bare WebSocket."""

import json
import urllib.error
import urllib.request
from contextlib import contextmanager
from socket import SHUT_RDWR

import pytest
from tests.e2e.speechmatics.conftest import RAW, sentences
from tests.e2e.speechmatics.plans import Heard
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

FORMAT = {"type": "raw", **RAW}
SECOND = bytes(16_000)


def start(**fields):
    return {"message": "StartRecognition", "audio_format": FORMAT, "transcription_config": {"language": "en"}} | fields


@contextmanager
def dialled(server, path="/v2", *, key="", query=""):
    headers = {"Authorization": f"Bearer {key or server.key}"} if key is not None else {}
    with connect(
        f"{server.websocket}{path}{query}", additional_headers=headers, open_timeout=20, close_timeout=5
    ) as socket:
        yield socket


def told(socket, message):
    socket.send(json.dumps(message))


def read(socket, until=None):
    """Messages up to one of that name, or to the close."""
    heard = Heard()
    while until is None or heard.names[-1:] != [until]:
        try:
            frame = socket.recv(timeout=30)
        except ConnectionClosed as closed:
            heard.end = {"code": closed.rcvd.code if closed.rcvd else 1006}
            break
        assert isinstance(frame, str), "a browser would get a Blob"
        heard.messages.append(json.loads(frame))
    return heard


def session(server, path="/v2", seconds=3, *, key="", query="", last_seq_no=0, **fields):
    """A whole session, whose client closes when it was told of the end."""
    with dialled(server, path, key=key, query=query) as socket:
        told(socket, start(**fields))
        for _ in range(seconds):
            socket.send(SECOND)
        told(socket, {"message": "EndOfStream", "last_seq_no": last_seq_no})
        return read(socket, until="EndOfTranscript")


def test_point_13_the_last_number_of_a_client_is_not_believed(scripted):
    for number in (0, 1, 99):
        assert session(scripted, last_seq_no=number).text() == sentences(1)


def test_point_16_the_server_lingers_for_the_client_to_close(scripted):
    """It answers a ping after its last message, so it was not what closed; left alone, it closes with 1000."""
    with dialled(scripted) as socket:
        told(socket, start())
        told(socket, {"message": "EndOfStream", "last_seq_no": 0})
        read(socket, until="EndOfTranscript")
        assert socket.ping().wait(timeout=10)
        assert read(socket).end == {"code": 1000}


def test_point_17_messages_are_text(scripted):
    """``read`` looks at every frame."""
    heard = session(scripted, translation_config={"target_languages": ["es"], "enable_partials": True})
    assert heard.names[-1] == "EndOfTranscript"


@pytest.mark.parametrize("path", ["/v2", "/v2/", "/v2/en", "/"])
def test_point_19_every_path_that_clients_use(scripted, path):
    assert session(scripted, path).text() == sentences(1)


def test_point_21_a_key_in_the_header_or_in_the_query(scripted):
    assert session(scripted).text() == sentences(1)
    assert session(scripted, key=None, query=f"?jwt={scripted.key}").text() == sentences(1)


def test_point_22_what_is_not_known_in_the_query_is_ignored(scripted):
    query = "?sm-sdk=python-5.0.0&sm-app=demo&sm-enable-legacy-rt=true&more"
    assert session(scripted, query=query).text() == sentences(1)


@pytest.mark.parametrize(
    ("key", "query"), [("nonsense", ""), (None, ""), (None, "?jwt=nonsense"), ("None", "")], ids=str
)
def test_point_24_who_is_refused_is_told_so_in_json(scripted, key, query):
    with pytest.raises(InvalidStatus) as refused, dialled(scripted, key=key, query=query):
        pass
    assert refused.value.response.status_code == 401
    assert json.loads(refused.value.response.body).keys() >= {"code", "error", "detail"}


def test_point_30_no_language_to_translate_to(scripted):
    heard = session(scripted, translation_config={"target_languages": []})
    assert heard.text() == sentences(1)
    assert list(heard.reasons) == ["empty_translation_target_list"]


def test_point_35_a_max_delay_of_five(scripted):
    heard = session(scripted, transcription_config={"language": "en", "max_delay": 5.0})
    assert heard.text() == sentences(1)
    assert not heard.all("Error")


@pytest.mark.parametrize(
    ("body", "status"), [({"ttl": 60}, 201), ({"ttl": 60, "region": "eu", "client_ref": "x"}, 201), ({"ttl": 59}, 422)]
)
def test_point_37_temporary_keys_as_the_clients_ask_for_them(scripted, body, status):
    request = urllib.request.Request(
        f"{scripted.url}/v1/api_keys?type=rt&sm-sdk=python-5.0.0",
        data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {scripted.key}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request) as answer:
            code, answered = answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as refused:
        code, answered = refused.code, json.loads(refused.read())
    assert code == status
    if status == 201:
        assert answered.keys() >= {"apikey_id", "key_value"}
        assert answered["apikey_id"] is None
        assert session(scripted, key=answered["key_value"]).text() == sentences(1)
    else:
        assert "60" in answered["message"]


@pytest.mark.parametrize("politely", [False, True])
@pytest.mark.parametrize("when", ["before its start", "after its start", "while it speaks", "after its end"])
def test_a_client_that_goes_away_gives_its_place_back_at_once(scripted, when, politely):
    """The server lets in one session at a time."""
    with dialled(scripted) as socket:
        if when != "before its start":
            told(socket, start(translation_config={"target_languages": ["es"]}))
        if when in {"while it speaks", "after its end"}:
            read(socket, until="RecognitionStarted")
            for _ in range(20):
                socket.send(SECOND)
        if when == "after its end":
            told(socket, {"message": "EndOfStream", "last_seq_no": 20})
        if not politely:
            socket.socket.shutdown(SHUT_RDWR)
    assert session(scripted).text() == sentences(1)


def test_one_session_more_than_allowed(scripted):
    """An Error with the code that clients know to try again after, and only once they have said what they want."""
    with dialled(scripted) as first:
        told(first, start())
        read(first, until="RecognitionStarted")
        with dialled(scripted) as second:
            told(second, start())
            heard = read(second)
        assert heard.names[-1] == "Error"
        assert heard.one("Error")["type"] == "quota_exceeded"
        assert heard.end == {"code": 4005}
        told(first, {"message": "EndOfStream", "last_seq_no": 0})
        assert read(first).names[-1] == "EndOfTranscript"
    assert session(scripted).text() == sentences(1)


def test_sessions_in_quick_succession(scripted):
    for _ in range(5):
        assert session(scripted).names[-1] == "EndOfTranscript"


@pytest.mark.parametrize(
    ("frames", "kind", "code"),
    [
        (["{", start()], "invalid_message", {1003, 1008}),
        ([{"message": "StartRecognition"}], "invalid_message", {1003, 1008}),
        ([start(transcription_config={})], "invalid_message", {1003, 1008}),
        ([start(transcription_config={"language": "tlh"})], "invalid_model", {4004}),
        ([start(transcription_config={"language": "is"})], "invalid_model", {4004}),
        ([start(audio_format={"type": "raw", "encoding": "mp3", "sample_rate": 8000})], "invalid_audio_type", {1003}),
        ([start(audio_format={"type": "raw", "encoding": "mulaw"})], None, {1003, 1008}),
        ([SECOND], "protocol_error", {1003}),
        ([start(), start()], "protocol_error", {1003}),
    ],
    ids=["json", "empty", "no-language", "no-such-language", "not-heard", "encoding", "rate", "audio-first", "twice"],
)
def test_what_is_not_understood_is_an_error_and_the_end(scripted, frames, kind, code):
    with dialled(scripted) as socket:
        for frame in frames:
            socket.send(frame if isinstance(frame, (bytes, str)) else json.dumps(frame))
        heard = read(socket)
    assert heard.names[-1] == "Error", heard
    error = heard.one("Error")
    assert kind is None or error["type"] == kind
    assert heard.end["code"] in code
    assert error["reason"]
    assert "Traceback" not in scripted.log


def test_garbage_is_an_error_long_before_the_end(scripted):
    """The client goes on sending and never says that it is done."""
    with dialled(scripted) as socket:
        told(socket, start(audio_format={"type": "file"}))
        read(socket, until="RecognitionStarted")
        socket.send(b"This is no recording at all. " * 4000)
        heard = read(socket)
    assert heard.one("Error")["type"] == "invalid_audio_type"


def test_audio_that_merely_stops_becomes_final(scripted):
    """Neither silence nor an end is sent after the sentence, only nothing."""
    with dialled(scripted) as socket:
        told(socket, start(transcription_config={"language": "en", "max_delay": 0.7}))
        for _ in range(3):
            socket.send(SECOND)
        heard = read(socket, until="AddTranscript")
        while heard.text() != sentences(1):
            heard.messages += read(socket, until="AddTranscript").messages
    assert not heard.all("EndOfTranscript")


def test_a_translation_put_in_the_wrong_place_is_warned_about(scripted):
    config = {"language": "en", "translation_config": {"target_languages": ["es"]}}
    heard = session(scripted, transcription_config=config)
    assert heard.text() == sentences(1)
    assert any("translation_config" in reason for reason in heard.reasons.values())


def test_nothing_said_is_logged(scripted):
    assert session(scripted, translation_config={"target_languages": ["es"]}).text() == sentences(1)
    assert not [word for word in ("sentence number", "frase", scripted.key) if word in scripted.log]
