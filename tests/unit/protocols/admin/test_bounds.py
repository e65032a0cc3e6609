import anyio
import pytest

from dragoman.protocols.admin.bounds import Allowance, Bounds

pytestmark = pytest.mark.anyio


async def test_a_client_that_never_ends_its_request_is_answered():
    answers = []

    async def application(scope, receive, send):
        while (await receive())["more_body"]:
            pass

    async def receive():
        await anyio.sleep_forever()

    async def send(message):
        answers.append(message)

    bounds = Bounds(application, lambda _: Allowance(time=0.05))
    await bounds({"type": "http", "headers": [], "method": "POST"}, receive, send)
    assert [message.get("status") for message in answers] == [408, None]
    assert b"request_timeout" in answers[1]["body"]


async def test_connections_of_other_kinds_pass():
    seen = []

    async def application(scope, receive, send):
        seen.append((receive, send))

    await Bounds(application)({"type": "lifespan"}, "receive", "send")
    assert seen == [("receive", "send")]
