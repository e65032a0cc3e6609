import pytest

from dragoman.core.errors import AtCapacity, DatabaseUnavailable, EngineUnavailable, error_kinds
from dragoman.protocols.outward import outward

INSIDE = "/home/x/dragoman.db on db.internal"


def test_paths_and_hosts_of_the_machine_are_not_told():
    for error in (DatabaseUnavailable(INSIDE, remedy=INSIDE), EngineUnavailable(INSIDE, remedy=INSIDE)):
        told = outward(error)
        assert INSIDE not in str(told)
        assert told.remedy


def test_what_concerns_the_client_is_told_as_it_is():
    error = AtCapacity("full", remedy="Try again in a minute")
    assert outward(error) is error


@pytest.mark.parametrize("kind", list(error_kinds()), ids=lambda kind: kind.code)
def test_code_and_whether_to_try_again_stay(kind):
    error = kind("x")
    told = outward(error)
    assert (told.code, told.retryable) == (error.code, error.retryable)
