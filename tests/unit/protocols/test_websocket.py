"""uvicorn's WebSocket as we bend it, with a real server and real sockets."""

import asyncio
from contextlib import asynccontextmanager

import anyio
import pytest
import uvicorn
from uvicorn.server import ServerState
from websockets.asyncio.client import connect

from dragoman.protocols.websocket import BoundedWebSocket

pytestmark = pytest.mark.anyio

SHORT, LONG = 0.05, 1.0
"""Seconds between pings, and for their answers. The long one is for tests in which nobody may be given up, however busy
the machine."""


class Application:
    """Takes nothing until it may."""

    def __init__(self):
        self.may_read = anyio.Event()
        self.taken = 0
        self.closed = anyio.Event()

    async def __call__(self, scope, receive, send):
        await receive()
        await send({"type": "websocket.accept"})
        await self.may_read.wait()
        while (message := await receive())["type"] == "websocket.receive":
            self.taken += len(message["bytes"])
        self.closed.set()


@asynccontextmanager
async def served(application, patience=SHORT):
    config = uvicorn.Config(
        application,
        ws_ping_interval=patience,
        ws_ping_timeout=patience,
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
    )
    config.load()
    server = await asyncio.get_running_loop().create_server(
        lambda: BoundedWebSocket(config=config, server_state=ServerState(), app_state={}), "127.0.0.1", 0
    )
    async with server:
        host, port = server.sockets[0].getsockname()
        yield f"ws://{host}:{port}/"


async def upload(client):
    for _ in range(4096):
        await client.send(bytes(4096))


async def test_a_pong_that_waits_behind_its_client_s_own_data_is_waited_for():
    application = Application()
    async with served(application, LONG) as address, connect(address, compression=None, ping_interval=None) as client:
        async with anyio.create_task_group() as group:
            group.start_soon(upload, client)
            await anyio.sleep(2.5 * LONG)
            application.may_read.set()
        await client.close()
        await application.closed.wait()
    assert application.taken == 4096 * 4096


async def test_a_client_that_answers_no_ping_and_says_nothing_is_gone():
    application = Application()
    application.may_read.set()
    async with served(application) as address, connect(address, ping_interval=None, close_timeout=0.1) as client:
        client.transport.pause_reading()
        await application.closed.wait()
