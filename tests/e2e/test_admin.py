"""Administration of a running server: over HTTP, and beside it by the commands on the same data folder."""

import json
import urllib.request

from tests.e2e.servers import SCRIPTED, command
from websockets.sync.client import connect

NAMESPACE = "/api/realtime-translator"


def ask(server, key, method, path, body=None, **headers):
    request = urllib.request.Request(
        server.url + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json", **headers},
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.loads(answer.read() or b"null")


def until(socket, name):
    """The payload of the next event of that name."""
    while True:
        frame = socket.recv(timeout=30)
        if frame == "2":
            socket.send("3")
        elif frame.startswith("42"):
            event, *payload = json.loads(frame.partition(",")[2])
            if event == name:
                return payload[0] if payload else None


def test_from_a_new_account_to_a_key_revoked_in_mid_session(serve):
    server = serve(*SCRIPTED)
    made = command(server.folder, "keys", "create", "--account", "demo", "--scope", "admin", "--json")
    admin = json.loads(made)["key"]
    ask(server, admin, "POST", "/v1/accounts", {"name": "acme", "tokens": 10})
    ask(server, admin, "POST", "/v1/accounts/acme/grants", {"tokens": 490}, **{"Idempotency-Key": "order 1"})
    key = ask(server, admin, "POST", "/v1/accounts/acme/keys", {})
    token = ask(server, key["key"], "POST", "/v1/tokens", {"ttl": 600})["token"]
    address = f"{server.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket&jwt={token}"
    with connect(address) as socket:
        socket.recv()
        socket.send(f"40{NAMESPACE},")
        socket.recv()
        socket.send(f'42{NAMESPACE},["translation_start",{{"targetLanguage":"es"}}]')
        until(socket, "ready_for_audio")
        assert len(ask(server, token, "GET", "/v1/account")["sessions"]) == 1
        ask(server, admin, "DELETE", f"/v1/keys/{key['id']}")
        closed = until(socket, "translation_closed")
    assert closed["reason"] == "revoked"
    account = ask(server, admin, "GET", "/v1/accounts/acme")
    assert account["reserved"] == 0
    assert account["balance"] == 500 - closed["tokens"]
    shown = json.loads(command(server.folder, "accounts", "show", "acme", "--json"))
    assert shown == {name: account[name] for name in shown}
    (row,) = ask(server, admin, "GET", "/v1/accounts/acme/usage")
    assert (row["key_id"], row["seconds"], row["tokens"]) == (key["id"], closed["seconds"], closed["tokens"])
