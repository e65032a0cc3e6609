from datetime import datetime, timedelta

import pytest


def listed(desk, key_id):
    return next(key for key in desk.ask("GET", "/v1/accounts/demo/keys").json() if key["id"] == key_id)


def test_the_life_of_a_key(desk):
    made = desk.ask("POST", "/v1/accounts/demo/keys", {"scopes": ["batch"], "expires_in": 3600})
    assert made.status_code == 201
    key_id, key = made.json()["id"], made.json()["key"]
    assert key.startswith(f"dgm_{key_id}_")
    seen = listed(desk, key_id)
    assert seen["scopes"] == ["batch"]
    lasts = datetime.fromisoformat(seen["expires_at"]) - datetime.fromisoformat(seen["created_at"])
    assert lasts == timedelta(hours=1)
    assert key not in desk.ask("GET", "/v1/accounts/demo/keys").text
    assert desk.ask("GET", "/v1/account", key=key).json()["name"] == "demo"
    for _ in range(2):
        assert desk.ask("DELETE", f"/v1/keys/{key_id}").status_code == 204
    assert listed(desk, key_id)["revoked_at"] is not None
    refused = desk.ask("GET", "/v1/account", key=key)
    assert (refused.status_code, refused.json()["code"]) == (401, "credential_revoked")


def test_a_key_is_as_configured_when_nothing_is_said(desk):
    for body in ({}, {"expires_in": None}, {"expires_in": "never"}):
        seen = listed(desk, desk.ask("POST", "/v1/accounts/demo/keys", body).json()["id"])
        assert (seen["scopes"], seen["expires_at"]) == (["batch", "live_speech", "realtime"], None)


def test_keys_come_in_pages(desk):
    made = [desk.ask("POST", "/v1/accounts/demo/keys", {}).json()["id"] for _ in range(3)]
    page = desk.ask("GET", f"/v1/accounts/demo/keys?after={made[0]}&limit=2").json()
    assert [key["id"] for key in page] == made[1:]
    assert desk.ask("GET", "/v1/accounts/demo/keys?after=nosuchkey123").json()["code"] == "key_not_found"
    for query in ("limit=0", "limit=1001", "after=%00"):
        assert desk.ask("GET", f"/v1/accounts/demo/keys?{query}").status_code == 422


@pytest.mark.parametrize(
    "body",
    [
        {"scopes": []},
        {"scopes": ["root"]},
        {"scopes": "admin"},
        {"expires_in": 0},
        {"expires_in": True},
        {"expires_in": 10**12},
        {"expires_in": "soon"},
        {"scope": ["batch"]},
    ],
)
def test_what_is_no_key(desk, body):
    assert desk.ask("POST", "/v1/accounts/demo/keys", body).status_code == 422


def test_keys_that_there_are_not(desk):
    assert desk.ask("DELETE", "/v1/keys/nosuchkey123").json()["code"] == "key_not_found"
    assert desk.ask("DELETE", "/v1/keys/%00").status_code == 422
