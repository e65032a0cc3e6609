import json
import os
import shutil
from pathlib import Path

import pytest
from tests.unit.engines.catalogue.toys import FILES, WEIGHTS, install
from typer.testing import CliRunner

from dragoman.cli.app import app
from dragoman.cli.exit_codes import EXIT_CODES
from dragoman.engines import catalogue
from dragoman.engines.catalogue import manifest, store
from dragoman.engines.catalogue.entries import all_entries, entry
from dragoman.engines.catalogue.profiles import profiles


@pytest.fixture(autouse=True)
def models(monkeypatch, tmp_path):
    """An empty models folder, and none of the settings of whoever runs the tests."""
    monkeypatch.delenv("DRAGOMAN_MODELS_MIRROR", raising=False)
    monkeypatch.setenv("DRAGOMAN_MODELS_DIR", str(tmp_path / "models"))
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path / "models"


def run(*arguments, code=0):
    """Runs ``dragoman models``; the result has standard output and standard error."""
    done = CliRunner().invoke(app, ["models", *map(str, arguments)])
    assert done.exit_code == code, done.output
    return done


def hollow(name):
    """A model of the catalogue with files of the right size and nothing in them, which is what a quick look sees."""
    known = entry(name).model
    folder = store.folder_of(name)
    folder.mkdir(parents=True)
    for file in known.files:
        (folder / file.path).touch()
        os.truncate(folder / file.path, file.size)
    (folder / manifest.FILE).write_bytes(manifest.dump(known))


def test_nothing_is_installed(models):
    said = run("list").stdout
    assert "No model is installed" in said
    assert "pull --profile default" in said
    assert json.loads(run("list", "--json").stdout) == []


def test_what_is_installed_and_what_can_be_had(models):
    install()
    hollow("whisper:base")
    hollow("firefox:en-de")
    store.folder_of("firefox:en-de").joinpath("model.ende.intgemm.alphas.bin").unlink()
    said = run("list").stdout
    lines = {line.split()[0]: line for line in said.splitlines() if ":" in line.partition(" ")[2] or line.strip()}
    assert "installed" in lines["toy:one"]
    assert "not measured" in lines["toy:one"]
    assert "damaged" in lines["firefox:en-de"]
    assert "99 languages" in lines["whisper:base"]
    assert "WER 0.081 (46 clips" in lines["whisper:base"]
    assert "148 MB" in lines["whisper:base"]
    assert "whisper:small" not in said
    everything = run("list", "--all").stdout
    for known in all_entries():
        assert known.model.name in everything
    assert "on request" in next(line for line in everything.splitlines() if "piper:ru_RU-irina-medium" in line)


def test_the_list_for_programs(models):
    install()
    found = {each["name"]: each for each in json.loads(run("list", "--all", "--json").stdout)}
    assert len(found) == len(all_entries()) + 1
    assert found["toy:one"]["state"] == "installed"
    assert found["toy:one"]["folder"] == str(models / "toy" / "one")
    base = found["whisper:base"]
    assert (base["state"], base["licence"], base["size"]) == ("available", "MIT", entry("whisper:base").model.size)
    assert base["figures"]["en"]["value"] == 0.081
    assert base["files"][0]["sha256"].startswith("d01c3014")
    assert "research only" in found["piper:en_US-joe-medium"]["terms"]


def test_paths(models):
    found = install()
    assert run("path", "toy:one").stdout == f"{found.folder}\n"
    missing = run("path", "whisper:base", code=EXIT_CODES["model_not_installed"])
    assert "dragoman models pull whisper:base" in missing.stderr


def test_pulling_from_a_mirror(models, tmp_path, monkeypatch):
    """The whole way with a model of the catalogue, where this machine has one."""
    own = Path("~/.cache/dragoman/models").expanduser()
    if not (own / "firefox/en-pt/model.json").is_file():
        pytest.skip("firefox:en-pt is not installed (dragoman models pull firefox:en-pt)")
    monkeypatch.setenv("DRAGOMAN_MODELS_MIRROR", str(own))
    said = run("pull", "firefox:en-pt", "--offline").stderr
    assert "Getting 1 model" in said
    assert "firefox:en-pt: installed, 22 MB" in said
    assert "ok" in run("verify").stdout
    assert "installed already" in run("pull", "firefox:en-pt").stderr


def test_pulling_needs_to_know_what():
    assert "--profile default" in run("pull", code=EXIT_CODES["invalid_option"]).stderr
    assert "whisper:base" in run("pull", "whisper:bse", code=EXIT_CODES["model_unknown"]).stderr
    assert "all-34" in run("pull", "--profile", "x", code=EXIT_CODES["model_unknown"]).stderr
    run("pull", "--languages", "qqqq", code=EXIT_CODES["unknown_language"])
    run("pull", "whisper:base", "--accept-licence", "x", code=EXIT_CODES["model_unknown"])
    assert "installed already" in run("pull", "--profile", "minimal").stderr


def test_what_no_source_gives(models):
    said = run("pull", "whisper:base", "firefox:en-pt", "--offline", code=EXIT_CODES["model_unreachable"]).stderr
    assert said.count("--offline asks no source") == 2
    said = run("pull", "--profile", "default", "--offline", "--lenient").stderr
    assert "Without whisper:base, firefox:en-pt, firefox:pt-en, kokoro:v1.0, kokoro:voices" in said
    assert "dragoman models pull --profile default" in said
    said = run("pull", "--profile", "all-34", "--offline", "--lenient").stderr
    assert f"Without {len(profiles()['all-34'])} models" in said


def test_nothing_to_do_is_said_with_no_line_in_set_up(models):
    for name in profiles()["default"]:
        hollow(name)
    assert run("pull", "--profile", "default", "--lenient").output == ""


def test_a_licence_has_to_be_accepted():
    name = "piper:en_US-joe-medium"
    said = run("pull", name, "--offline", code=EXIT_CODES["licence_not_accepted"]).stderr
    assert f"--accept-licence {name}" in said
    run("pull", name, "--offline", "--accept-licence", name, code=EXIT_CODES["model_unreachable"])


def test_a_models_folder_that_is_a_file(models):
    models.write_text("x")
    said = run("pull", "whisper:base", "--offline", code=EXIT_CODES["output_not_writable"]).stderr
    assert str(models) in said


def test_removing(models):
    install()
    assert "toy:one: removed" in run("remove", "toy:one").stderr
    assert catalogue.installed() == ()
    run("remove", "toy:one", code=EXIT_CODES["model_not_installed"])
    run("remove", "../x", code=EXIT_CODES["model_unknown"])


def test_verifying():
    assert run("verify").output == ""
    install()
    install("toy:two")
    assert run("verify", "toy:one").stdout == "toy:one: ok, 10 kB\n"
    store.folder_of("toy:one").joinpath("model.bin").write_bytes(WEIGHTS[:-1] + b"x")
    done = run("verify", code=EXIT_CODES["model_damaged"])
    assert "toy:two: ok" in done.stdout
    assert "sha256" in done.stderr
    run("verify", "whisper:base", code=EXIT_CODES["model_not_installed"])


def test_importing(tmp_path):
    folder = tmp_path / "mine"
    for path, content in FILES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    options = ("--name", "ctranslate2:mine", "--pairs", "en:de", "--licence", "CC-BY-4.0")
    assert "ctranslate2:mine: installed" in run("import", folder, *options).stderr
    assert "en to de" in run("list").stdout
    shutil.rmtree(folder)
    assert "ok" in run("verify", "ctranslate2:mine").stdout
    run("import", folder, *options, code=EXIT_CODES["file_unreadable"])
    run("import", tmp_path, "--name", "whisper:base", code=EXIT_CODES["model_damaged"])
