import typing

import pytest

from dragoman.core.errors import (
    EngineUnavailable,
    InsufficientTokens,
    TooManySessions,
    UnsupportedLanguage,
    error_kinds,
)
from dragoman.protocols.speechmatics.errors import CLOSE_CODES, ERROR_TYPES, ErrorType, wire_error


def test_every_error_has_a_type():
    assert {kind.code for kind in error_kinds() if kind.__module__.startswith("dragoman.")} == set(ERROR_TYPES)


def test_every_type_has_a_close_code_that_the_protocol_knows():
    assert set(CLOSE_CODES) == set(typing.get_args(ErrorType))
    assert set(CLOSE_CODES.values()) <= {1003, 1008, 1011, 4001, 4003, 4004, 4005, 4006, 4013}
    assert set(ERROR_TYPES.values()) <= set(CLOSE_CODES)


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (InsufficientTokens("none left"), "not_allowed", 4003),
        (UnsupportedLanguage("not here"), "invalid_model", 4004),
        (TooManySessions("ten"), "quota_exceeded", 4005),
    ],
)
def test_what_the_documents_say_of_quota_and_models(error, kind, code):
    told = wire_error(error)
    assert (told.kind, CLOSE_CODES[told.kind], told.reason) == (kind, code, str(error))


def test_the_reason_carries_the_remedy_because_it_is_all_that_some_clients_show():
    assert wire_error(TooManySessions("It runs ten", remedy="End one")).reason == "It runs ten. End one"


def test_the_inside_of_the_server_is_not_told():
    assert "/secret" not in wire_error(EngineUnavailable("no model in /secret/models")).reason
