from datetime import UTC, datetime, timedelta

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.accounts.principal import Principal
from dragoman.accounts.secrecy import Secrecy
from dragoman.accounts.tokens import looks_like_token, mint, read_token
from dragoman.core.errors import AuthError, CredentialExpired, CredentialUnknown, InvalidOption, ScopeMissing

SECRECY = Secrecy.of(bytes(range(32)))
NOW = datetime(2026, 11, 20, 12, 0, 0, 500_000, tzinfo=UTC)
OWNER = Principal("acc_1", "key1", frozenset({"batch", "realtime"}), None)


def claims_of(text):
    return jwt.decode(text, options={"verify_signature": False})


@given(st.integers(60, 86_400), st.integers(0, 3_000_000_000_000))
def test_it_lives_for_exactly_its_time(ttl, epoch_ms):
    now = datetime.fromtimestamp(epoch_ms / 1000, UTC)
    token = mint(SECRECY, OWNER, ttl, now)
    claims = claims_of(token.text)
    assert claims["exp"] - claims["iat"] == ttl
    assert claims["iat"] == int(now.timestamp())
    last = token.expires_at - timedelta(microseconds=1)
    assert read_token(SECRECY, token.text, max(now, last)).expires_at == token.expires_at
    with pytest.raises(CredentialExpired):
        read_token(SECRECY, token.text, token.expires_at)


def test_what_it_says():
    token = mint(SECRECY, OWNER, 60, NOW)
    claims = claims_of(token.text)
    assert claims.keys() == {"iss", "sub", "key", "scopes", "iat", "exp", "jti"}
    assert (claims["iss"], claims["sub"], claims["key"], claims["scopes"]) == (
        "dragoman",
        "acc_1",
        "key1",
        ["batch", "realtime"],
    )
    assert read_token(SECRECY, token.text, NOW) == Principal(
        "acc_1", "key1", OWNER.scopes, token.expires_at, token_id=token.id
    )
    assert mint(SECRECY, OWNER, 60, NOW).id != token.id
    assert token.text not in repr(token)


def test_it_may_allow_less_and_never_more():
    assert claims_of(mint(SECRECY, OWNER, 60, NOW, scopes=["batch"]).text)["scopes"] == ["batch"]
    with pytest.raises(ScopeMissing, match="admin"):
        mint(SECRECY, OWNER, 60, NOW, scopes=["batch", "admin"])
    with pytest.raises(InvalidOption):
        mint(SECRECY, OWNER, 60, NOW, scopes=[])


@pytest.mark.parametrize("ttl", [59, 86_401, 0, -60, 60.0, True])
def test_times_that_are_not_allowed(ttl):
    with pytest.raises(InvalidOption, match="60 to 86400"):
        mint(SECRECY, OWNER, ttl, NOW)


def test_a_token_does_not_make_tokens():
    principal = read_token(SECRECY, mint(SECRECY, OWNER, 60, NOW).text, NOW)
    with pytest.raises(AuthError, match="made from a token"):
        mint(SECRECY, principal, 60, NOW)


def forged():
    good = claims_of(mint(SECRECY, OWNER, 60, NOW).text)
    header, payload, signature = mint(SECRECY, OWNER, 60, NOW).text.split(".")
    unsigned = jwt.encode(good, None, algorithm="none")
    yield "another secret", jwt.encode(good, bytes(32), algorithm="HS256")
    yield "another method", jwt.encode(good, SECRECY.signing_key * 2, algorithm="HS512")
    yield "no signature", unsigned
    yield "a signature of something else", f"{unsigned.split('.')[0]}.{payload}.{signature}"
    yield "half a signature", f"{header}.{payload}.{signature[:20]}"
    yield "no JSON", f"{header}.xxxx.{signature}"
    for missing in good:
        rest = {name: value for name, value in good.items() if name != missing}
        yield f"no {missing}", jwt.encode(rest, SECRECY.signing_key, algorithm="HS256")
    yield "another issuer", jwt.encode(good | {"iss": "else"}, SECRECY.signing_key, algorithm="HS256")


@pytest.mark.parametrize("token", [token for _, token in forged()], ids=[name for name, _ in forged()])
def test_what_was_not_made_here(token):
    with pytest.raises(CredentialUnknown):
        read_token(SECRECY, token, NOW)


@given(st.text(), st.text(), st.text())
def test_any_text_is_answered(one, two, three):
    text = f"{one}.{two}.{three}"
    if looks_like_token(text):
        with pytest.raises(CredentialUnknown):
            read_token(SECRECY, text, NOW)
