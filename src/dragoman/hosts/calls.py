"""What every host does with a call: find the method by its name, and turn what it raises into our errors."""

from collections.abc import Callable
from types import FunctionType
from typing import cast

from dragoman.core.errors import DragomanError, EngineFailed


def method_name(method: Callable[..., object]) -> str:
    """Name of a Protocol's method, by which it is looked up on the engine, here or in a child."""
    return cast("FunctionType", method).__name__


def as_engine_error(engine: str, error: Exception) -> DragomanError:
    """An engine may raise anything; callers see only the error tree."""
    if isinstance(error, DragomanError):
        return error
    return EngineFailed(f"{engine} failed: {type(error).__name__}: {error}")
