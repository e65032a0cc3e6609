"""Turns what the operating system says about writing into the errors that a user sees, in one place."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dragoman.core.errors import DiskFull, OutputNotWritable

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@contextmanager
def writing_to(target: Path | str) -> Iterator[None]:
    """Around everything that opens, writes or closes ``target``. Raises DiskFull or OutputNotWritable."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        if error.errno in _FULL:
            raise DiskFull(
                f"{target} cannot be written: {reason}", remedy="Free some space, or write elsewhere"
            ) from error
        raise OutputNotWritable(
            f"{target} cannot be written: {reason}", remedy="Name a folder that exists and that you may write to"
        ) from error
