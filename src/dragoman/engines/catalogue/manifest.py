"""The ``model.json`` in each installed folder, by which a model describes itself."""

import json
from functools import cache
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from dragoman.core.errors import ModelDamaged
from dragoman.engines.catalogue.model import Model

FILE: Final = "model.json"
_LARGEST: Final = 1 << 20
"""Bytes; a manifest has some kilobytes."""


@cache
def _adapter() -> TypeAdapter[Model]:
    return TypeAdapter(Model)


def dump(model: Model) -> bytes:
    return _adapter().dump_json(model, indent=2) + b"\n"


def load(folder: Path) -> Model:
    """Raises :class:`FileNotFoundError` where no model is installed, and :class:`ModelDamaged` for a manifest that
    cannot be read or that is another model's."""
    path = folder / FILE
    try:
        with path.open("rb") as file:
            model = _adapter().validate_json(file.read(_LARGEST))
    except (FileNotFoundError, NotADirectoryError):
        raise FileNotFoundError(path) from None
    except (OSError, ValidationError, json.JSONDecodeError) as error:
        raise _damaged(path, "cannot be read") from error
    if model.name != f"{folder.parent.name}:{folder.name}":
        raise _damaged(path, f"describes {model.name!r}")
    return model


def _damaged(path: Path, why: str) -> ModelDamaged:
    name = f"{path.parent.parent.name}:{path.parent.name}"
    return ModelDamaged(
        f"The manifest {path} {why}", remedy=f"Run: dragoman models remove {name} && dragoman models pull {name}"
    )
