"""What the server's description of itself promises, tried with hundreds of requests made from it: no answer that it
does not tell of, and none that means a bug of ours."""

from contextlib import suppress

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.e2e.servers import SCRIPTED
from tests.e2e.speechmatics.conftest import shared_servers

__all__ = ["shared_servers"]

CHECKED = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 12
"""Of each operation."""


@pytest.fixture(scope="module")
def server(shared_servers):
    return shared_servers()(*SCRIPTED, tokens=100_000)


def operations(server):
    schema = schemathesis.openapi.from_url(f"{server.url}/openapi.json")
    return [each.ok() for each in schema.get_all_operations()]


@pytest.mark.timeout(300)
def test_every_answer_is_one_that_is_described(server):
    tried = 0
    for operation in operations(server):
        for mode in schemathesis.GenerationMode:

            @settings(
                max_examples=EXAMPLES,
                derandomize=True,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy(generation_mode=mode))
            def holds(case):
                nonlocal tried
                tried += 1
                case.call_and_validate(
                    base_url=server.url, headers={"Authorization": f"Bearer {server.key}"}, checks=CHECKED
                )

            with suppress(Unsatisfiable):  # where nothing is asked for, nothing can be asked for wrongly
                holds()
    assert tried > 250
    assert "request_failed" not in server.log
