"""What no batch client does on purpose, and what some rely on without saying: over a bare connection."""

import json
import socket
import time
import urllib.error
import urllib.request

import pytest
from tests.e2e.servers import SCRIPTED

CONFIG = {"type": "transcription", "transcription_config": {"language": "en"}}


def form(recording, config=CONFIG):
    return (
        b'--it\r\nContent-Disposition: form-data; name="config"\r\n\r\n'
        + json.dumps(config).encode()
        + b'\r\n--it\r\nContent-Disposition: form-data; name="data_file"; filename="a.wav"\r\n\r\n'
        + recording
        + b"\r\n--it--\r\n"
    )


def ask(url, method="GET", body=None, **headers):
    """Status, headers and body."""
    if body is not None:
        headers["Content-Type"] = "multipart/form-data; boundary=it"
    asked = urllib.request.Request(url, body, {k.replace("_", "-"): v for k, v in headers.items()}, method=method)
    try:
        with urllib.request.urlopen(asked) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.code, answer.headers, answer.read()


def left_behind(server):
    return [path for path in (server.folder / "blobs").rglob("*") if path.is_file()]


def raw(server, head, *pieces):
    connection = socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])), timeout=30)
    connection.sendall(head.replace("\n", "\r\n").encode())
    for piece in pieces:
        connection.sendall(piece)
    return connection


def head(server, length):
    return (
        f"POST /v2/jobs HTTP/1.1\nHost: 127.0.0.1\nAuthorization: Bearer {server.key}\n"
        f"Content-Type: multipart/form-data; boundary=it\nContent-Length: {length}\n\n"
    )


def until(condition):
    """Waits for what is about to become true."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_client_that_leaves_in_the_middle_leaves_nothing(serve):
    server = serve(*SCRIPTED)
    whole = form(bytes(4 << 20))
    connection = raw(server, head(server, len(whole)), whole[: 3 << 20])
    until(lambda: left_behind(server))
    connection.close()
    until(lambda: not left_behind(server))
    status, _, body = ask(f"{server.url}/v2/jobs?include_deleted=true", Authorization=f"Bearer {server.key}")
    assert (status, json.loads(body)) == (200, {"jobs": []})
    assert server.account() == {"balance": 1000, "reserved": 0, "available": 1000}
    assert "request_failed" not in server.log


def test_who_is_refused_in_the_middle_of_an_upload_reads_why(serve, wav):
    """The answer waits for the rest of a body, and the connection is good for the next request."""
    server = serve(*SCRIPTED)
    server.key = "nonsense"
    whole = form(bytes(2 << 20))
    with raw(server, head(server, len(whole)), whole) as connection:
        answer = b""
        while b'"detail"' not in answer:
            answer += connection.recv(65_536)
    assert answer.startswith(b"HTTP/1.1 401")
    assert b"request-id: " in answer.lower()
    assert not left_behind(server)


def test_in_open_mode_whoever_shows_no_key_is_welcome(serve, wav):
    """Some clients write "Bearer None" then, others do not start without a key. Nothing costs anything."""
    server = serve(*SCRIPTED, SERVER_OPEN="true")
    recording = wav("a.wav", bytes(32_000 * 3)).read_bytes()
    for headers in ({}, {"Authorization": "Bearer None"}, {"Authorization": "Bearer made-up"}):
        status, _, body = ask(f"{server.url}/v2/jobs?wait=60&format=txt", "POST", form(recording), **headers)
        assert (status, json.loads(body).get("txt")) == (201, "This is sentence number 1."), (body, server.log)


def test_below_a_prefix_and_from_a_page_of_another_origin(serve, wav):
    server = serve(*SCRIPTED, path="/speech", SERVER_PATH_PREFIX="/speech", SERVER_CORS_ORIGINS="https://app.example")
    recording = wav("a.wav", bytes(32_000)).read_bytes()
    headers = {"Authorization": f"Bearer {server.key}", "Origin": "https://app.example"}
    status, told, _ = ask(f"{server.url}/speech/v2/jobs/", "POST", form(recording), **headers)
    assert status == 201
    assert told["Access-Control-Allow-Origin"] == "https://app.example"
    assert "Request-Id" in told["Access-Control-Expose-Headers"]
    status, _, body = ask(f"{server.url}/speech/v2/nothing", **headers)
    assert (status, json.loads(body)["error"]) == (404, "Malformed request")
    preflight = {
        "Origin": "https://app.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,idempotency-key",
    }
    assert ask(f"{server.url}/speech/v2/jobs", "OPTIONS", **preflight)[0] == 200


@pytest.mark.parametrize("expect", ["Expect: 100-continue\n", ""])
def test_a_body_that_was_announced_is_asked_for(serve, wav, expect):
    server = serve(*SCRIPTED)
    whole = form(wav("a.wav", bytes(32_000)).read_bytes())
    announced = head(server, len(whole)).replace("\n\n", f"\n{expect}\n")
    with raw(server, announced) as connection:
        if expect:
            assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
        connection.sendall(whole)
        assert connection.recv(1000).startswith(b"HTTP/1.1 201 ")
