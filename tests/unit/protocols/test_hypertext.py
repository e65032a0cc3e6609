import asyncio
from contextlib import asynccontextmanager

import anyio
import pytest
import uvicorn
from uvicorn.server import ServerState

from dragoman.protocols import hypertext
from dragoman.protocols.hypertext import BoundedHttp
from dragoman.protocols.websocket import BoundedWebSocket

pytestmark = pytest.mark.anyio

HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n"
UPGRADE = (
    b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
LONG = 0.2


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(hypertext, "LONGEST_HEAD", LONG)


async def application(scope, receive, send):
    """Repeats what it gets."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": (await receive())["text"]})
        return
    body = b""
    while len(body) < 2:
        body += (await receive())["body"]
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def connected():
    config = uvicorn.Config(application, ws=BoundedWebSocket, log_config=None)
    config.load()
    server = await asyncio.get_running_loop().create_server(
        lambda: BoundedHttp(config=config, server_state=ServerState(), app_state={}), "127.0.0.1", 0
    )
    async with server, await anyio.connect_tcp(*server.sockets[0].getsockname()) as stream:
        yield stream


async def until(stream, end):
    got = b""
    while not got.endswith(end):
        got += await stream.receive()
    return got


ENDED = (anyio.EndOfStream, anyio.BrokenResourceError)


async def dribble(stream):
    while True:
        await stream.send(b"X-Slow: 1\r\n")
        await anyio.sleep(LONG / 20)


async def test_whoever_says_nothing_is_dropped():
    async with connected() as stream:
        with pytest.raises(ENDED):
            await stream.receive()


async def test_whoever_never_ends_the_head_is_dropped():
    async with connected() as stream, anyio.create_task_group() as group:
        await stream.send(HEAD)
        group.start_soon(dribble, stream)
        with pytest.raises(ENDED):
            await stream.receive()
        group.cancel_scope.cancel()


async def test_the_head_of_a_later_request_is_bounded_too():
    async with connected() as stream, anyio.create_task_group() as group:
        await stream.send(HEAD + b"\r\nab")
        await until(stream, b"ab")
        await stream.send(HEAD)
        group.start_soon(dribble, stream)
        with pytest.raises(ENDED):
            await stream.receive()
        group.cancel_scope.cancel()


async def test_after_the_head_there_is_time():
    async with connected() as stream:
        for _ in range(2):
            await stream.send(HEAD + b"\r\na")
            await anyio.sleep(2 * LONG)
            await stream.send(b"b")
            assert (await until(stream, b"ab")).startswith(b"HTTP/1.1 200")


async def test_a_websocket_has_all_the_time():
    async with connected() as stream:
        await stream.send(UPGRADE)
        assert (await until(stream, b"\r\n\r\n")).startswith(b"HTTP/1.1 101")
        await anyio.sleep(2 * LONG)
        await stream.send(b"\x81\x82\0\0\0\0ok")
        assert (await until(stream, b"ok")) == b"\x81\x02ok"
