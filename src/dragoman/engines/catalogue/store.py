"""The models folder: what is installed, found by looking at files and never by writing any.

Each model has a folder ``ENGINE/MODEL`` with its files and ``model.json``. A model is put there by one ``rename``, so
that whatever is there is whole; several servers may share a folder that none of them can write to.
"""

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from dragoman.core.errors import ModelDamaged, ModelNotInstalled, ModelUnknown
from dragoman.engines.catalogue import manifest
from dragoman.engines.catalogue.entries import find_entry
from dragoman.engines.catalogue.model import InstalledModel, Model, ModelFile

_FOLDER: Final = "DRAGOMAN_MODELS_DIR"
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,31}:[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def models_folder() -> Path:
    """Where models lie: ``DRAGOMAN_MODELS_DIR``, else in the user's cache folder."""
    try:
        if named := os.environ.get(_FOLDER):
            return Path(named).expanduser().absolute()
        return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser().absolute() / "dragoman" / "models"
    except RuntimeError:  # a user without a home folder
        return Path("/var/cache/dragoman/models")


def folder_of(name: str) -> Path:
    """Where a model of that name lies, or would. Raises :class:`ModelUnknown` for what cannot be a name."""
    if not _NAME.fullmatch(name):
        raise ModelUnknown(f"{name!r} is no name of a model", remedy="A name is ENGINE:MODEL, such as whisper:base")
    engine, _, model = name.partition(":")
    return models_folder() / engine / model


def installed(engine: str | None = None) -> tuple[InstalledModel, ...]:
    """Whole models of one engine, or of all, by name. A model that is damaged is left out."""
    return tuple(sorted(_installed(engine), key=lambda model: model.model.name))


def _installed(engine: str | None) -> Iterator[InstalledModel]:
    for name in present(engine):
        if (found := installed_or_none(name)) is not None:
            yield found


def present(engine: str | None = None) -> Iterator[str]:
    """Names of the models that have a folder, whole or not."""
    for parent in _folders(models_folder()):
        if engine in {None, parent.name}:
            for folder in _folders(parent):
                if _NAME.fullmatch(name := f"{parent.name}:{folder.name}"):
                    yield name


def _folders(parent: Path) -> list[Path]:
    try:
        return sorted(path for path in parent.iterdir() if path.is_dir() and not path.name.startswith("."))
    except OSError:  # missing, or not ours to read: nothing is installed there
        return []


def locate(name: str) -> InstalledModel:
    """The installed model of that name.

    Raises :class:`ModelNotInstalled`, :class:`ModelUnknown` for a name that is in no catalogue either, and
    :class:`ModelDamaged` when a file is missing or has another size. Contents are compared by :func:`verify`.
    """
    folder = folder_of(name)
    try:
        model = manifest.load(folder)
    except FileNotFoundError:
        raise _not_installed(name) from None
    for file in model.files:
        _check_size(name, folder, file)
    return InstalledModel(_newest(model), folder)


def installed_or_none(name: str) -> InstalledModel | None:
    """As :func:`locate`; None for a model that is missing or damaged."""
    try:
        return locate(name)
    except (ModelNotInstalled, ModelDamaged):
        return None


def _not_installed(name: str) -> ModelNotInstalled:
    if find_entry(name) is None:
        return ModelNotInstalled(
            f"The model {name} is not installed, and is not in the catalogue",
            remedy=f"Install a model of your own with: dragoman models import FOLDER --name {name}",
        )
    return ModelNotInstalled(f"The model {name} is not installed", remedy=f"Run: dragoman models pull {name}")


def _check_size(name: str, folder: Path, file: ModelFile) -> None:
    try:
        size = (folder / file.path).stat().st_size
    except OSError as error:
        raise damaged(name, f"{file.path} is missing") from error
    if size != file.size:
        raise damaged(name, f"{file.path} has {size} bytes instead of {file.size}")


def damaged(name: str, why: str) -> ModelDamaged:
    again = "pull" if find_entry(name) is not None else "import"
    return ModelDamaged(
        f"The model {name} is damaged: {why}",
        remedy=f"Run: dragoman models remove {name}, then {again} it again",
    )


def _newest(model: Model) -> Model:
    """What the built-in catalogue says of the same files; it may know more than when they were pulled."""
    entry = find_entry(model.name)
    if entry is None or _digests(entry.model) != _digests(model):
        return model
    return replace(entry.model, files=model.files)


def _digests(model: Model) -> set[tuple[str, str]]:
    return {(file.path, file.sha256) for file in model.files}


def verify(name: str) -> InstalledModel:
    """Reads every byte. Raises as :func:`locate` does."""
    found = locate(name)
    for file in found.model.files:
        if (digest := sha256_of(found.path(file.path))) != file.sha256:
            raise damaged(name, f"{file.path} has sha256 {digest[:12]}… instead of {file.sha256[:12]}…")
    return found


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
