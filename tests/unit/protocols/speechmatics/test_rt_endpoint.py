"""Where realtime sessions are reached, in the server's own application."""

import pytest
from starlette.testclient import WebSocketDenialResponse

HERE = {"host": "127.0.0.1"}


def start(socket, language="en"):
    socket.send_json({"message": "StartRecognition", "transcription_config": {"language": language}})
    return socket.receive_json()


@pytest.mark.parametrize("path", ["/speech/v2", "/speech/v2/", "/speech/v2/en", "/speech/", "/speech"])
def test_below_the_path_prefix_and_without_a_key_in_open_mode(open_desk, path):
    with open_desk.client.websocket_connect(path, headers=HERE) as socket:
        assert start(socket)["message"] == "RecognitionStarted"


@pytest.mark.parametrize("path", ["/v2", "/speech/v3", "/speech/v2/en/more", "/speechless/v2"])
def test_nowhere_else(open_desk, path):
    with pytest.raises(WebSocketDenialResponse) as refused, open_desk.client.websocket_connect(path, headers=HERE):
        pass
    assert refused.value.status_code == refused.value.json()["code"] == 404


def test_the_language_of_the_path_is_that_of_the_session(desk):
    with desk.client.websocket_connect(f"/v2/ja?jwt={desk.key}") as socket:
        socket.send_json({"message": "StartRecognition", "transcription_config": {}})
        assert socket.receive_json()["type"] == "invalid_model"


def test_refusals_are_counted(desk):
    with pytest.raises(WebSocketDenialResponse), desk.client.websocket_connect("/v2?jwt=nonsense"):
        pass
    assert 'dragoman_realtime_refused_total{code="credential_malformed"}' in desk.client.get("/metrics").text
