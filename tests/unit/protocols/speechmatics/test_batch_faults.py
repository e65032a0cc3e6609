import json
from typing import get_args

import pytest

from dragoman.core.errors import BlobsUnavailable, InsufficientTokens, error_kinds
from dragoman.protocols.speechmatics.batch_faults import ErrorName, Refusal, batch_fault, batch_http_fault


def read(answer):
    body = json.loads(answer.body)
    assert body["code"] == answer.status_code
    assert body["error"] in get_args(ErrorName)
    return body


@pytest.mark.parametrize("kind", list(error_kinds()))
def test_every_error_has_a_name_that_clients_know(kind):
    body = read(batch_fault(kind("what is wrong", remedy="What helps")))
    assert body["detail"]
    assert 400 <= body["code"] < 600


@pytest.mark.parametrize("status", range(400, 600))
def test_so_has_every_status(status):
    try:
        answer = batch_http_fault(status)
    except ValueError:  # no status of HTTP
        return
    assert read(answer)["detail"]


def test_whoever_is_to_show_a_credential_is_told_so():
    assert batch_http_fault(401).headers["www-authenticate"] == "Bearer"


def test_an_empty_account_is_forbidden_and_not_asked_to_pay():
    assert read(batch_fault(InsufficientTokens("none are left")))["code"] == 403


def test_the_inside_is_not_told():
    assert "/var" not in read(batch_fault(BlobsUnavailable("/var/lib is gone")))["detail"]


def test_a_refusal_is_told_as_it_is():
    body = read(batch_fault(Refusal(400, "Missing data_file", "Send one")))
    assert body == {"code": 400, "error": "Missing data_file", "detail": "Send one"}
