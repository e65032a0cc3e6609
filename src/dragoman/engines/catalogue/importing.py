"""Models of the operator's: a folder of files becomes an installed model, which describes itself from then on."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dragoman.core.errors import FileUnreadable, InvalidOption, ModelDamaged
from dragoman.core.language import canonical
from dragoman.engines.catalogue import manifest
from dragoman.engines.catalogue.entries import find_entry
from dragoman.engines.catalogue.finished import SourceFailed, copy_bounded, disk_error, finish, read_chunks
from dragoman.engines.catalogue.model import FILE_PATH, InstalledModel, Kind, Model, ModelFile
from dragoman.engines.catalogue.staging import Staging, staged
from dragoman.engines.catalogue.store import folder_of, sha256_of

_KINDS: Final[Mapping[str, Kind]] = {
    "whisper": "recognizer",
    "firefox": "translator",
    "ctranslate2": "translator",
    "piper": "synthesizer",
}
"""Engines whose models can be an operator's own."""

_MULTILINGUAL: Final = frozenset({"ctranslate2"})
"""Engines whose translation models may be described by their languages: all pairs of them."""

_PARTS: Final[Mapping[str, Mapping[str, str]]] = {
    "whisper": {"model": r"model\.bin"},
    "ctranslate2": {"model": r"(model/)?model\.bin"},  # Argos packages have it in a folder
    "firefox": {
        "model": r"model\..*\.bin",
        "source_vocabulary": r"(src)?vocab\..*\.spm",
        "target_vocabulary": r"(trg)?vocab\..*\.spm",
    },
    "piper": {"model": r".*\.onnx"},
}
"""Per engine and name in ``details``: the file that it needs, by a regular expression."""

_MORE_PARTS: Final[Mapping[str, Mapping[str, str]]] = {
    "firefox": {"shortlist": r"lex\..*\.bin"},
    "piper": {"config": r".*\.onnx\.json"},
}
"""The same for files that it can do without."""

_MOST_FILES: Final = 1000
_HUGE: Final = 64 << 30
"""Bytes; no model that these engines load has more."""


@dataclass(frozen=True, slots=True)
class Described:
    """What the operator says of a model that the catalogue does not know."""

    languages: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    licence: str = "not stated"

    @classmethod
    def given(cls, *, languages: str | None, pairs: str | None, licence: str | None) -> "Described":
        """From the text of options. Raises :class:`InvalidOption` and :class:`UnknownLanguage`."""
        return cls(
            tuple(canonical(tag) for tag in languages.split(",")) if languages else (),
            tuple(_pair(text) for text in pairs.split(",")) if pairs else (),
            licence or "not stated",
        )


def _pair(text: str) -> tuple[str, str]:
    source, mark, target = text.partition(":")
    if not mark:
        raise InvalidOption(f"{text!r} is no pair of languages", remedy="Write FROM:TO, such as en:es")
    return canonical(source), canonical(target)


def import_model(folder: Path, name: str, described: Described) -> InstalledModel:
    """Copies a folder's files and installs them under that name, in place of a model that has it.

    A name of the catalogue must be given the catalogue's files. Raises :class:`FileUnreadable`,
    :class:`InvalidOption`, :class:`ModelDamaged`, and what writing raises.
    """
    target = folder_of(name)
    if not folder.is_dir():
        raise FileUnreadable(f"{folder} is no folder", remedy="Name the folder that holds the model's files")
    if target == folder.resolve():
        raise InvalidOption(f"{folder} is the model's own folder", remedy="Name the folder to copy from")
    entry = find_entry(name)
    model = entry.model if entry is not None else _described(folder, name, described)
    try:
        with staged(model) as staging:
            _copy(folder, staging)
            return staging.install()
    except SourceFailed as error:
        known = "the catalogue knows other files by that name" if entry is not None else "the folder changed"
        raise ModelDamaged(
            f"{folder} is not the model {name}: {error}; {known}", remedy="Import it under a name of your own"
        ) from error
    except OSError as error:
        raise disk_error(error) from error


def _copy(folder: Path, staging: Staging) -> None:
    for file in staging.model.files:
        copied = staging.scratch / "copied"
        copy_bounded(read_chunks(folder / file.path), copied, file.limit)
        finish(copied, staging.path(file.path), file)


def _described(folder: Path, name: str, described: Described) -> Model:
    engine = name.partition(":")[0]
    kind = _KINDS.get(engine)
    if kind is None:
        raise InvalidOption(
            f"{engine} takes no models of your own", remedy=f"Engines that do: {', '.join(sorted(_KINDS))}"
        )
    multilingual = engine in _MULTILINGUAL and bool(described.languages)
    if kind == "translator" and not described.pairs and not multilingual:
        raise InvalidOption(f"What {name} translates between is not said", remedy="Say it with --pairs en:es,es:en")
    if kind != "translator" and not described.languages:
        raise InvalidOption(f"The languages of {name} are not said", remedy="Say them with --languages en,es")
    files = _files(folder)
    return Model(
        name=name,
        kind=kind,
        title=f"Imported from {folder.name}",
        licence=described.licence,
        data_licence="not stated",
        files=tuple(files),
        languages=described.languages if kind != "translator" or multilingual else (),
        pairs=described.pairs if kind == "translator" else (),
        details=_details(folder, engine, [file.path for file in files]),
    )


def _details(folder: Path, engine: str, paths: Sequence[str]) -> dict[str, str]:
    """What part each file plays, as entries of the catalogue say it. Raises :class:`InvalidOption` when one is
    missing."""
    found = {}
    for role, pattern in {**_PARTS[engine], **_MORE_PARTS.get(engine, {})}.items():
        matching = [path for path in paths if re.fullmatch(pattern, path)]
        if matching:
            found[role] = matching[0]
        elif role in _PARTS[engine]:
            raise InvalidOption(
                f"{folder} is no model of {engine}: it has no {role.replace('_', ' ')}",
                remedy=f"Name a folder with a file like {pattern}",
            )
    return found


def _files(folder: Path) -> list[ModelFile]:
    """The files below a folder, hidden ones and a manifest left out."""
    found = []
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in relative.parts)
        if hidden or not path.is_file() or str(relative) == manifest.FILE:
            continue
        if not re.fullmatch(FILE_PATH, str(relative)):
            raise InvalidOption(
                f"{folder} has a file named {str(relative)!r}", remedy="Use letters, digits, dots, hyphens, underscores"
            )
        found.append(path)
        if len(found) > _MOST_FILES:
            raise InvalidOption(f"{folder} holds more than {_MOST_FILES} files", remedy="Name the model's own folder")
    if not found:
        raise FileUnreadable(f"{folder} holds no files", remedy="Name the folder that holds the model's files")
    if sum(path.stat().st_size for path in found) > _HUGE:
        raise InvalidOption(f"{folder} holds more than {_HUGE >> 30} GiB", remedy="Name the model's own folder")
    return [ModelFile(path.relative_to(folder).as_posix(), path.stat().st_size, sha256_of(path)) for path in found]
