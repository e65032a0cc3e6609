"""Settings that the server refuses; the rest of it is tested through its faces."""

import pytest

from dragoman.config import Settings
from dragoman.core.errors import InvalidSetting
from dragoman.server import check


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.53", "::1", "localhost"])
def test_open_mode_is_for_this_machine(host):
    check(Settings(server={"open": True, "host": host}))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "example.org", ""])
def test_open_mode_is_for_no_other(host):
    with pytest.raises(InvalidSetting, match="only for this machine"):
        check(Settings(server={"open": True, "host": host}))


@pytest.mark.parametrize("given", [{"tls_key": "key.pem"}, {"tls_certificate": "certificate.pem"}])
def test_certificate_and_key_belong_together(given):
    with pytest.raises(InvalidSetting, match="belong together"):
        check(Settings(server=given))
