"""Every error on the realtime wire: its type, and the WebSocket close code that follows it."""

from collections.abc import Mapping
from typing import Final, Literal

from dragoman.core.errors import DragomanError
from dragoman.protocols.outward import outward

ErrorType = Literal[
    "invalid_message",
    "invalid_model",
    "invalid_config",
    "invalid_audio_type",
    "not_authorised",
    "not_allowed",
    "job_error",
    "protocol_error",
    "quota_exceeded",
    "timelimit_exceeded",
    "idle_timeout",
    "session_timeout",
    "unknown_error",
]

CLOSE_CODES: Final[Mapping[ErrorType, int]] = {
    "invalid_message": 1003,
    "invalid_model": 4004,
    "invalid_config": 1003,
    "invalid_audio_type": 1003,
    "not_authorised": 4001,
    "not_allowed": 4003,
    "job_error": 4013,
    "protocol_error": 1003,
    "quota_exceeded": 4005,
    "timelimit_exceeded": 4006,
    "idle_timeout": 1008,
    "session_timeout": 1008,
    "unknown_error": 1011,
}
"""Types without a documented code close as ``protocol_error`` does. Clients try again after 4005, 4013 and 1011."""

ERROR_TYPES: Final[Mapping[str, ErrorType]] = {
    "error": "unknown_error",
    "invalid_input": "invalid_message",
    "file_unreadable": "invalid_audio_type",
    "not_audio": "invalid_audio_type",
    "empty_audio": "invalid_audio_type",
    "no_speech": "invalid_audio_type",
    "media_limit_exceeded": "invalid_audio_type",
    "unknown_language": "invalid_model",
    "unsupported_language": "invalid_model",
    "invalid_option": "invalid_config",
    "invalid_setting": "job_error",
    "invalid_message": "invalid_message",
    "invalid_text": "invalid_message",
    "output_error": "job_error",
    "output_not_writable": "job_error",
    "disk_full": "job_error",
    "engine_error": "job_error",
    "engine_not_found": "invalid_model",
    "engine_unavailable": "invalid_model",
    "engine_crashed": "job_error",
    "engine_failed": "job_error",
    "decoder_crashed": "invalid_audio_type",
    "model_unknown": "invalid_model",
    "model_not_installed": "invalid_model",
    "model_damaged": "invalid_model",
    "model_unreachable": "job_error",
    "licence_not_accepted": "invalid_model",
    "auth_error": "not_authorised",
    "credential_missing": "not_authorised",
    "credential_malformed": "not_authorised",
    "credential_unknown": "not_authorised",
    "credential_revoked": "not_authorised",
    "credential_expired": "not_authorised",
    "account_closed": "not_authorised",
    "scope_missing": "not_allowed",
    "account_error": "not_allowed",
    "account_not_found": "not_authorised",
    "account_exists": "not_allowed",
    "key_not_found": "not_authorised",
    "money_error": "job_error",
    "insufficient_tokens": "not_allowed",
    "invalid_amount": "job_error",
    "idempotency_conflict": "job_error",
    "ledger_inconsistent": "job_error",
    "hold_not_found": "job_error",
    "hold_exists": "job_error",
    "hold_closed": "job_error",
    "hold_exceeded": "job_error",
    "limit_error": "quota_exceeded",
    "at_capacity": "quota_exceeded",
    "too_many_sessions": "quota_exceeded",
    "too_many_jobs": "quota_exceeded",
    "shutting_down": "job_error",
    "session_idle": "idle_timeout",
    "session_too_long": "session_timeout",
    "reader_stalled": "protocol_error",
    "sender_too_fast": "quota_exceeded",
    "job_error": "job_error",
    "job_not_found": "job_error",
    "job_expired": "job_error",
    "outbound_failed": "job_error",
    "job_running": "job_error",
    "storage_error": "job_error",
    "database_unavailable": "job_error",
    "database_busy": "job_error",
    "database_newer": "job_error",
    "blobs_unavailable": "job_error",
    "blob_not_found": "job_error",
    "internal_error": "unknown_error",
}
"""By error code; a test compares it with the error tree."""


class WireError(Exception):
    """What ends a session, as its client is told. The reason is all that some clients show."""

    def __init__(self, kind: ErrorType, reason: str) -> None:
        super().__init__(kind, reason)
        self.kind = kind
        self.reason = reason


def wire_error(error: DragomanError) -> WireError:
    return WireError(ERROR_TYPES[error.code], str(outward(error)))
