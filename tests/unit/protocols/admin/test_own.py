from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
from starlette.testclient import WebSocketDenialResponse

from dragoman.core.capabilities import Capabilities, Heard, Obtainable, Translated
from dragoman.core.quality import Figure
from dragoman.protocols.admin.bodies import CapabilitiesAnswer


def token(desk, **wanted):
    return desk.ask("POST", "/v1/tokens", wanted, key=desk.key)


def test_a_token_is_accepted_wherever_a_key_is(desk):
    made = token(desk, ttl=60, scopes=["live_speech"])
    assert made.status_code == 201
    assert made.json()["scopes"] == ["live_speech"]
    left = datetime.fromisoformat(made.json()["expires_at"]) - datetime.now(UTC)
    assert timedelta(seconds=0) < left <= timedelta(seconds=60)
    assert desk.ask("GET", "/v1/account", key=made.json()["token"]).json()["name"] == "demo"
    query = f"/socket.io/?EIO=4&transport=websocket&jwt={made.json()['token']}"
    with desk.client.websocket_connect(query) as socket:
        assert socket.receive_text().startswith("0")
        socket.send_text("40/api/realtime-translator,")
        assert socket.receive_text().startswith('40/api/realtime-translator,{"sid"')


def test_a_token_dies_with_its_key(desk):
    made = desk.ask("POST", "/v1/accounts/demo/keys", {}).json()
    short = desk.ask("POST", "/v1/tokens", {"ttl": 86_400}, key=made["key"]).json()["token"]
    assert desk.ask("GET", "/v1/account", key=short).status_code == 200
    desk.ask("DELETE", f"/v1/keys/{made['id']}")
    assert desk.ask("GET", "/v1/account", key=short).json()["code"] == "credential_revoked"


@pytest.mark.parametrize(
    "wanted",
    [{}, {"ttl": 59}, {"ttl": 86_401}, {"ttl": 60.0}, {"ttl": "60"}, {"ttl": True}, {"ttl": 60, "scopes": []}],
)
def test_what_is_no_token(desk, wanted):
    refused = token(desk, **wanted)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_message")


def test_a_token_is_no_way_to_more(desk):
    assert token(desk, ttl=60, scopes=["admin"]).json()["code"] == "scope_missing"
    short = token(desk, ttl=60).json()["token"]
    refused = desk.ask("POST", "/v1/tokens", {"ttl": 60}, key=short)
    assert (refused.status_code, refused.json()["code"]) == (403, "auth_error")


def test_a_session_is_seen_while_it_runs_and_after_it(desk):
    with desk.client.websocket_connect(f"/socket.io/?EIO=4&transport=websocket&apiKey={desk.key}") as socket:
        socket.receive_text()
        socket.send_text("40/api/realtime-translator,")
        socket.receive_text()
        socket.send_text('42/api/realtime-translator,["translation_start",{"targetLanguage":"es"}]')
        while "ready_for_audio" not in socket.receive_text():
            pass
        own = desk.ask("GET", "/v1/account", key=desk.key).json()
        (session,) = own["sessions"]
        assert (session["product"], session["source"], session["targets"]) == ("live_speech", "en", ["es"])
        assert own["reserved"] > 0
        assert own["balance"] == own["reserved"] + own["available"]
        assert desk.ask("GET", "/v1/limits", key=desk.key).json()["running"] == 1
        socket.send_text('42/api/realtime-translator,["translation_stop"]')
        while "translation_closed" not in socket.receive_text():
            pass
    after = desk.ask("GET", "/v1/account", key=desk.key).json()
    assert (after["sessions"], after["reserved"]) == ([], 0)
    row = desk.ask("GET", "/v1/usage?limit=1", key=desk.key).json()[0]
    assert (row["session_id"], row["tokens"]) == (session["id"], own["balance"] - after["balance"])
    assert row in desk.ask("GET", "/v1/accounts/demo/usage").json()
    assert desk.ask("GET", "/v1/usage?limit=0", key=desk.key).status_code == 422
    counted = desk.client.get("/metrics").text
    for name in ("sessions_started", "sessions_ended", "seconds", "tokens", "audio_seconds"):
        assert f"dragoman_live_{name}_total" in counted


def test_a_limit_that_is_hit_is_counted(desk):
    address = f"/socket.io/?EIO=4&transport=websocket&apiKey={desk.key}"
    with ExitStack() as sockets:
        for expected in ("ready_for_audio", "ready_for_audio", "ready_for_audio", "at_capacity"):
            socket = sockets.enter_context(desk.client.websocket_connect(address))
            socket.receive_text()
            socket.send_text("40/api/realtime-translator,")
            socket.receive_text()
            socket.send_text('42/api/realtime-translator,["translation_start",{"targetLanguage":"es"}]')
            while expected not in socket.receive_text():
                pass
        counted = desk.client.get("/metrics").text
    assert 'dragoman_live_limits_hit_total{code="at_capacity"}' in counted
    assert 'dragoman_live_sessions_refused_total{code="at_capacity"}' in counted


def test_what_the_server_can_do(desk):
    can = desk.ask("GET", "/v1/capabilities", key=desk.key).json()
    (english,) = (heard for heard in can["heard"] if heard["language"] == "en")
    assert english == {
        "language": "en",
        "engine": "scripted",
        "streaming": True,
        "vocabulary": english["vocabulary"],
        "figure": None,
    }
    (pair,) = (pair for pair in can["translated"] if (pair["source"], pair["target"]) == ("en", "es"))
    assert (pair["figure"], pair["estimate"], pair["from_speech"]) == (None, None, False)
    (spanish,) = (spoken for spoken in can["spoken"] if spoken["language"] == "es")
    assert (spanish["figure"], spanish["cost"]) == (None, 0.0)
    limits = desk.ask("GET", "/v1/limits", key=desk.key).json()
    assert (limits["sessions"], limits["sessions_per_account"]) == (3, 10)
    assert limits["tokens_per_second"] == {"live_speech": 1, "realtime": 1, "batch": 1}
    assert desk.ask("GET", "/v1/limits", key="").status_code == 401


def test_capabilities_tell_how_good_they_are_and_what_could_be_pulled():
    able = Capabilities(
        heard=(Heard("de", "whisper:base", streaming=True, figure=Figure("WER", 0.075, "18 clips")),),
        translated=(Translated("de", "en", ("whisper:base",), better=("firefox:de-en",), from_speech=True),),
        spoken=(),
        obtainable=(Obtainable("de", "cs", ("firefox:de-en", "firefox:en-cs")),),
    )
    answer = CapabilitiesAnswer.model_validate(able).model_dump(mode="json")
    assert answer["heard"][0]["figure"] == {"metric": "WER", "value": 0.075, "dataset": "18 clips"}
    assert answer["translated"][0]["from_speech"]
    assert answer["translated"][0]["better"] == ["firefox:de-en"]
    assert answer["obtainable"] == [{"source": "de", "target": "cs", "models": ["firefox:de-en", "firefox:en-cs"]}]


SOCKETIO = "ws://127.0.0.1:8090/speech/socket.io/?EIO=4&transport=websocket"


def test_open_mode_needs_no_key_and_takes_no_tokens(open_desk):
    own = open_desk.ask("GET", "/speech/v1/account", key="").json()
    assert (own["name"], own["balance"]) == ("open", 0)
    assert open_desk.ask("GET", "/speech/v1/accounts", key="").json()["code"] == "scope_missing"
    assert open_desk.ask("GET", "/speech/v1/account", key="made-up").json() == own
    assert open_desk.ask("GET", "/speech/v1/accounts", key="made-up").json()["code"] == "scope_missing"
    assert open_desk.ask("POST", "/speech/v1/tokens", {"ttl": 60}, key="").json()["code"] == "auth_error"
    with open_desk.client.websocket_connect(SOCKETIO) as socket:
        socket.receive_text()
        socket.send_text("40/api/realtime-translator,")
        socket.receive_text()
        socket.send_text('42/api/realtime-translator,["translation_start",{"targetLanguage":"es"}]')
        while "ready_for_audio" not in socket.receive_text():
            pass
        socket.send_text('42/api/realtime-translator,["translation_stop"]')
        while "translation_closed" not in (last := socket.receive_text()):
            pass
    assert '"tokens":0' in last
    (row,) = open_desk.ask("GET", "/speech/v1/usage", key="").json()
    assert (row["key_id"], row["tokens"]) == (None, 0)


def test_pages_of_named_origins_may_call(open_desk):
    def allowed(origin):
        answer = open_desk.client.get("/speech/healthz", headers={"Origin": origin})
        return answer.headers.get("access-control-allow-origin")

    assert allowed("https://app.example") == "https://app.example"
    assert allowed("https://evil.example") is None


@pytest.mark.parametrize("headers", [{"host": "evil.example:8090"}, {"origin": "https://evil.example"}])
def test_in_open_mode_no_foreign_page_gets_anywhere(open_desk, headers):
    for path in ("/speech/v1/account", "/speech/healthz", "/speech/socket.io/?EIO=4&transport=polling", "/"):
        assert open_desk.client.get(path, headers=headers).status_code == 403
    with (
        pytest.raises(WebSocketDenialResponse) as refused,
        open_desk.client.websocket_connect(SOCKETIO, headers=headers),
    ):
        raise AssertionError("never inside")
    assert (refused.value.status_code, refused.value.json()["retryable"]) == (403, False)
