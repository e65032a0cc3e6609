from dragoman.core.errors import error_kinds
from dragoman.protocols.admin.statuses import HTTP_STATUS

CODES = {kind.code for kind in error_kinds() if kind.__module__.startswith("dragoman.")}


def test_every_error_has_a_status_and_every_status_an_error():
    assert set(HTTP_STATUS) == CODES


def test_no_error_is_a_success():
    assert all(400 <= status < 600 for status in HTTP_STATUS.values())


def test_only_a_credential_is_asked_for_again():
    unauthorized = {code for code, status in HTTP_STATUS.items() if status == 401}
    assert unauthorized == {code for code in CODES if code.startswith("credential_")}
