"""Where recordings lie, and what came of them: a folder, or whatever fsspec reaches by URL.

A key is a path of plain names, such as ``jobs/k3v9q2m1xz/input``. What is written appears whole or not at all, and is
on the disk when it appears. Everything that touches it runs in threads.
"""

import errno
import os
import re
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, Final, ParamSpec, TypeVar

import anyio
import fsspec
from anyio.to_thread import run_sync
from fsspec.implementations.local import LocalFileSystem

from dragoman.core.errors import BlobNotFound, BlobsUnavailable, DiskFull, InvalidSetting

P = ParamSpec("P")
R = TypeVar("R")

_KEY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")

_PIECE: Final = 1 << 20
"""Bytes moved at a time."""

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class Blobs:
    """Every method raises :class:`BlobsUnavailable` or :class:`DiskFull` when the place does not play along."""

    def __init__(self, url: str) -> None:
        """``url``: a folder, or what fsspec understands, such as ``s3://bucket/folder``.

        Raises :class:`InvalidSetting` for one whose library is missing.
        """
        try:
            self._files, self._root = fsspec.url_to_fs(url)
        except (ImportError, ValueError) as error:
            raise InvalidSetting(
                f"blobs_url {url.partition('://')[0]}://… cannot be used: {error}",
                remedy="Name a folder, or install the library that fsspec asks for",
            ) from error
        self._is_folder = isinstance(self._files, LocalFileSystem)

    async def write(self, key: str, data: bytes) -> None:
        """Replaces what was there."""
        async with self.writer(key) as writer:
            await writer.write(data)

    @asynccontextmanager
    async def writer(self, key: str) -> AsyncIterator["BlobWriter"]:
        """For what does not fit into memory. Nothing appears when the context is left by an exception."""
        path = self._path(key)
        # An object store shows an object only when it is committed; a folder has to be helped.
        written = f"{_parent(path)}/.{secrets.token_hex(8)}.part" if self._is_folder else path
        file = await _threaded(self._open_new, written)
        try:
            yield BlobWriter(file)
            await _threaded(self._finish, file, written, path)
        except BaseException:
            with anyio.CancelScope(shield=True):
                await _threaded(self._discard, file, written)
            raise

    async def read(self, key: str) -> bytes:
        """Raises :class:`BlobNotFound`."""
        return await _threaded(self._read, self._path(key))

    async def pieces(self, key: str) -> AsyncGenerator[bytes, None]:
        """Raises :class:`BlobNotFound`. Close it when leaving early."""
        file = await _threaded(self._open, self._path(key))
        try:
            while piece := await _threaded(file.read, _PIECE):
                yield piece
        finally:
            with anyio.CancelScope(shield=True):
                await _threaded(file.close)

    @asynccontextmanager
    async def local(self, key: str) -> AsyncIterator[Path]:
        """A file on this machine with its content, to be read only. Raises :class:`BlobNotFound`."""
        if self._is_folder:
            if not await self.exists(key):
                raise _not_found(key)
            yield Path(self._path(key))
            return
        with TemporaryDirectory(prefix="dragoman-") as folder:
            copy = Path(folder) / "blob"
            async with await anyio.open_file(copy, "wb") as file:
                async for piece in self.pieces(key):
                    await file.write(piece)
            yield copy

    async def exists(self, key: str) -> bool:
        return bool(await _threaded(self._files.isfile, self._path(key)))

    async def size(self, key: str) -> int:
        """Bytes. Raises :class:`BlobNotFound`."""
        return int(await _threaded(self._size, self._path(key)))

    async def names(self, folder: str) -> list[str]:
        """Keys of what lies in a folder, sorted."""
        path = self._path(folder)
        found = await _threaded(self._list, path)
        return sorted(f"{folder}/{name}" for name in found if not name.startswith("."))

    async def changed(self, folder: str) -> datetime | None:
        """When something below was last written, unfinished things too; None when there is nothing."""
        return await _threaded(self._changed, self._path(folder))

    async def delete(self, folder: str) -> None:
        """Everything below; nothing to delete is no error."""
        await _threaded(self._remove, self._path(folder))

    def _path(self, key: str) -> str:
        if _KEY.fullmatch(key) is None:
            raise ValueError(f"not a key: {key!r}")
        return f"{self._root}/{key}"

    def _open_new(self, path: str) -> IO[bytes]:
        if self._is_folder:
            self._files.makedirs(_parent(path), exist_ok=True)
            return Path(path).open("xb")
        file: IO[bytes] = self._files.open(path, "wb", autocommit=False)
        return file

    def _open(self, path: str) -> IO[bytes]:
        file: IO[bytes] = self._files.open(path, "rb")
        return file

    def _read(self, path: str) -> bytes:
        with self._open(path) as file:
            return file.read()

    def _size(self, path: str) -> Any:
        return self._files.size(path)

    def _list(self, path: str) -> list[str]:
        try:
            return [entry.rpartition("/")[2] for entry in self._files.ls(path, detail=False, refresh=True)]
        except FileNotFoundError:
            return []

    def _finish(self, file: Any, written: str, path: str) -> None:
        if not self._is_folder:
            file.close()
            file.commit()
            return
        with file:
            file.flush()
            os.fsync(file.fileno())
        Path(written).rename(path)
        folder = os.open(_parent(path), os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)  # or a power cut forgets the name
        finally:
            os.close(folder)

    def _discard(self, file: Any, written: str) -> None:
        if self._is_folder:
            file.close()
            Path(written).unlink(missing_ok=True)
        else:
            file.discard()

    def _changed(self, path: str) -> datetime | None:
        times: list[datetime] = [self._files.modified(file) for file in self._files.find(path)]
        return max(times, default=None)

    def _remove(self, path: str) -> None:
        if self._files.exists(path):
            self._files.rm(path, recursive=True)


class BlobWriter:
    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.size = 0
        """Bytes written."""

    async def write(self, data: bytes) -> None:
        await _threaded(self._file.write, data)
        self.size += len(data)


def _parent(path: str) -> str:
    return path.rpartition("/")[0]


async def _threaded(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    with _errors():
        return await run_sync(partial(work, *args, **kwargs))


@contextmanager
def _errors() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise _not_found(_last_names(error)) from error
    except OSError as error:
        reason = error.strerror or str(error)
        if error.errno in _FULL:
            raise DiskFull(f"No space is left for recordings: {reason}", remedy="Free some space") from error
        raise BlobsUnavailable(f"Recordings cannot be reached: {reason}", remedy="Check blobs_url") from error


def _last_names(error: FileNotFoundError) -> str:
    """The key in a path, for keys of the jobs have three names; where everything lies is nobody's business."""
    return "/".join(str(error.filename or error).split("/")[-3:])


def _not_found(key: str) -> BlobNotFound:
    return BlobNotFound(f"There is no {key}")
