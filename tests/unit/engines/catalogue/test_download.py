import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.engines.catalogue.sites import cut_after
from tests.unit.engines.catalogue.toys import HASTE, WEIGHTS, file

from dragoman.engines.catalogue import ModelFile
from dragoman.engines.catalogue.download import _unpacked, download
from dragoman.engines.catalogue.finished import SourceFailed

WANTED = file("model.bin", WEIGHTS)


@pytest.fixture
def get(site, tmp_path):
    site.files |= {"/file": WEIGHTS, "/file.gz": gzip.compress(WEIGHTS)}

    def get(path="file", wanted=WANTED):
        target, partial = tmp_path / "target", tmp_path / "partial"
        download(site.url + path, wanted, target, partial, patience=HASTE, advance=lambda _count: None)
        assert not partial.exists()
        return target.read_bytes()

    return get


@pytest.mark.parametrize("path", ["file", "file.gz"])
def test_a_file_is_brought_to_its_place(get, path):
    assert get(path) == WEIGHTS


def test_a_file_whose_size_is_not_known(get, site):
    unknown = ModelFile("model.bin", 0, WANTED.sha256)
    assert get(wanted=unknown) == get("file.gz", wanted=unknown) == WEIGHTS
    site.files["/file"] = WEIGHTS + b"x"
    with pytest.raises(SourceFailed, match="sha256"):
        get(wanted=unknown)


@pytest.mark.parametrize("path", ["file", "file.gz"])
def test_halves_that_do_not_fit_are_fetched_anew(get, site, tmp_path, path):
    (tmp_path / "partial").write_bytes(b"wrong")
    assert get(path) == WEIGHTS
    assert len(site.requests) == 2


def test_a_source_that_lies_is_asked_once(get, site):
    site.files["/file"] = WEIGHTS[:-1] + b"x"
    with pytest.raises(SourceFailed, match="sha256"):
        get()
    assert len(site.requests) == 1


def test_a_packed_file_is_resumed(get, site, tmp_path):
    site.behaviours["/file.gz"] = cut_after(50)
    with pytest.raises(SourceFailed, match="after 50 of"):
        get("file.gz")
    assert (tmp_path / "partial").stat().st_size == 50
    del site.behaviours["/file.gz"]
    assert get("file.gz") == WEIGHTS


@pytest.mark.parametrize(
    "sent",
    [b"no gzip", gzip.compress(WEIGHTS)[:-9], gzip.compress(WEIGHTS + b"x"), gzip.compress(b"x" * 2000)[:30], b""],
)
def test_what_is_no_such_gzip_file(get, site, tmp_path, sent):
    site.files["/file.gz"] = sent
    with pytest.raises(SourceFailed):
        get("file.gz")
    assert list(tmp_path.iterdir()) == []


def test_a_bomb_is_cut_off(get, site, tmp_path):
    site.files["/file.gz"] = gzip.compress(bytes(50_000_000))[: len(WEIGHTS)]
    with pytest.raises(SourceFailed, match="longer than"):
        get("file.gz")
    assert list(tmp_path.iterdir()) == []


@given(st.binary(max_size=300), st.integers(1, 999))
def test_any_content_is_unpacked(tmp_path_factory, content, times):
    path = tmp_path_factory.mktemp("x", numbered=True) / "x.gz"
    path.write_bytes(gzip.compress(content * times))
    assert b"".join(_unpacked(path)) == content * times
