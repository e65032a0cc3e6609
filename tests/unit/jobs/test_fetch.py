"""Recordings from elsewhere: whole, bounded, and from nowhere behind us."""

import gzip

import anyio
import pytest
from aiohttp import web
from tests.unit.jobs.outside import outside, reaching

from dragoman.core.errors import InvalidOption, OutboundFailed
from dragoman.core.options import Fetch
from dragoman.jobs.addresses import networks
from dragoman.jobs.fetch import fetch
from dragoman.storage.blobs import Blobs

pytestmark = pytest.mark.anyio
KEY = "jobs/a1/input"


@pytest.fixture
async def there():
    async with outside() as server:
        yield server


@pytest.fixture
def blobs(tmp_path):
    return Blobs(str(tmp_path))


async def fetched(there, blobs, path="/a.wav", headers=(), **limits):
    async with reaching(**limits) as outbound:
        return await fetch(outbound, Fetch(there.url + path, headers), blobs, KEY)


async def failed(there, blobs, path="/a.wav", **more):
    with pytest.raises(OutboundFailed) as caught:
        await fetched(there, blobs, path, **more)
    assert await blobs.names("jobs/a1") == []
    return caught.value


async def test_a_recording_is_fetched_with_the_headers_that_were_given(there, blobs):
    there.answers["/a.wav"] = web.Response(body=b"sound" * 100_000)
    assert await fetched(there, blobs, headers=("Authorization: Bearer x",)) == 500_000
    assert await blobs.read(KEY) == b"sound" * 100_000
    (_, _, headers, _) = there.requests[0]
    assert headers["Authorization"] == "Bearer x"
    assert headers["User-Agent"].startswith("Dragoman/")


@pytest.mark.parametrize(("status", "again"), [(404, False), (403, False), (500, True), (503, True), (429, True)])
async def test_what_another_attempt_may_mend(there, blobs, status, again):
    there.answers["/a.wav"] = web.Response(status=status)
    error = await failed(there, blobs)
    assert error.retryable is again
    assert error.message == f"unable to fetch audio: http status code {status}"


async def test_redirects_are_followed_and_credentials_stay_with_their_host(there, blobs):
    async with outside() as elsewhere:
        there.answers["/a.wav"] = web.Response(status=302, headers={"Location": "/b.wav"})
        there.answers["/b.wav"] = web.Response(status=307, headers={"Location": f"{elsewhere.url}/c.wav"})
        elsewhere.answers["/c.wav"] = web.Response(body=b"sound")
        await fetched(there, blobs, headers=("X-Secret: x",))
        assert [headers.get("X-Secret") for _, _, headers, _ in there.requests] == ["x", "x"]
        assert "X-Secret" not in elsewhere.requests[0][2]


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://example.com/a", "gopher://127.0.0.1/"])
async def test_a_redirect_leads_nowhere_but_to_the_web(there, blobs, location):
    there.answers["/a.wav"] = web.Response(status=302, headers={"Location": location})
    assert "redirected" in (await failed(there, blobs)).message


async def test_redirects_end(there, blobs):
    there.answers["/a.wav"] = web.Response(status=302, headers={"Location": "/a.wav"})
    assert "more than 5 redirects" in (await failed(there, blobs)).message
    assert len(there.requests) == 6


async def test_nothing_behind_us_is_reached_also_by_a_redirect(there, blobs):
    error = await failed(there, blobs, allowed=())
    assert error.message == "unable to fetch audio: 127.0.0.1 is not a public address"
    assert not error.retryable
    assert there.requests == []
    async with outside() as behind:
        there.answers["/a.wav"] = web.Response(
            status=302, headers={"Location": behind.url.replace("127.0.0.1", "[::1]")}
        )
        assert "not a public address" in (await failed(there, blobs)).message


@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]", "[::1]"])
async def test_no_spelling_of_this_machine_is_reached(blobs, host):
    async with reaching(allowed=networks(["10.0.0.0/8"])) as outbound:
        with pytest.raises(OutboundFailed):
            await fetch(outbound, Fetch(f"http://{host}:1/a.wav"), blobs, KEY)


async def test_a_name_that_leads_here_is_refused(there, blobs):
    port = there.url.rpartition(":")[2]
    async with reaching(allowed=()) as outbound:
        with pytest.raises(OutboundFailed, match="not a public address"):
            await fetch(outbound, Fetch(f"http://localhost:{port}/a.wav"), blobs, KEY)


async def test_too_much_is_not_taken_announced_or_not(there, blobs):
    async def endless(request):
        answer = web.StreamResponse()
        await answer.prepare(request)
        while True:
            await answer.write(b"x" * 65536)

    there.answers["/a.wav"] = web.Response(body=b"x" * 200_000)
    assert "at most 100000" in (await failed(there, blobs, size=100_000)).message
    there.answers["/a.wav"] = endless
    assert "more than 100000 bytes" in (await failed(there, blobs, size=100_000)).message


async def test_a_server_that_stops_sending(there, blobs):
    async def dry(request):
        answer = web.StreamResponse()
        await answer.prepare(request)
        await answer.write(b"x")
        await anyio.sleep(1)

    there.answers["/a.wav"] = dry
    error = await failed(there, blobs, idle=0.2)
    assert (error.message, error.retryable) == ("unable to fetch audio: no answer in time", True)


async def test_an_answer_that_breaks_off(there, blobs):
    async def broken(request):
        answer = web.StreamResponse(headers={"Content-Length": "1000"})
        await answer.prepare(request)
        await answer.write(b"x")
        request.transport.abort()
        return answer

    there.answers["/a.wav"] = broken
    error = await failed(there, blobs)
    assert (error.message, error.retryable) == ("unable to fetch audio: the connection broke off", True)


async def test_nothing_at_all(there, blobs):
    there.answers["/a.wav"] = web.Response(body=b"")
    assert "empty" in (await failed(there, blobs)).message


async def test_what_is_packed_is_bounded_too(there, blobs):
    """We ask for nothing packed; who packs all the same gains nothing."""
    bomb = gzip.compress(bytes(10_000_000))
    there.answers["/a.wav"] = web.Response(body=bomb, headers={"Content-Encoding": "gzip"})
    await failed(there, blobs, size=1_000_000)


@pytest.mark.parametrize("line", ["no colon", "Bad Name: x", "X: a\r\nY: b", "Host: x", "Content-Length: 1", ": x"])
async def test_odd_headers_are_refused_and_not_shown(there, blobs, line):
    with pytest.raises(InvalidOption) as caught:
        await fetched(there, blobs, headers=(line,))
    assert "x" not in str(caught.value).replace("fetch_data.auth_headers", "").replace("Host", "")


async def test_nobody_listens_there(blobs):
    async with reaching() as outbound:
        with pytest.raises(OutboundFailed, match="cannot connect") as caught:
            await fetch(outbound, Fetch("http://127.0.0.1:1/a.wav"), blobs, KEY)
    assert caught.value.retryable
