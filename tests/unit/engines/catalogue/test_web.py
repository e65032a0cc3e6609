import pytest
from tests.unit.engines.catalogue.sites import (
    Site,
    cut_after,
    cut_without_length,
    endless,
    redirect,
    serve,
    silent_after,
    whole,
)
from tests.unit.engines.catalogue.toys import HASTE, WEIGHTS

from dragoman.engines.catalogue.finished import SourceFailed, SourceUnreachable
from dragoman.engines.catalogue.web import Patience, fetch, is_permitted

LENGTH = len(WEIGHTS)


@pytest.fixture
def partial(tmp_path):
    return tmp_path / "parts" / "file"


@pytest.fixture
def get(site, partial):
    site.files["/file"] = WEIGHTS

    def get(path="file", *, limit=LENGTH, exact=True, patience=HASTE):
        counted = []
        fetch(site.url + path, partial, limit=limit, exact=exact, patience=patience, advance=counted.append)
        return sum(counted)

    return get


def test_a_file_comes_whole(get, partial):
    assert get() == LENGTH
    assert partial.read_bytes() == WEIGHTS


@pytest.mark.parametrize("begun", [1, 5000, LENGTH - 1])
def test_what_is_there_is_not_fetched_again(get, partial, site, begun):
    partial.parent.mkdir()
    partial.write_bytes(WEIGHTS[:begun])
    assert get() == LENGTH
    assert partial.read_bytes() == WEIGHTS
    assert site.requests == [("/file", f"bytes={begun}-")]


def test_a_server_without_ranges_sends_all_of_it(get, partial, site):
    site.behaviours["/file"] = whole
    partial.parent.mkdir()
    partial.write_bytes(b"something else")
    get()
    assert partial.read_bytes() == WEIGHTS


def test_a_whole_file_is_not_asked_for(get, partial, site):
    partial.parent.mkdir()
    partial.write_bytes(WEIGHTS)
    get()
    assert site.requests == []


def test_a_beginning_that_the_source_knows_no_rest_of_is_dropped(get, partial):
    partial.parent.mkdir()
    partial.write_bytes(WEIGHTS)
    with pytest.raises(SourceFailed, match="416"):
        get(limit=LENGTH + 5, exact=False)
    assert not partial.exists()


@pytest.mark.parametrize("behaviour", [cut_after(700), cut_without_length(700)])
def test_a_broken_connection_keeps_what_has_come(get, partial, site, behaviour):
    site.behaviours["/file"] = behaviour
    with pytest.raises(SourceFailed, match=f"after 700 of {LENGTH}"):
        get()
    assert partial.read_bytes() == WEIGHTS[:700]
    del site.behaviours["/file"]
    get()
    assert partial.read_bytes() == WEIGHTS
    assert site.requests[-1] == ("/file", "bytes=700-")


def test_a_source_that_falls_silent_is_left(get, partial, site):
    site.behaviours["/file"] = silent_after(700, site.over)
    with pytest.raises(SourceFailed, match="no byte for"):
        get()
    assert partial.read_bytes() == WEIGHTS[:700]


def test_a_source_that_drips_is_left(get, site):
    site.behaviours["/file"] = endless
    with pytest.raises(SourceFailed, match="stalled"):
        get(limit=1 << 40, exact=False, patience=Patience(silent=5, window=0.05, least=1 << 40))


@pytest.mark.parametrize("exact", [True, False])
def test_reading_stops_at_the_size_that_is_right(get, partial, site, exact):
    site.behaviours["/file"] = endless
    with pytest.raises(SourceFailed, match=f"longer than the {LENGTH} bytes"):
        get(exact=exact, patience=Patience())
    assert partial.stat().st_size <= LENGTH


@pytest.mark.parametrize(("limit", "exact"), [(LENGTH - 1, True), (LENGTH + 1, True), (LENGTH - 1, False)])
def test_an_announced_size_that_is_wrong_is_not_read(get, partial, limit, exact):
    with pytest.raises(SourceFailed, match=f"announces {LENGTH} bytes instead of"):
        get(limit=limit, exact=exact)
    assert not partial.exists()


def test_what_is_not_there(get):
    with pytest.raises(SourceFailed, match="404"):
        get("absent")


def test_nobody_there(tmp_path, site):
    with serve(Site()) as other:
        port = other.server_port
        other.shutdown()
    with pytest.raises(SourceUnreachable, match="refused"):
        fetch(
            f"http://127.0.0.1:{port}/x",
            tmp_path / "x",
            limit=1,
            exact=True,
            patience=HASTE,
            advance=lambda _count: None,
        )


def test_what_is_no_http(get, site):
    site.behaviours["/file"] = lambda handler, _content: handler.wfile.write(b"SSH-2.0\r\n")
    with pytest.raises(SourceFailed):
        get()


def test_redirects_are_followed(get, partial, site):
    site.files["/there"] = b""
    site.behaviours["/there"] = redirect("/file")
    get("there")
    assert partial.read_bytes() == WEIGHTS


def test_redirects_come_to_an_end(get, site):
    for number in range(9):
        site.files[f"/{number}"] = b""
        site.behaviours[f"/{number}"] = redirect(f"/{number + 1}")
    with pytest.raises(SourceFailed, match="302"):
        get("0")
    assert len(site.requests) < 9


@pytest.mark.parametrize("to", ["http://example.invalid/file", "ftp://127.0.0.1/file", "file:///etc/passwd"])
def test_no_redirect_leads_to_a_place_without_tls(get, site, to):
    site.files["/there"] = b""
    site.behaviours["/there"] = redirect(to)
    with pytest.raises(SourceFailed):
        get("there")


def test_a_source_that_began_with_tls_never_loses_it():
    from dragoman.engines.catalogue.web import _Redirects

    with pytest.raises(SourceFailed, match="not HTTPS"):
        _Redirects("https://hub.example/a").redirect_request(None, None, 302, "", {}, "http://hub.example/a")


def test_where_files_may_come_from():
    assert is_permitted("https://hub.example/x", operators=False)
    assert is_permitted("http://127.0.0.1:80/x", operators=False)
    assert not is_permitted("http://hub.example/x", operators=False)
    assert is_permitted("http://mirror.internal/x", operators=True)
    assert not is_permitted("ftp://mirror.internal/x", operators=True)
    assert not is_permitted("https:///x", operators=True)
