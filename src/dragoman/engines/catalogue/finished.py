"""Files being made beside the models: written to the end, compared with the catalogue, then put in their place."""

import errno
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

from dragoman.core.errors import DiskFull, DragomanError, OutputNotWritable
from dragoman.engines.catalogue.model import ModelFile
from dragoman.engines.catalogue.store import models_folder, sha256_of

CHUNK: Final = 1 << 18
"""Bytes that are read, hashed and written at once."""

Advance = Callable[[int], None]
"""Takes the bytes that have come since the last call, for a progress bar."""


class SourceFailed(Exception):
    """One source could not give a file; its message says why in a few words. Another source may."""


class SourceUnreachable(SourceFailed):
    """Nobody answers at the source's address, so that there is no use in asking it for another file."""


def is_finished(path: Path, file: ModelFile) -> bool:
    """Whether the file is there and is the one that the catalogue means."""
    if not path.is_file() or file.size not in {0, path.stat().st_size}:
        return False
    return sha256_of(path) == file.sha256


def finish(written: Path, target: Path, file: ModelFile) -> None:
    """Moves a written file to its place. Raises :class:`SourceFailed`, and removes it, when it is not what it should
    be."""
    if file.size not in {0, size := written.stat().st_size}:
        written.unlink()
        raise SourceFailed(f"{file.path} has {size} bytes instead of {file.size}")
    if (digest := sha256_of(written)) != file.sha256:
        written.unlink()
        raise SourceFailed(f"{file.path} has sha256 {digest[:12]}… instead of {file.sha256[:12]}…")
    synchronise(written)
    target.parent.mkdir(parents=True, exist_ok=True)
    written.replace(target)


def copy_bounded(
    chunks: Iterable[bytes], path: Path, limit: int, *, advance: Advance = lambda _count: None, mode: str = "wb"
) -> None:
    """Writes what comes, until it is more than ``limit`` bytes: then raises :class:`SourceFailed`."""
    with path.open(mode) as out:
        written = out.tell()
        for chunk in chunks:
            written += len(chunk)
            if written > limit:
                raise SourceFailed(f"{path.name} is longer than the {limit} bytes that it should have")
            out.write(chunk)
            advance(len(chunk))


def read_chunks(path: Path) -> Iterator[bytes]:
    """Raises :class:`SourceFailed` when the file cannot be read."""
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk
    except OSError as error:
        raise SourceFailed(f"{path.name} cannot be read: {error.strerror or error}") from error


def synchronise(path: Path) -> None:
    """Makes sure that a file, or the names in a folder, outlast a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def disk_error(error: OSError) -> DragomanError:
    """The error to raise when something cannot be written to the models folder."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return DiskFull(
            f"There is no space left for models in {models_folder()}",
            remedy="Free some, or name another folder with DRAGOMAN_MODELS_DIR",
        )
    return OutputNotWritable(
        f"The models folder {models_folder()} cannot be written: {error.strerror or error}",
        remedy="Change its permissions, or name another folder with DRAGOMAN_MODELS_DIR",
    )
