"""One model that can be installed: what it is, whose it is, and the bytes that it consists of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field

from dragoman.core.quality import Figure

FILE_PATH: Final = r"[\w-][\w.-]*(/[\w-][\w.-]*)*"
"""Regular expression of the paths that a model's files may have."""

_UNKNOWN_SIZE: Final = 256 << 20
"""Bytes; the only files without a known size are voices of some 60 MB."""

Kind = Literal["recognizer", "translator", "synthesizer"]


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model, as upstream publishes it."""

    path: Annotated[str, Field(pattern=f"^{FILE_PATH}$", max_length=200)]
    """Relative to the model's folder, parts joined by ``/``; nothing hidden, nothing outside of it."""
    size: Annotated[int, Field(ge=0)]
    """Bytes; 0 where upstream's size is not known, and the sha256 alone decides. Manifests of installed models have
    the real one."""
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    """Hex digest of the finished file, whatever archive or parts it came in."""

    @property
    def limit(self) -> int:
        """Bytes after which it is certain that a source sends something else."""
        return self.size or _UNKNOWN_SIZE


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One entry of the catalogue."""

    name: str
    """``engine:model``, such as ``whisper:base`` or ``firefox:en-pt``."""
    kind: Kind
    title: str
    """One line for people."""
    licence: str
    """SPDX expression of the weights."""
    data_licence: str
    """Licence of the data that they were trained on, in a few words; ``not stated`` where upstream does not say."""
    files: tuple[ModelFile, ...]
    languages: tuple[str, ...] = ()
    """Canonical tags that it hears or speaks."""
    pairs: tuple[tuple[str, str], ...] = ()
    """Canonical tags that it translates between."""
    figures: Mapping[str, Figure] = field(default_factory=dict)
    """Per language, or per pair written ``en-pt``: what was measured."""
    details: Mapping[str, str | int | float] = field(default_factory=dict)
    """What the engine's adapter needs to know besides, such as a sample rate."""

    @property
    def engine(self) -> str:
        return self.name.partition(":")[0]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)


@dataclass(frozen=True, slots=True)
class InstalledModel:
    """A model whose files are on this machine."""

    model: Model
    folder: Path

    def path(self, file: str) -> Path:
        return self.folder / file
