"""Open mode, prefixes, other origins, stalled readers: what has to do with all answers of the face."""

import anyio
import pytest
from starlette.requests import ClientDisconnect
from tests.unit.protocols.speechmatics.test_batch_rest import fault

from dragoman.protocols.admin import bounds
from dragoman.protocols.admin.bounds import Allowance, Bounds
from dragoman.protocols.speechmatics.batch_bounds import allowance

pytestmark = pytest.mark.anyio


def allowed(method, path, root_path=""):
    return allowance({"type": "http", "method": method, "path": path, "root_path": root_path})


def test_uploads_and_downloads_bound_themselves():
    assert (allowed("POST", "/v2/jobs").body, allowed("POST", "/v2/jobs/").time) == (None, None)
    assert allowed("POST", "/speech/v2/jobs", "/speech").body is None
    for path in ("data", "data/", "speech/es"):
        found = allowed("GET", f"/v2/jobs/x/{path}")
        assert found.time is None
        assert found.body is not None


def test_other_requests_are_bounded():
    assert allowed("GET", "/v2/jobs/x").time > 120
    assert allowed("POST", "/v2/other").body == Allowance().body
    assert allowed("POST", "/v1/tokens") == Allowance()
    assert allowed("GET", "/v20") == Allowance()


async def test_a_client_that_takes_nothing_of_its_answer_is_left(monkeypatch):
    monkeypatch.setattr(bounds, "LONGEST_STALL", 0.05)
    left = []

    async def application(scope, receive, send):
        try:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        except ClientDisconnect:
            left.append(scope)
            raise

    async def send(_):
        await anyio.sleep_forever()

    await Bounds(application)({"type": "http", "headers": [], "method": "GET"}, None, send)
    assert left


async def test_what_is_wrong_before_any_route_has_the_same_form(face):
    fault(await face.client.get("/v2/jobs/a%0Ab"), 401)
    fault(await face.get("/v2/jobs/a%0Ab"), 404)
    fault(await face.get("/v2/jobs/a%00b/transcript"), 404)
    fault(await face.ask("PATCH", "/v2/usage"), 405)
    fault(await face.ask("POST", "/v1/discovery/features"), 405)
