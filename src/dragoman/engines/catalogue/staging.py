"""A model on its way into the models folder: made beside it under a lock, and put in place by one rename."""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from dragoman.core.errors import ModelNotInstalled
from dragoman.engines.catalogue import manifest
from dragoman.engines.catalogue.finished import disk_error, synchronise
from dragoman.engines.catalogue.model import InstalledModel, Model, ModelFile
from dragoman.engines.catalogue.packages import Archives
from dragoman.engines.catalogue.store import folder_of, models_folder

_WORK: Final = ".work"
"""Folder for unfinished models, in the models folder so that a rename does not copy."""
_ARCHIVES: Final = "archives-"
_POLL: Final = 0.2
"""Seconds between two looks at a lock that another process holds."""


@dataclass(frozen=True, slots=True)
class Staging:
    """The folder that becomes the model's. It is kept after an interruption, for the next try to go on from."""

    model: Model
    folder: Path
    scratch: Path
    """For what is unfinished; thrown away at the end."""

    def path(self, file: str) -> Path:
        return self.folder / file

    def install(self) -> InstalledModel:
        """Puts the model in its place; one that was there, damaged or older, makes room."""
        model = replace(self.model, files=tuple(self._measured(file) for file in self.model.files))
        self.path(manifest.FILE).write_bytes(manifest.dump(model))
        synchronise(self.path(manifest.FILE))
        synchronise(self.folder)
        target = folder_of(self.model.name)
        target.parent.mkdir(parents=True, exist_ok=True)
        discard(target)
        self.folder.replace(target)
        synchronise(target.parent)
        shutil.rmtree(self.scratch, ignore_errors=True)
        return InstalledModel(model, target)

    def _measured(self, file: ModelFile) -> ModelFile:
        return replace(file, size=self.path(file.path).stat().st_size)


@contextmanager
def staged(model: Model, *, waits: Callable[[], None] = lambda: None) -> Iterator[Staging]:
    """One process at a time per model; ``waits`` is called when another one has its turn."""
    work = models_folder() / _WORK
    name = model.name.replace(":", "~")
    work.mkdir(parents=True, exist_ok=True)
    with _locked(work / f"{name}.lock", waits):
        staging = Staging(model, work / name, work / f"{name}.parts")
        staging.folder.mkdir(exist_ok=True)
        staging.scratch.mkdir(exist_ok=True)
        yield staging


@contextmanager
def _locked(path: Path, waits: Callable[[], None]) -> Iterator[None]:
    # The file stays: whoever removed it would take it from under a process that waits for it.
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if not _taken(handle):
            waits()
            while not _taken(handle):
                time.sleep(_POLL)
        yield
    finally:
        os.close(handle)


def _taken(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def discard(folder: Path) -> None:
    """Takes a model's folder away at once, then removes its files. A process that has them open keeps them."""
    work = models_folder() / _WORK
    work.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="gone-", dir=work) as gone:
        try:
            folder.replace(Path(gone) / folder.name)
        except FileNotFoundError:
            return


def remove_model(name: str) -> None:
    """Removes a model, whole or damaged, and what an interrupted pull of it left.

    Raises :class:`ModelNotInstalled` when there is nothing, and :class:`OutputNotWritable`.
    """
    folder = folder_of(name)
    unfinished = models_folder() / _WORK / name.replace(":", "~")
    places = (folder, unfinished, unfinished.with_name(f"{unfinished.name}.parts"))
    if not any(place.is_dir() for place in places):
        raise ModelNotInstalled(
            f"The model {name} is not installed", remedy="List those that are with: dragoman models list"
        )
    try:
        for place in places:
            discard(place)
    except OSError as error:
        raise disk_error(error) from error


@contextmanager
def opened_archives() -> Iterator[Archives]:
    """Packages that a command fetches, thrown away at its end; they lie on the disk of the models.

    Raises :class:`OutputNotWritable` and :class:`DiskFull`.
    """
    work = models_folder() / _WORK
    try:
        work.mkdir(parents=True, exist_ok=True)
        with _locked(work / "archives.lock", lambda: None):
            _sweep(work)
            place = tempfile.TemporaryDirectory(prefix=_ARCHIVES, dir=work)
            handle = os.open(place.name, os.O_RDONLY)
            _taken(handle)
    except OSError as error:
        raise disk_error(error) from error
    try:
        with place as folder:
            yield Archives(Path(folder))
    finally:
        os.close(handle)


def _sweep(work: Path) -> None:
    """Removes what processes left that were killed: folders whose lock, which ends with a process, is free."""
    for folder in work.glob(f"{_ARCHIVES}*"):
        handle = os.open(folder, os.O_RDONLY)
        try:
            if _taken(handle):
                shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(handle)


def free_space() -> int:
    """Bytes that are free where models lie."""
    return shutil.disk_usage(models_folder()).free
