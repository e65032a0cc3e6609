"""The one error tree.

Every error that can reach a user is a :class:`DragomanError` with a stable ``code``, one line of text, the
``remedy`` that the user can act on, and whether trying again may help. Faces map codes to their own wire (exit
codes, close codes, HTTP bodies); a test fails when a face forgets one.

    DragomanError
    ├── InputError            what the user gave cannot be used
    │   ├── FileUnreadable  NotAudio  EmptyAudio  NoSpeech  MediaLimitExceeded
    │   └── UnknownLanguage  UnsupportedLanguage  InvalidOption
    ├── OutputError           the result cannot be written
    │   └── OutputNotWritable  DiskFull
    └── EngineError           an engine is missing or broke
        └── EngineNotFound  EngineUnavailable  EngineCrashed  EngineFailed  DecoderCrashed
"""

from collections.abc import Iterator


class DragomanError(Exception):
    """Base of every error a user may see."""

    code: str = "error"
    retryable: bool = False

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message, remedy)
        self.message = message
        self.remedy = remedy

    def __reduce__(self) -> tuple[object, ...]:
        # Errors travel out of child processes; keyword-only arguments do not pickle by default.
        return (_rebuild, (type(self), self.message, self.remedy))

    def __str__(self) -> str:
        return f"{self.message}. {self.remedy}" if self.remedy else self.message


def _rebuild(kind: type[DragomanError], message: str, remedy: str) -> DragomanError:
    return kind(message, remedy=remedy)


class InputError(DragomanError):
    code = "invalid_input"


class FileUnreadable(InputError):
    """The path leads to nothing that can be opened and read: missing, a folder, a pipe, or not allowed."""

    code = "file_unreadable"


class NotAudio(InputError):
    """The bytes are no sound or video that can be decoded."""

    code = "not_audio"


class EmptyAudio(InputError):
    """There is a container, or nothing at all, but no samples."""

    code = "empty_audio"


class NoSpeech(InputError):
    """The sound was heard to its end and nobody spoke."""

    code = "no_speech"


class MediaLimitExceeded(InputError):
    """Decoding needs more memory, time or output than is allowed."""

    code = "media_limit_exceeded"


class UnknownLanguage(InputError):
    """The tag names no language."""

    code = "unknown_language"


class UnsupportedLanguage(InputError):
    """The language is real, and no installed engine can do what was asked with it."""

    code = "unsupported_language"


class InvalidOption(InputError):
    """An option's value is out of range or contradicts another."""

    code = "invalid_option"


class OutputError(DragomanError):
    code = "output_error"


class OutputNotWritable(OutputError):
    code = "output_not_writable"


class DiskFull(OutputError):
    code = "disk_full"


class EngineError(DragomanError):
    code = "engine_error"


class EngineNotFound(EngineError):
    """No plug-in of that name is installed."""

    code = "engine_not_found"


class EngineUnavailable(EngineError):
    """The plug-in is there, and a program, library or model that it needs is not."""

    code = "engine_unavailable"


class EngineCrashed(EngineError):
    """The process that an engine ran in died; the next call gets a new one."""

    code = "engine_crashed"
    retryable = True


class EngineFailed(EngineError):
    """An engine raised, or answered something that makes no sense."""

    code = "engine_failed"
    retryable = True


class DecoderCrashed(EngineError):
    """The media decoder's process died on this input."""

    code = "decoder_crashed"


def error_kinds(root: type[DragomanError] = DragomanError) -> Iterator[type[DragomanError]]:
    """Every class of the tree, so that a face can be checked against all of it."""
    yield root
    for kind in root.__subclasses__():
        yield from error_kinds(kind)


def first_error(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The one error to report when several tasks of one run failed together: the first of ours, else the first."""
    leaves = list(_leaves(group))
    return next((leaf for leaf in leaves if isinstance(leaf, DragomanError)), leaves[0])


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error
