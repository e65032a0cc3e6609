"""HTTP status of every error."""

from collections.abc import Mapping
from typing import Final

from dragoman.core.errors import DragomanError

HTTP_STATUS: Final[Mapping[str, int]] = {
    "error": 500,
    "invalid_input": 422,
    "file_unreadable": 422,
    "not_audio": 415,
    "empty_audio": 422,
    "no_speech": 422,
    "media_limit_exceeded": 413,
    "unknown_language": 422,
    "unsupported_language": 422,
    "invalid_option": 422,
    "invalid_setting": 500,
    "invalid_message": 422,
    "output_error": 500,
    "output_not_writable": 500,
    "disk_full": 507,
    "engine_error": 500,
    "engine_not_found": 501,
    "engine_unavailable": 503,
    "engine_crashed": 503,
    "engine_failed": 503,
    "decoder_crashed": 422,
    "auth_error": 403,
    "credential_missing": 401,
    "credential_malformed": 401,
    "credential_unknown": 401,
    "credential_revoked": 401,
    "credential_expired": 401,
    "account_closed": 403,
    "scope_missing": 403,
    "account_error": 409,
    "account_not_found": 404,
    "account_exists": 409,
    "key_not_found": 404,
    "money_error": 409,
    "insufficient_tokens": 402,
    "invalid_amount": 422,
    "idempotency_conflict": 409,
    "ledger_inconsistent": 500,
    "hold_not_found": 404,
    "hold_exists": 409,
    "hold_closed": 409,
    "hold_exceeded": 409,
    "limit_error": 429,
    "at_capacity": 503,
    "too_many_sessions": 429,
    "shutting_down": 503,
    "session_idle": 408,
    "session_too_long": 408,
    "reader_stalled": 408,
    "sender_too_fast": 429,
    "storage_error": 503,
    "database_unavailable": 503,
    "database_busy": 503,
    "database_newer": 503,
    "blob_not_found": 404,
    "blobs_unavailable": 503,
    "internal_error": 500,
}
"""By error code; a test compares it with the error tree."""


def http_status(error: DragomanError) -> int:
    return HTTP_STATUS[error.code]
