import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.protocols.auth import credential_of


@pytest.mark.parametrize(
    ("query", "headers", "auth", "credential"),
    [
        ("", {}, None, None),
        ("apiKey=k", {}, None, "k"),
        ("jwt=t&EIO=4", {}, None, "t"),
        ("apiKey=&jwt=t", {}, None, "t"),
        ("apiKey=k&jwt=t", {}, {"apiKey": "a"}, "k"),
        ("", {"authorization": "Bearer h"}, {"apiKey": "a"}, "a"),
        ("", {"authorization": "Bearer h"}, {"token": "a"}, "a"),
        ("", {"authorization": "bearer  h "}, {"apiKey": 5, "token": ""}, "h"),
        ("", {"authorization": "Basic aDpo"}, [], None),
        ("", {"authorization": "Bearer "}, "k", None),
    ],
)
def test_where_a_credential_is_looked_for(query, headers, auth, credential):
    assert credential_of(query, headers, auth) == credential


@given(st.text(), st.text(), st.none() | st.text() | st.lists(st.text()) | st.dictionaries(st.text(), st.text()))
def test_nothing_that_a_client_sends_breaks_it(query, header, auth):
    found = credential_of(query, {"authorization": header}, auth)
    assert found is None or isinstance(found, str)
