"""Where one session, one connection, one job or one round of a supervisor is kept from the others when it has a bug.

A bug is logged by its kind and its place in our code. Its message and its variables are not: they may hold what
somebody said.
"""

import traceback
from pathlib import Path

import structlog

from dragoman.core.errors import InternalError

_log = structlog.get_logger()

_FRAMES = 8
"""The innermost ones."""


def report_bug(event: str, error: Exception, **about: str) -> InternalError:
    """Logs it, and what it was about; returns what may be told of it."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    where = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
    _log.error(event, kind=type(error).__name__, where=where, **about)
    return InternalError("Something went wrong inside the server", remedy="Start again; if it happens again, report it")
