"""What the output files of recordings are called."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from dragoman.core.errors import InvalidOption


def stems(files: Sequence[Path]) -> list[str]:
    """A name for each file's outputs: its own without the suffix, numbered where an earlier file has the same."""
    taken: set[str] = set()
    names = []
    for file in files:
        stem = file.stem or file.name
        number = 1
        name = stem
        while name in taken:
            number += 1
            name = f"{stem}-{number}"
        taken.add(name)
        names.append(name)
    return names


def check_inputs_kept(folder: Path, outputs: Iterable[str], inputs: Iterable[Path]) -> None:
    """Raises :class:`InvalidOption` when a file of these names would replace a recording that is to be read."""
    resolved = {file.resolve(): file for file in inputs}
    for name in outputs:
        if (file := resolved.get((folder / name).resolve())) is not None:
            raise InvalidOption(f"{file} would be overwritten by a result", remedy="Choose another folder with --out")
