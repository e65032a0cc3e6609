"""What operators count of live sessions."""

from prometheus_client import Counter, Gauge

running = Gauge("dragoman_live_sessions", "Live sessions that run now")
started = Counter("dragoman_live_sessions_started", "Live sessions to which audio could flow")
ended = Counter("dragoman_live_sessions_ended", "Live sessions that ended, by what ended them", ["reason"])
refused = Counter("dragoman_live_sessions_refused", "Live sessions that did not start, by the error's code", ["code"])
billed = Counter("dragoman_live_seconds", "Seconds of live sessions that were metered")
charged = Counter("dragoman_live_tokens", "Tokens that live sessions were charged")
heard = Counter("dragoman_live_audio_seconds", "Seconds of audio that live sessions were sent and took")
limits = Counter("dragoman_live_limits_hit", "Live sessions that met a limit, by the error's code", ["code"])
ledger_errors = Counter("dragoman_ledger_errors", "Times that the ledger failed a live session, by code", ["code"])
