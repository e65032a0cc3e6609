import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from dragoman.core.errors import AtCapacity, DatabaseUnavailable
from dragoman.protocols.admin.bounds import LARGEST_BODY, Bounds
from dragoman.protocols.admin.faults import FAULTS, fault


def shape(answer):
    assert set(answer.json()) == {"code", "message", "remedy", "retryable"}
    return answer.status_code, answer.json()["code"]


def test_without_a_good_credential(desk):
    for key, code in (
        ("", "credential_missing"),
        ("wrong", "credential_malformed"),
        (f"dgm_{'a' * 12}_{'b' * 43}", "credential_unknown"),
        ("a.b.c", "credential_unknown"),
    ):
        answer = desk.ask("GET", "/v1/account", key=key)
        assert shape(answer) == (401, code)
        assert answer.headers["www-authenticate"] == "Bearer"
        assert not key or key not in answer.text


def test_what_the_framework_refuses(desk):
    assert shape(desk.ask("GET", "/nowhere")) == (404, "not_found")
    wrong = desk.ask("PUT", "/v1/account")
    assert shape(wrong) == (405, "method_not_allowed")
    assert "GET" in wrong.headers["allow"]
    assert shape(desk.ask("POST", "/v1/accounts", {"name": 5})) == (422, "invalid_message")
    assert "secret-thing" not in desk.ask("POST", "/v1/accounts", {"name": ["secret-thing"]}).text


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b'"x"', b'{"name": "\\ud800"}', b"[" * 10_000])
def test_bodies_that_are_no_json_of_ours(desk, content):
    headers = {"Authorization": f"Bearer {desk.admin}", "Content-Type": "application/json"}
    status, _ = shape(desk.client.post("/v1/accounts", content=content, headers=headers))
    assert status in {400, 422}


def test_a_body_that_is_too_large(desk):
    headers = {"Authorization": f"Bearer {desk.admin}", "Content-Type": "application/json"}
    announced = desk.client.post("/v1/accounts", content=b" " * (LARGEST_BODY + 1), headers=headers)
    assert announced.status_code == 413

    def pieces():
        for _ in range(LARGEST_BODY // 1000 + 1):
            yield b" " * 1000

    unannounced = desk.client.post("/v1/accounts", content=pieces(), headers=headers)
    for answer in (announced, unannounced):
        assert shape(answer) == (413, "content_too_large")


def test_outside_of_the_path_prefix_there_is_nothing(open_desk):
    assert shape(open_desk.client.get("/healthz")) == (404, "not_found")


def test_a_bug_tells_nothing():
    api = FastAPI(exception_handlers=dict(FAULTS))
    api.add_middleware(Bounds)

    @api.get("/bug")
    async def bug():
        raise ValueError("somebody's words")

    answer = TestClient(api).get("/bug")
    assert shape(answer) == (500, "internal_error")
    assert "words" not in answer.text


def test_paths_and_hosts_of_the_machine_are_not_told():
    answer = fault(DatabaseUnavailable("cannot open /home/x/dragoman.db"))
    assert b"/home" not in answer.body
    assert b"database_unavailable" in answer.body


def test_what_may_be_tried_again_says_so():
    assert b'"retryable":true' in fault(AtCapacity("full")).body
