import contextlib
import threading

import pytest
from tests.unit.engines.catalogue.toys import FILES, WEIGHTS, install, model

from dragoman.core.errors import ModelNotInstalled
from dragoman.engines import catalogue
from dragoman.engines.catalogue.staging import opened_archives, remove_model, staged


def interrupt():
    """A pull that ends in the middle."""
    with contextlib.suppress(KeyboardInterrupt), staged(model()) as staging:
        staging.path("model.bin").write_bytes(WEIGHTS)
        raise KeyboardInterrupt


def test_a_model_appears_whole_or_not_at_all(models):
    interrupt()
    assert catalogue.installed() == ()
    with staged(model()) as staging:
        assert staging.path("model.bin").read_bytes() == WEIGHTS  # gone on with
        staging.path("sub").mkdir()
        staging.path("sub/config.json").write_bytes(b"{}")
        staging.install()
    assert [found.model.name for found in catalogue.installed()] == ["toy:one"]
    assert not (models / ".work" / "toy~one").exists()
    assert not (models / ".work" / "toy~one.parts").exists()


def test_a_damaged_model_makes_room():
    install().path("model.bin").unlink()
    install()
    assert catalogue.locate("toy:one").path("model.bin").read_bytes() == WEIGHTS


def test_the_manifest_has_real_sizes():
    described = model("toy:one", FILES)
    unknown = tuple(type(file)(file.path, 0, file.sha256) for file in described.files)
    with staged(type(described)(**{**_fields(described), "files": unknown})) as staging:
        staging.path("sub").mkdir()
        for path, content in FILES.items():
            staging.path(path).write_bytes(content)
        staging.install()
    assert catalogue.locate("toy:one").model == described


def _fields(described):
    return {name: getattr(described, name) for name in described.__dataclass_fields__}


def test_a_removed_model_stays_readable_for_those_who_have_it_open():
    found = install()
    with found.path("model.bin").open("rb") as opened:
        remove_model("toy:one")
        assert opened.read() == WEIGHTS
    assert not found.folder.exists()
    with pytest.raises(ModelNotInstalled):
        catalogue.locate("toy:one")


def test_removing_takes_what_is_unfinished_too(models):
    interrupt()
    remove_model("toy:one")
    assert [path.name for path in (models / ".work").iterdir()] == ["toy~one.lock"]
    with pytest.raises(ModelNotInstalled) as error:
        remove_model("toy:one")
    assert "models list" in error.value.remedy


def test_one_at_a_time():
    order = []
    waits = threading.Event()

    def second():
        with staged(model(), waits=waits.set):
            order.append("second")

    with staged(model()):
        thread = threading.Thread(target=second)
        thread.start()
        assert waits.wait(20)
        order.append("first")
    thread.join(20)
    assert order == ["first", "second"]


def archives(models):
    return [path.name for path in (models / ".work").glob("archives-*")]


def test_archives_are_thrown_away(models):
    with opened_archives():
        (mine,) = archives(models)
        with opened_archives():
            assert mine in archives(models)  # another command's are left alone
    assert archives(models) == []


def test_archives_of_a_process_that_was_killed_are_thrown_away(models):
    abandoned = models / ".work" / "archives-abandoned"
    abandoned.mkdir(parents=True)
    (abandoned / "package.whl").write_bytes(WEIGHTS)
    with opened_archives():
        assert not abandoned.exists()
