"""What is sent to whoever waits for a job."""

import email
import email.policy

import pytest
from aiohttp import web
from tests.unit.jobs.outside import outside, reaching

from dragoman.core.errors import OutboundFailed
from dragoman.core.options import Notification
from dragoman.jobs.notify import Document, content_name, notify, wanted

pytestmark = pytest.mark.anyio

JSON = Document("transcript.json-v2", b'{"format": "2.9"}')
TXT = Document("transcript.txt", "Übung".encode())


@pytest.fixture
async def there():
    async with outside() as server:
        server.answers["/hook"] = web.Response(status=204)
        yield server


async def sent(there, documents, path="/hook", outcome="success", **more):
    async with reaching() as outbound:
        await notify(outbound, Notification(there.url + path, **more), "a1b2c3d4e5", outcome, documents)
    return there.requests[-1]


def parts(headers, body):
    kind = f"Content-Type: {headers['Content-Type']}\r\n\r\n".encode()
    message = email.message_from_bytes(kind + body, policy=email.policy.HTTP)
    return {
        part.get_param("name", header="content-disposition"): (part.get_content_type(), part.get_payload(decode=True))
        for part in message.iter_parts()
    }


async def test_who_and_what_stands_in_the_query(there):
    method, path, headers, body = await sent(there, (), contents=(), auth_headers=("X-Key: k",))
    assert (method, path, body) == ("POST", "/hook?id=a1b2c3d4e5&status=success", b"")
    assert headers["X-Key"] == "k"
    method, path, _, _ = await sent(there, (), path="/hook?a=b", outcome="error", contents=(), method="put")
    assert (method, path) == ("PUT", "/hook?a=b&id=a1b2c3d4e5&status=error")


async def test_one_document_is_the_body_itself(there):
    _, _, headers, body = await sent(there, (TXT,), contents=("transcript.txt",))
    assert (headers["Content-Type"], body) == ("text/plain; charset=utf-8", TXT.data)


async def test_several_are_parts_by_name(there):
    _, _, headers, body = await sent(there, (JSON, TXT), contents=("transcript", "transcript.txt"))
    assert parts(headers, body) == {
        "transcript.json-v2": ("application/json", JSON.data),
        "transcript.txt": ("text/plain", TXT.data),
    }


async def test_without_a_word_about_contents_it_is_one_attached_file(there):
    _, _, headers, body = await sent(there, (JSON,))
    assert parts(headers, body) == {"data_file": ("application/json", JSON.data)}


async def test_a_recording_is_streamed(there):
    async def pieces():
        for _ in range(3):
            yield b"sound"

    _, _, headers, body = await sent(there, (Document("data", pieces()),), contents=("data",))
    assert (headers["Content-Type"], body) == ("application/octet-stream", b"soundsoundsound")


@pytest.mark.parametrize(("status", "again"), [(500, True), (404, False), (302, False)])
async def test_whoever_does_not_take_it_is_an_error(there, status, again):
    there.answers["/hook"] = web.Response(status=status)
    with pytest.raises(OutboundFailed, match=f"http status code {status}") as caught:
        await sent(there, (), contents=())
    assert caught.value.retryable is again


async def test_nobody_behind_us_is_told(there):
    async with reaching(allowed=()) as outbound:
        with pytest.raises(OutboundFailed, match="not a public address"):
            await notify(outbound, Notification(there.url), "a", "success", ())
    assert there.requests == []


def test_contents_by_all_their_names():
    assert content_name("transcript") == content_name("transcript:json-v2") == "transcript.json-v2"
    assert content_name("alignment") == "alignment.word_start_and_end"
    assert content_name("nonsense") is None


def test_after_an_error_there_is_only_the_job_to_tell_of():
    asked = Notification("http://x", ("jobinfo", "transcript", "data"))
    assert wanted(asked, "success") == ("jobinfo", "transcript.json-v2", "data")
    assert wanted(asked, "fetch_error") == ("jobinfo",)
    assert wanted(Notification("http://x"), "success") == ("transcript.json-v2",)
    assert wanted(Notification("http://x", ()), "success") == ()
