"""The one error tree.

Every error that can reach a user is a :class:`DragomanError` with a stable ``code``, one line of text, the
``remedy`` that the user can act on, and whether trying again may help. Faces map codes to their own wire (exit
codes, close codes, HTTP bodies); a test fails when a face forgets one.

    DragomanError
    ├── InputError            what the user gave cannot be used
    │   ├── FileUnreadable  NotAudio  EmptyAudio  NoSpeech  MediaLimitExceeded
    │   ├── UnknownLanguage  UnsupportedLanguage
    │   └── InvalidOption  InvalidSetting  InvalidMessage  InvalidText
    ├── OutputError           the result cannot be written
    │   └── OutputNotWritable  DiskFull
    ├── EngineError           an engine is missing or broke
    │   ├── EngineNotFound  EngineUnavailable  EngineCrashed  EngineFailed  DecoderCrashed
    │   └── ModelUnknown  ModelNotInstalled  ModelDamaged  ModelUnreachable  LicenceNotAccepted
    ├── AuthError             a credential does not open the door
    │   ├── CredentialMissing  CredentialMalformed  CredentialUnknown  CredentialRevoked  CredentialExpired
    │   └── AccountClosed  ScopeMissing
    ├── AccountError          an account or key is not what its name says
    │   └── AccountNotFound  AccountExists  KeyNotFound
    ├── JobError              a batch job cannot be used as asked
    │   └── JobNotFound  JobRunning  JobExpired  OutboundFailed
    ├── MoneyError            tokens cannot move as asked; nothing has moved
    │   ├── InsufficientTokens  InvalidAmount  IdempotencyConflict  LedgerInconsistent
    │   └── HoldNotFound  HoldExists  HoldClosed  HoldExceeded
    ├── LimitError            more than this server, or this account, may have at once
    │   ├── AtCapacity  TooManySessions  TooManyJobs  ShuttingDown
    │   └── SessionIdle  SessionTooLong  ReaderStalled  SenderTooFast
    ├── StorageError          the database cannot be used
    │   └── DatabaseUnavailable  DatabaseBusy  DatabaseNewer  BlobNotFound  BlobsUnavailable
    └── InternalError         a bug of ours
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


class InvalidSetting(InputError):
    """The configuration, from a file or the environment, holds a value that is not allowed."""

    code = "invalid_setting"


class InvalidMessage(InputError):
    """A message of a client is not what the protocol says."""

    code = "invalid_message"


class InvalidText(InputError):
    """A text cannot be aligned with its recording: it is empty, no text, too long, or something else."""

    code = "invalid_text"


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


class ModelUnknown(EngineError):
    """The catalogue has no model of that name."""

    code = "model_unknown"


class ModelNotInstalled(EngineUnavailable):
    """The model is not on this machine; the remedy is the command that gets it."""

    code = "model_not_installed"


class ModelDamaged(EngineUnavailable):
    """A model's files are not what its publisher made: cut short, changed, or of something else."""

    code = "model_damaged"


class ModelUnreachable(EngineError):
    """None of a model's sources gave it; the message says what each answered."""

    code = "model_unreachable"
    retryable = True


class LicenceNotAccepted(EngineError):
    """The model's licence is not a permissive one, and nobody has accepted it here."""

    code = "licence_not_accepted"


class AuthError(DragomanError):
    code = "auth_error"


class CredentialMissing(AuthError):
    """Neither a key nor a token was given."""

    code = "credential_missing"


class CredentialMalformed(AuthError):
    """What was given has the form of neither a key nor a token."""

    code = "credential_malformed"


class CredentialUnknown(AuthError):
    """Well formed, and not one that was issued here."""

    code = "credential_unknown"


class CredentialRevoked(AuthError):
    """The key, or the key that the token was made from, has been revoked."""

    code = "credential_revoked"


class CredentialExpired(AuthError):
    code = "credential_expired"


class AccountClosed(AuthError):
    """The credential is genuine, and its account is closed."""

    code = "account_closed"


class ScopeMissing(AuthError):
    """The credential is genuine, and does not allow what was asked."""

    code = "scope_missing"


class AccountError(DragomanError):
    code = "account_error"


class AccountNotFound(AccountError):
    code = "account_not_found"


class AccountExists(AccountError):
    """The name is taken."""

    code = "account_exists"


class KeyNotFound(AccountError):
    code = "key_not_found"


class JobError(DragomanError):
    code = "job_error"


class JobNotFound(JobError):
    """There is no such job, or it belongs to somebody else."""

    code = "job_not_found"


class JobRunning(JobError):
    """The job is not over yet."""

    code = "job_running"
    retryable = True


class JobExpired(JobError):
    """The job was deleted, and all that came of it."""

    code = "job_expired"


class OutboundFailed(JobError):
    """Whom a job names, for its recording or to be told its end, could not be reached or did not do its part."""

    code = "outbound_failed"


class MoneyError(DragomanError):
    code = "money_error"


class InsufficientTokens(MoneyError):
    """Fewer tokens are available than the least that was asked for."""

    code = "insufficient_tokens"


class InvalidAmount(MoneyError):
    """No whole number, or one out of range."""

    code = "invalid_amount"


class IdempotencyConflict(MoneyError):
    """The idempotency key was used before, for a different request."""

    code = "idempotency_conflict"


class LedgerInconsistent(MoneyError):
    """The books do not balance. The only error of its tree after which something may have moved."""

    code = "ledger_inconsistent"


class HoldNotFound(MoneyError):
    """No tokens were ever held for that session."""

    code = "hold_not_found"


class HoldExists(MoneyError):
    """Tokens were held for that session before; it is topped up, not held again."""

    code = "hold_exists"


class HoldClosed(MoneyError):
    """The session has been settled or its tokens released."""

    code = "hold_closed"


class HoldExceeded(MoneyError):
    """A session would be charged more than was held for it."""

    code = "hold_exceeded"


class LimitError(DragomanError):
    code = "limit_error"


class AtCapacity(LimitError):
    """The machine carries as many live sessions as it can; one more would make all of them slow."""

    code = "at_capacity"
    retryable = True


class TooManySessions(LimitError):
    """The account runs as many sessions as it may."""

    code = "too_many_sessions"
    retryable = True


class TooManyJobs(LimitError):
    """The account has as many batch jobs that are not over as it may."""

    code = "too_many_jobs"
    retryable = True


class ShuttingDown(LimitError):
    """The server takes no new sessions, because it is about to stop."""

    code = "shutting_down"
    retryable = True


class SessionIdle(LimitError):
    """No audio came for too long."""

    code = "session_idle"


class SessionTooLong(LimitError):
    """The longest time that a session may last is over."""

    code = "session_too_long"


class ReaderStalled(LimitError):
    """The client takes its results so slowly that they would pile up without end."""

    code = "reader_stalled"


class SenderTooFast(LimitError):
    """The client sends audio faster than it can be heard, and does not wait."""

    code = "sender_too_fast"
    retryable = True


class StorageError(DragomanError):
    code = "storage_error"


class DatabaseUnavailable(StorageError):
    """The database cannot be reached or opened, or the connection was lost."""

    code = "database_unavailable"
    retryable = True


class DatabaseBusy(StorageError):
    """Other writers kept the database longer than we wait."""

    code = "database_busy"
    retryable = True


class DatabaseNewer(StorageError):
    """A newer Dragoman has changed the tables."""

    code = "database_newer"


class BlobNotFound(StorageError):
    """A recording, or what came of it, is not there, or not any more."""

    code = "blob_not_found"


class BlobsUnavailable(StorageError):
    """The place of recordings cannot be reached, read or written."""

    code = "blobs_unavailable"
    retryable = True


class InternalError(DragomanError):
    """Stands for a bug of ours where an error has to be shown; never raised."""

    code = "internal_error"


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
