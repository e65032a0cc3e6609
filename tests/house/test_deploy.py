"""What deploy/ starts is there: files, commands, options, settings. No container is built here."""

import http.server
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import typer
import yaml
from tests.e2e.servers import free_port

from dragoman.cli.app import app
from dragoman.config import all_settings

SETTINGS = {each.variable for each in all_settings()}
OURS_IN_COMPOSE = {"DRAGOMAN_PUBLISH"}
"""Of compose.yaml itself, and nothing to the program."""
OF_MODELS = {"DRAGOMAN_MODELS", "DRAGOMAN_MODELS_DIR"}
"""Read where no settings are: by set-up, and in the children that engines run in."""
KNOWN = {
    "ARG",
    "FROM",
    "RUN",
    "WORKDIR",
    "COPY",
    "ENV",
    "USER",
    "VOLUME",
    "EXPOSE",
    "STOPSIGNAL",
    "HEALTHCHECK",
    "ENTRYPOINT",
    "CMD",
}


@pytest.fixture(scope="module")
def instructions(root: Path) -> list[tuple[str, str]]:
    """Of the Containerfile, continued lines joined."""
    text = re.sub(r"^#.*\n", "", (root / "deploy/Containerfile").read_text(), flags=re.MULTILINE)
    lines = [line.strip() for line in re.sub(r"\\\n", " ", text).splitlines() if line.strip()]
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


@pytest.fixture(scope="module")
def services(root: Path) -> dict:
    return yaml.safe_load((root / "deploy/compose.yaml").read_text())["services"]


def all_of(instructions: list[tuple[str, str]], word: str) -> list[str]:
    return [rest for name, rest in instructions if name == word]


def is_command(arguments: list[str]) -> bool:
    """Whether the program has this command with these options."""
    command = typer.main.get_command(app).commands.get(arguments[0])
    options = {flag for parameter in command.params for flag in parameter.opts} if command else set()
    return command is not None and {word for word in arguments[1:] if word.startswith("-")} <= options


def test_the_container_file_is_in_order(instructions):
    assert {word for word, _ in instructions} <= KNOWN
    assert instructions[0] == ("FROM", "debian:12-slim")
    (user,) = all_of(instructions, "USER")
    assert user not in ("root", "0")
    assert all(f" {user}" in run for run in all_of(instructions, "RUN") if "useradd" in run)
    order = [word for word, _ in instructions]
    assert order.index("USER") > max(at for at, word in enumerate(order) if word in ("RUN", "COPY"))
    assert json.loads(*all_of(instructions, "ENTRYPOINT")) == ["dragoman"]
    assert is_command(json.loads(*all_of(instructions, "CMD")))


def test_the_container_file_copies_what_there_is(instructions, tracked, root):
    kept = [str(path.relative_to(root)) for path in tracked]
    ignored = (root / "deploy/Containerfile.dockerignore").read_text().splitlines()
    for copied in all_of(instructions, "COPY"):
        *sources, _ = copied.split()
        for source in sources:
            assert any(name == source or name.startswith(f"{source}/") for name in kept), source
            assert f"!{source}" in ignored


def test_the_container_file_runs_what_a_shell_can_read(instructions):
    for run in all_of(instructions, "RUN"):
        assert subprocess.run(["sh", "-n", "-c", run], capture_output=True, check=False).stderr == b""
        for command in run.split("&&"):
            program = shlex.split(command)[0]
            assert program.startswith(("scripts/", ".venv/")) or program == "useradd" or shutil.which(program), program


def test_everything_is_set_that_is_a_setting(root):
    for path in (root / "deploy").iterdir():
        used = set(re.findall(r"\bDRAGOMAN_[A-Z_]+", path.read_text()))
        assert used <= SETTINGS | OURS_IN_COMPOSE | OF_MODELS, path.name


def test_compose_starts_what_there_is(services, root):
    deploy = root / "deploy"
    for name in ("server", "worker"):
        service = services[name]
        assert is_command(service["command"])
        assert service["volumes"] == ["data:/data", "/tmp"]  # on which the worker finds what the server took in
        assert service["environment"].keys() >= {"DRAGOMAN_DATABASE_URL", "DRAGOMAN_SECRET"}
        assert service["depends_on"] == {"database": {"condition": "service_healthy"}}
        assert service["restart"] == services["database"]["restart"] == "unless-stopped"
    build = services["server"]["build"]
    assert (deploy / build["context"]).resolve() == root
    assert (root / build["dockerfile"]).is_file()
    volumes = yaml.safe_load((deploy / "compose.yaml").read_text())["volumes"]
    named = {
        volume.partition(":")[0] for service in services.values() for volume in service["volumes"] if ":" in volume
    }
    assert named == volumes.keys()


def test_compose_asks_for_what_the_example_says(root):
    text = (root / "deploy/compose.yaml").read_text()
    example = (root / "deploy/environment.example").read_text()
    given = set(re.findall(r"^(?:# )?([A-Z_]+)=", example, re.MULTILINE))
    assert set(re.findall(r"\$\{([A-Z_]+)", text)) == given
    assert set(re.findall(r"\$\{([A-Z_]+):\?", text)) == set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE))


def test_compose_reads_it_too(root):
    if subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("docker compose is not there")
    command = ["docker", "compose", "--file", root / "deploy/compose.yaml", "--profile", "worker", "config", "--quiet"]
    settings = {"POSTGRES_PASSWORD": "x", "DRAGOMAN_SECRET": "x" * 32}
    subprocess.run(command, env=os.environ | settings, check=True)


@pytest.mark.parametrize("name", ["dragoman.service", "dragoman-worker@.service"])
def test_systemd_takes_the_units(root, tmp_path, name):
    text = (root / "deploy" / name).read_text()
    (start,) = re.findall(r"^ExecStart=/opt/dragoman/\.venv/bin/dragoman (.+)$", text, re.MULTILINE)
    assert is_command(start.split())
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not there")
    unit = tmp_path / name.replace("@", "@1")
    unit.write_text(text.replace("/opt/dragoman/.venv/bin/dragoman", str(Path(sys.executable).with_name("dragoman"))))
    checked = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_both_units_are_confined_alike(root):
    def confined(name: str) -> list[str]:
        lines = (root / "deploy" / name).read_text().partition("[Service]")[2].splitlines()
        return [line for line in lines if line and line[0] != "#" and not line.startswith("ExecStart=")]

    assert confined("dragoman.service") == confined("dragoman-worker@.service")


class _Answer(http.server.BaseHTTPRequestHandler):
    status = 200

    def do_GET(self):
        self.send_response(self.status if self.path == "/speech/healthz" else 404)
        self.end_headers()

    def log_message(self, *_):
        pass


def test_the_health_check_tells_a_server_that_answers_from_one_that_does_not(instructions, root):
    (check,) = all_of(instructions, "HEALTHCHECK")
    *_, script = json.loads(check.partition("CMD ")[2])
    command = [sys.executable, root / script.removeprefix("/opt/dragoman/")]
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Answer) as server:
        threading.Thread(target=server.serve_forever).start()
        for port, prefix, code in (
            (server.server_port, "/speech", 0),
            (server.server_port, "", 1),
            (free_port(), "", 1),
        ):
            settings = {"DRAGOMAN_SERVER_PORT": str(port), "DRAGOMAN_SERVER_PATH_PREFIX": prefix}
            checked = subprocess.run(command, env=os.environ | settings, capture_output=True, text=True, check=False)
            assert (checked.returncode, bool(checked.stderr)) == (code, bool(code))
        server.shutdown()


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_what_is_copied_can_be_set_up(instructions, root, tmp_path):
    """The container's own steps, in a folder in its place; as root they would install system packages too."""
    for copied in all_of(instructions, "COPY"):
        *sources, target = copied.split()
        for source in sources:
            place = tmp_path / target / (Path(source).name if target.endswith("/") else "")
            place.parent.mkdir(parents=True, exist_ok=True)
            copy = shutil.copytree if (root / source).is_dir() else shutil.copy
            copy(root / source, place)
    subprocess.run(["scripts/setup.sh", "run"], cwd=tmp_path, check=True)
    program = tmp_path / ".venv/bin/dragoman"
    assert (
        "usage"
        in subprocess.run([program, "serve", "--help"], capture_output=True, text=True, check=True).stdout.lower()
    )
    subprocess.run([program, "doctor"], check=True)
