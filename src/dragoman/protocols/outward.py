"""What of an error may be told to those outside: on every wire the same."""

from typing import Final

from dragoman.core.errors import DragomanError, EngineError, InvalidSetting, OutputError, StorageError

_INWARD: Final = (StorageError, OutputError, EngineError, InvalidSetting)
"""Their messages name paths, hosts and programs of this machine, which are nobody's business outside of it."""


def outward(error: DragomanError) -> DragomanError:
    """The error itself, or one of its kind that says no more than its code does."""
    if not isinstance(error, _INWARD):
        return error
    remedy = "Try again, then ask whoever runs the server" if error.retryable else "Ask whoever runs the server"
    return type(error)("The server cannot do that now", remedy=remedy)
