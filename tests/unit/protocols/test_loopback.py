import json

import pytest

from dragoman.protocols.loopback import OwnMachine, is_loopback

pytestmark = pytest.mark.anyio


async def answer_of(kind="http", host="localhost:8090", origin=None, origins=()):
    """Status and code of a refusal; None when the application was reached."""
    answers = []

    async def application(scope, receive, send):
        answers.append(None)

    async def send(message):
        answers.append(message)

    headers = {"host": host, "origin": origin}
    raw = [(name.encode(), value.encode()) for name, value in headers.items() if value is not None]
    await OwnMachine(application, origins)({"type": kind, "headers": raw}, None, send)
    if answers == [None]:
        return None
    begin, body = answers
    prefix = "websocket.http" if kind == "websocket" else "http"
    assert (begin["type"], body["type"]) == (f"{prefix}.response.start", f"{prefix}.response.body")
    told = json.loads(body["body"])
    assert set(told) == {"code", "message", "remedy", "retryable"}
    return begin["status"], told["code"]


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    "host",
    ["localhost", "LocalHost:8090", "127.0.0.1", "127.0.0.1:1", "127.255.0.3:65535", "[::1]", "[::1]:8090"],
)
async def test_names_of_this_machine(kind, host):
    assert await answer_of(kind, host) is None


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "evil.example:8090", "localhost.evil.example", "127.0.0.1.evil.example", "192.168.1.2", "",
        "[2001:db8::1]", "0.0.0.0", "evil.example@localhost", "localhost@evil.example", "localhost/evil", "[::1", None,
    ],
)  # fmt: skip
async def test_other_names_are_refused_because_they_may_have_been_pointed_here(kind, host):
    assert await answer_of(kind, host) == (403, "foreign_host")


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    ("origin", "origins", "answer"),
    [
        ("http://localhost:8090", (), None),
        ("http://localhost:3000", (), (403, "foreign_origin")),
        ("http://localhost:3000", ("http://localhost:3000",), None),
        ("https://evil.example", (), (403, "foreign_origin")),
        ("https://evil.example", ("*",), None),
        ("null", (), (403, "foreign_origin")),
    ],
)
async def test_pages_of_other_origins_are_refused_unless_they_are_named(kind, origin, origins, answer):
    assert await answer_of(kind, origin=origin, origins=origins) == answer


async def test_the_lifespan_passes():
    assert await answer_of("lifespan", host="evil.example") is None


@pytest.mark.parametrize(
    ("host", "answer"), [("localhost", True), ("127.9.9.9", True), ("::1", True), ("10.0.0.1", False)]
)
def test_addresses(host, answer):
    assert is_loopback(host) == answer
