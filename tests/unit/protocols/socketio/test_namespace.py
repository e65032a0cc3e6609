import pytest
from structlog.testing import capture_logs

from dragoman.core.errors import DatabaseBusy, DatabaseUnavailable
from dragoman.protocols.rate import ConnectionRate
from dragoman.protocols.socketio.namespace import Door, Refusal

pytestmark = pytest.mark.anyio

INSIDE = "connection to db.internal as dragoman failed"
SCOPE = {"headers": [], "query_string": b"apiKey=k", "client": ("10.0.0.7", 5)}


async def refusal_for(error):
    async def authenticate(_):
        raise error

    with pytest.raises(Refusal) as refused:
        await Door(authenticate, ConnectionRate(10, lambda: 0.0)).admit(SCOPE, None)
    return refused.value


@pytest.mark.parametrize("kind", [DatabaseUnavailable, DatabaseBusy])
async def test_what_is_wrong_inside_is_told_by_its_code(kind):
    refused = await refusal_for(kind(INSIDE, remedy="Check database_url"))
    assert refused.message == "The server cannot do that now"
    assert (refused.data["code"], refused.data["retryable"]) == (kind.code, True)
    assert "database_url" not in refused.data["remedy"]


async def test_a_bug_is_told_as_one():
    with capture_logs() as logs:
        refused = await refusal_for(ValueError(INSIDE))
    assert refused.data["code"] == "internal_error"
    assert INSIDE not in f"{refused.message} {refused.data} {logs}"
