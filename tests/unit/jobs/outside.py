"""Somebody else's web server, on this machine."""

import socket
from contextlib import asynccontextmanager

from aiohttp import web

from dragoman.jobs.addresses import networks
from dragoman.jobs.outbound import OutboundLimits, open_outbound

LOOPBACK = networks(["127.0.0.1"])


class Outside:
    """Answers what the test says, and remembers what came."""

    def __init__(self):
        self.answers = {}
        self.requests = []
        self.url = ""

    async def handle(self, request):
        self.requests.append((request.method, request.path_qs, dict(request.headers), await request.read()))
        answer = self.answers[request.path]
        if not isinstance(answer, web.Response):
            return await answer(request)
        return web.Response(status=answer.status, headers=answer.headers, body=answer.body)  # one can be sent once


@asynccontextmanager
async def outside(ssl_context=None):
    there = Outside()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", there.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    listener = socket.create_server(("127.0.0.1", 0))
    await web.SockSite(runner, listener, ssl_context=ssl_context).start()
    there.url = f"{'https' if ssl_context else 'http'}://127.0.0.1:{listener.getsockname()[1]}"
    try:
        yield there
    finally:
        await runner.cleanup()


def reaching(allowed=LOOPBACK, **limits):
    return open_outbound(allowed, OutboundLimits(**({"idle": 1.0, "total": 5.0, "answer": 1.0} | limits)))
