"""What operators count of live sessions."""

from prometheus_client import Counter, Gauge

running = Gauge("dragoman_live_sessions", "Live sessions that run now")
ended = Counter("dragoman_live_sessions_ended", "Live sessions that ended, by what ended them", ["reason"])
refused = Counter("dragoman_live_sessions_refused", "Live sessions that did not start, by the error's code", ["code"])
billed = Counter("dragoman_live_seconds", "Seconds of live sessions that were metered")
