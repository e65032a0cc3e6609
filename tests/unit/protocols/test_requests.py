from dragoman.protocols.requests import address_of, headers_of, query_of


def test_what_is_read_from_a_scope():
    found = {"query_string": b"a=%20b", "headers": [(b"Authorization", b"Bearer x")], "client": ("10.0.0.7", 5)}
    assert headers_of(found) == {"authorization": "Bearer x"}
    assert query_of(found) == "a=%20b"
    assert address_of(found) == "10.0.0.7"
    assert address_of({"client": None}) == "unknown"
