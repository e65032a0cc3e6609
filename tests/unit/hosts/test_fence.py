from structlog.testing import capture_logs

from dragoman.core.errors import InternalError
from dragoman.hosts.fence import report_bug


def test_a_bug_is_logged_by_its_place_and_never_by_its_words():
    words = "what somebody said"
    with capture_logs() as logs:
        try:
            {}[words]
        except KeyError as error:
            told = report_bug("session_failed", error)
    (line,) = logs
    assert isinstance(told, InternalError)
    assert (line["event"], line["kind"], line["log_level"]) == ("session_failed", "KeyError", "error")
    assert line["where"][-1].startswith("test_fence.py:")
    assert words not in f"{line}{told}"
