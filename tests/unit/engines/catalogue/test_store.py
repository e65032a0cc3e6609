import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.engines.catalogue.toys import FILES, WEIGHTS, install, model

from dragoman.core.errors import ModelDamaged, ModelNotInstalled, ModelUnknown
from dragoman.engines import catalogue
from dragoman.engines.catalogue import manifest, store
from dragoman.engines.catalogue.entries import entry


def test_nothing_is_installed_where_there_is_no_folder(models):
    assert catalogue.installed() == catalogue.installed("whisper") == ()
    assert not models.exists()


def test_installed_models_are_found_by_engine_and_name(models):
    for name in ("toy:two", "toy:one", "other:x"):
        install(name)
    assert [found.model.name for found in catalogue.installed("toy")] == ["toy:one", "toy:two"]
    assert [found.model.name for found in catalogue.installed()] == ["other:x", "toy:one", "toy:two"]
    found = catalogue.locate("toy:one")
    assert found.folder == models / "toy" / "one"
    assert found.path("model.bin").read_bytes() == WEIGHTS
    assert found.path("sub/config.json").read_bytes() == b"{}"


def test_a_missing_model_names_the_command_that_gets_it():
    with pytest.raises(ModelNotInstalled) as error:
        catalogue.locate("whisper:base")
    assert error.value.remedy == "Run: dragoman models pull whisper:base"
    with pytest.raises(ModelNotInstalled) as error:
        catalogue.locate("whisper:mine")
    assert "models import" in error.value.remedy


@given(st.text() | st.from_regex(r"[a-z]{1,3}:[a-zA-Z0-9./_-]{1,5}", fullmatch=True))
def test_no_name_leads_out_of_the_models_folder(name):
    try:
        folder = store.folder_of(name)
    except ModelUnknown:
        return
    assert folder.parent.parent == store.models_folder()
    assert ".." not in folder.parts
    assert not folder.name.startswith(".")


@pytest.mark.parametrize("damage", ["missing", "short", "long"])
def test_a_model_that_is_not_whole_counts_as_missing(damage):
    path = install().path("model.bin")
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(WEIGHTS[:-1] if damage == "short" else WEIGHTS + b"x")
    assert catalogue.installed("toy") == ()
    assert store.installed_or_none("toy:one") is None
    assert list(store.present()) == ["toy:one"]
    with pytest.raises(ModelDamaged, match=r"model\.bin"):
        catalogue.locate("toy:one")


def test_only_verify_sees_changed_bytes():
    path = install().path("model.bin")
    assert store.verify("toy:one").model.name == "toy:one"
    path.write_bytes(WEIGHTS[:-1] + b"\x00")
    assert catalogue.locate("toy:one")
    with pytest.raises(ModelDamaged, match="sha256"):
        store.verify("toy:one")


def test_what_lies_beside_models_is_no_model(models):
    install()
    (models / "toy" / ".hidden").mkdir()
    (models / "toy" / "a file").write_text("x")
    (models / "toy" / "empty").mkdir()
    (models / "Not a name").mkdir()
    assert [found.model.name for found in catalogue.installed()] == ["toy:one"]
    assert list(store.present()) == ["toy:empty", "toy:one"]


def test_reading_writes_nothing(models):
    install()
    before = sorted(models.rglob("*"))
    for path in (models, *before):
        path.chmod(path.stat().st_mode & ~0o222)
    try:
        assert catalogue.installed("toy")
        assert store.verify("toy:one")
    finally:
        for path in (models, *before):
            path.chmod(path.stat().st_mode | 0o200)
    assert sorted(models.rglob("*")) == before


def test_the_catalogue_knows_more_of_a_model_than_its_old_manifest():
    known = entry("whisper:base").model
    folder = store.folder_of(known.name)
    folder.mkdir(parents=True)
    old = model(known.name)
    for file in known.files:
        (folder / file.path).write_bytes(b"")
        os.truncate(folder / file.path, file.size)
    described = type(known)(
        name=known.name, kind=known.kind, title="old", licence="MIT", data_licence="", files=known.files
    )
    (folder / manifest.FILE).write_bytes(manifest.dump(described))
    assert catalogue.locate(known.name).model.figures == known.figures
    assert old.title == "A toy"


def test_a_model_of_ones_own_under_a_known_name_keeps_what_it_says():
    found = install("whisper:base", FILES)
    assert catalogue.locate("whisper:base").model == found.model


def test_where_models_lie(monkeypatch, tmp_path):
    monkeypatch.setenv("DRAGOMAN_MODELS_DIR", "~/m")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert store.models_folder() == tmp_path / "m"
    monkeypatch.delenv("DRAGOMAN_MODELS_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "c"))
    assert store.models_folder() == tmp_path / "c" / "dragoman" / "models"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert store.models_folder() == tmp_path / ".cache" / "dragoman" / "models"
