import pytest

from dragoman.accounts.secrecy import Secrecy
from dragoman.core.errors import InvalidSetting

SECRET = bytes(range(32))


def test_each_use_has_a_key_of_its_own():
    secrecy = Secrecy.of(SECRET)
    assert len({secrecy.digest_key, secrecy.signing_key, SECRET}) == 3
    assert len(secrecy.digest("x")) == 32
    assert secrecy.digest("x") == Secrecy.of(SECRET).digest("x") != secrecy.digest("y")
    assert Secrecy.of(SECRET[::-1]).digest("x") != secrecy.digest("x")


def test_it_does_not_show_itself():
    secrecy = Secrecy.of(SECRET)
    assert "b'" not in repr(secrecy)


def test_a_short_secret_is_refused():
    with pytest.raises(InvalidSetting, match="too short"):
        Secrecy.of(SECRET[:31])
