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
    """Per file of the model: its name below ``base``, where that differs."""
    suffix: Literal["", ".gz"] = ""
    """Follows each name; what comes as ``.gz`` is unpacked."""
    only: tuple[str, ...] = ()
    """The files that are there, where not all of the model are."""

    def has(self, path: str) -> bool:
        return not self.only or path in self.only

    def url(self, path: str) -> str:
        return self.base + self.names.get(path, path) + self.suffix


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """A tar archive at one address, of which members are taken."""

    url: str
    members: Mapping[str, str]
    """Per file of the model: the member that it is."""
    download: int
    """Bytes that the archive has at most."""

    def has(self, path: str) -> bool:
        return path in self.members


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

    def has(self, path: str) -> bool:
        return path in self.members


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of the operator's, laid out like the models folder."""

    path: Path

    def has(self, path: str) -> bool:
        return (self.path / path).is_file()


Source = Address | Archive | Packages
"""What the built-in catalogue names; a :class:`Folder` comes from the operator alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A model of the built-in catalogue, and where it can be had, best source first."""

    model: Model
    sources: tuple[Source, ...] = ()
    terms: str = ""
    """Why the licence has to be accepted, in one sentence; empty for a permissive one."""
