import jwt
import pytest


def temporary(desk, body, query="?type=rt", path="/v1/api_keys", key=None):
    return desk.ask("POST", f"{path}{query}", body, key=desk.key if key is None else key)


def claims(answer):
    return jwt.decode(answer.json()["key_value"], options={"verify_signature": False})


@pytest.mark.parametrize("path", ["/v1/api_keys", "/v1/api-keys"])
@pytest.mark.parametrize(("query", "scope"), [("?type=rt", "realtime"), ("?type=batch", "batch"), ("", "batch")])
def test_point_37_a_temporary_key_is_made_as_the_clients_expect(desk, path, query, scope):
    made = temporary(desk, {"ttl": 60}, f"{query}{'&' if query else '?'}sm-sdk=js-1", path)
    assert made.status_code == 201
    assert made.json().keys() == {"apikey_id", "key_value"}
    assert made.json()["apikey_id"] is None
    assert claims(made)["scopes"] == [scope]


@pytest.mark.parametrize("ttl", [60, 3600, 86_400])
def test_it_lives_for_exactly_as_long_as_was_asked(desk, ttl):
    found = claims(temporary(desk, {"ttl": ttl, "region": "eu", "client_ref": "x", "more": 1}))
    assert found["exp"] - found["iat"] == ttl


def test_only_a_batch_key_belongs_to_one_user(desk):
    assert claims(temporary(desk, {"ttl": 60, "client_ref": "ada"}, "?type=batch"))["ref"] == "ada"
    assert "ref" not in claims(temporary(desk, {"ttl": 60, "client_ref": "ada"}))


def test_it_opens_a_session_and_nothing_else(desk):
    key = temporary(desk, {"ttl": 60}).json()["key_value"]
    with desk.client.websocket_connect(f"/v2?jwt={key}") as socket:
        socket.send_json({"message": "StartRecognition", "transcription_config": {"language": "en"}})
        assert socket.receive_json()["message"] == "RecognitionStarted"
        socket.send_json({"message": "EndOfStream", "last_seq_no": 0})
        assert socket.receive_json() == {"message": "EndOfTranscript"}
    refused = temporary(desk, {"ttl": 60}, key=key)
    assert (refused.status_code, refused.json()["error"]) == (403, "Forbidden")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"ttl": 59}, "ttl in body should be greater than or equal to 60"),
        ({"ttl": 86_401}, "ttl in body should be less than or equal to 86400"),
        ({}, "ttl in body is required"),
        ({"ttl": "60"}, "ttl in body must be of type integer"),
        ({"ttl": 60.5}, "ttl in body must be of type integer"),
        ([], "body in body is wrong"),
    ],
)
def test_point_38_a_bad_request_says_why_where_each_client_looks(desk, body, message):
    refused = temporary(desk, body)
    assert refused.status_code == refused.json()["code"] == 422
    assert refused.json()["message"] == refused.json()["detail"]
    assert refused.json()["message"].startswith(message)
    assert refused.json()["error"] == "Unprocessable Entity"


def test_keys_are_made_for_what_there_is(desk):
    assert temporary(desk, {"ttl": 60}, "?type=tts").status_code == 422


@pytest.mark.parametrize("key", ["", "nonsense"])
def test_without_a_good_key_there_is_none(desk, key):
    refused = temporary(desk, {"ttl": 60}, key=key)
    assert (refused.status_code, refused.json()["error"]) == (401, "Permission Denied")
    assert refused.json()["detail"]
