"""Files that appear only when they are complete.

Each is written under a hidden temporary name in its own folder. When all files of a recording are written they take
their names; when anything fails before that, they are gone.
"""

import io
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from dragoman.media.disk import writing_to


@contextmanager
def output_folder(folder: Path) -> Iterator[None]:
    """Makes the folder and tries it out, before any work is spent; one that was made here and stays empty is removed.

    Raises OutputNotWritable or DiskFull.
    """
    with writing_to(folder):
        made = not folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
    try:
        with OutputFiles(folder) as trial:
            trial.open("trial").write(b"\0")
        yield
    finally:
        if made:
            with suppress(OSError):
                folder.rmdir()


class OutputFiles:
    """The files of one recording, in one folder. Raises OutputNotWritable or DiskFull."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pending: list[tuple[BinaryIO, Path, Path]] = []

    def open(self, name: str) -> BinaryIO:
        """A new file, to be written and not closed; a file of that name that exists is replaced in the end."""
        path = self._folder / name
        temporary = self._folder / f".{name}.{secrets.token_hex(4)}.part"
        with writing_to(path):
            raw = io.FileIO(temporary, "x+b")
        raw.name = str(path)  # what an error message is to show
        file = io.BufferedRandom(raw)
        self._pending.append((file, temporary, path))
        return file

    def write(self, name: str, text: str) -> None:
        """A whole file of UTF-8 text."""
        file = self.open(name)
        with writing_to(self._folder / name):
            file.write(text.encode())

    def commit(self) -> list[Path]:
        """Gives the files their names, in the order in which they were opened. Returns them."""
        for file, _, path in self._pending:
            with writing_to(path):
                file.close()
        for _, temporary, path in self._pending:
            with writing_to(path):
                temporary.replace(path)
        paths = [path for _, _, path in self._pending]
        self._pending = []
        return paths

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file, temporary, _ in self._pending:
            with suppress(OSError):  # what could not be written cannot be flushed either
                file.close()
            with suppress(OSError):
                temporary.unlink()
        self._pending = []
