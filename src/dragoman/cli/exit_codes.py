"""What the program ends with: one number for every way in which it can fail."""

from collections.abc import Mapping
from typing import Final

from dragoman.core.errors import DragomanError

SUCCESS: Final = 0
USAGE: Final = 2
INTERNAL_ERROR: Final = 70
"""A bug of ours."""
BROKEN_PIPE: Final = 141
"""Nobody reads standard output any more; what a shell shows for a program that SIGPIPE ended."""
SIGNAL: Final = 128
"""Plus the number of the signal that ended the work: 130 for Ctrl-C, 143 for SIGTERM."""

EXIT_CODES: Final[Mapping[str, int]] = {
    "error": 1,
    "invalid_option": USAGE,
    "invalid_input": 10,
    "file_unreadable": 11,
    "not_audio": 12,
    "empty_audio": 13,
    "no_speech": 14,
    "media_limit_exceeded": 15,
    "unknown_language": 16,
    "unsupported_language": 17,
    "invalid_setting": 18,
    "invalid_message": 19,
    "invalid_text": 23,
    "output_error": 20,
    "output_not_writable": 21,
    "disk_full": 22,
    "engine_error": 30,
    "engine_not_found": 31,
    "engine_unavailable": 32,
    "engine_crashed": 33,
    "engine_failed": 34,
    "decoder_crashed": 35,
    "model_unknown": 36,
    "model_not_installed": 37,
    "model_damaged": 38,
    "model_unreachable": 39,
    "licence_not_accepted": 29,
    "auth_error": 40,
    "credential_missing": 41,
    "credential_malformed": 42,
    "credential_unknown": 43,
    "credential_revoked": 44,
    "credential_expired": 45,
    "account_closed": 46,
    "scope_missing": 47,
    "account_error": 50,
    "account_not_found": 51,
    "account_exists": 52,
    "key_not_found": 53,
    "job_error": 56,
    "job_not_found": 57,
    "job_running": 58,
    "job_expired": 59,
    "outbound_failed": 55,
    "money_error": 60,
    "insufficient_tokens": 61,
    "invalid_amount": 62,
    "idempotency_conflict": 63,
    "ledger_inconsistent": 64,
    "hold_not_found": 65,
    "hold_exists": 66,
    "hold_closed": 67,
    "hold_exceeded": 68,
    "limit_error": 90,
    "at_capacity": 91,
    "too_many_sessions": 92,
    "shutting_down": 93,
    "session_idle": 94,
    "session_too_long": 95,
    "reader_stalled": 96,
    "sender_too_fast": 97,
    "too_many_jobs": 98,
    "storage_error": 80,
    "database_unavailable": 81,
    "database_busy": 82,
    "database_newer": 83,
    "blob_not_found": 84,
    "blobs_unavailable": 85,
}
"""By error code; a test compares it with the error tree."""


def exit_code(error: DragomanError) -> int:
    return EXIT_CODES[error.code]
