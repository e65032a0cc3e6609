import json

import pytest

from dragoman.protocols.socketio.handshake import objection


def scope(query="EIO=4&transport=websocket", kind="websocket", **headers):
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    return {"type": kind, "query_string": query.encode(), "headers": raw, "client": ("10.0.0.7", 5)}


def test_programs_send_no_origin_and_are_welcome():
    assert objection(scope(), ()) is None
    assert objection(scope("apiKey=k&EIO=4&transport=websocket"), ()) is None


@pytest.mark.parametrize("query", ["", "transport=websocket", "EIO=3&transport=websocket"])
def test_old_clients_are_told_which_version_is_spoken(query):
    status, body = objection(scope(query), ())
    assert status == 400
    assert json.loads(body)["code"] == 5


def test_polling_is_told_which_transport_is_offered():
    status, body = objection(scope("EIO=4&transport=polling", kind="http"), ())
    assert status == 400
    assert json.loads(body) == {"code": 0, "message": "Transport unknown; use transports: ['websocket']"}


@pytest.mark.parametrize(
    ("origin", "origins", "welcome"),
    [
        ("https://app.example", (), False),
        ("https://app.example", ("https://app.example",), True),
        ("http://app.example", ("https://app.example",), False),
        ("https://app.example.evil.example", ("https://app.example",), False),
        ("https://app.example", ("*",), True),
        ("http://speech.example:8090", (), True),
        ("http://speech.example", (), False),
        ("null", (), False),
    ],
)
def test_origins(origin, origins, welcome):
    refused = objection(scope(host="speech.example:8090", origin=origin), origins)
    assert (refused is None) == welcome
    assert refused is None or refused[0] == 403
