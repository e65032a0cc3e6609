from datetime import timedelta

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dragoman.accounts.authentication import Authenticator
from dragoman.accounts.keytext import new_key
from dragoman.accounts.secrecy import Secrecy
from dragoman.accounts.tokens import mint
from dragoman.core.errors import (
    AccountClosed,
    AuthError,
    CredentialExpired,
    CredentialMalformed,
    CredentialMissing,
    CredentialRevoked,
    CredentialUnknown,
)

pytestmark = pytest.mark.anyio

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.fixture
async def key(keys, acme, now):
    return await keys.create(acme.id, now, expires_at=now + HOUR, scopes=["batch"])


@pytest.fixture
async def token(authenticator, secrecy, key, now):
    return mint(secrecy, await authenticator.authenticate(key.text, now), 120, now)


async def test_a_key(authenticator, acme, key, now):
    principal = await authenticator.authenticate(f" {key.text}\n", now)
    assert (principal.account_id, principal.key_id, principal.scopes) == (acme.id, key.id, {"batch"})
    assert (principal.expires_at, principal.token_id) == (now + HOUR, None)


async def test_a_token(authenticator, acme, key, token, now):
    principal = await authenticator.authenticate(token.text, now)
    assert (principal.account_id, principal.key_id, principal.scopes) == (acme.id, key.id, {"batch"})
    assert (principal.expires_at, principal.token_id) == (token.expires_at, token.id)


async def test_a_token_ends_with_its_key(authenticator, secrecy, key, now):
    token = mint(secrecy, await authenticator.authenticate(key.text, now), 86_400, now)
    assert (await authenticator.authenticate(token.text, now)).expires_at == now + HOUR
    with pytest.raises(CredentialExpired):
        await authenticator.authenticate(token.text, now + HOUR)


@pytest.mark.parametrize("nothing", [None, "", "  "])
async def test_nothing(authenticator, now, nothing):
    with pytest.raises(CredentialMissing):
        await authenticator.authenticate(nothing, now)


@pytest.mark.parametrize("odd", ["hello", "dgm_short", "a.b", "a..b", "ä.b.c", "x." * 5000, "Bearer dgm_x"])
async def test_what_is_no_credential(authenticator, now, odd):
    with pytest.raises(CredentialMalformed):
        await authenticator.authenticate(odd, now)


async def test_what_was_not_made_here(authenticator, database, key, token, now):
    guess = key.text[:-1] + ("A" if key.text[-1] != "A" else "B")
    for credential in (guess, new_key().text, token.text[:-3] + "abc"):
        with pytest.raises(CredentialUnknown) as error:
            await authenticator.authenticate(credential, now)
        assert credential not in str(error.value)
    elsewhere = Authenticator(database, Secrecy.of(bytes(32)))
    for credential in (key.text, token.text):
        with pytest.raises(CredentialUnknown):
            await elsewhere.authenticate(credential, now)


async def test_a_revoked_key_takes_its_tokens_along(authenticator, keys, key, token, now):
    principal = await authenticator.authenticate(token.text, now)
    await keys.revoke(key.id, now)
    for credential in (key.text, token.text):
        with pytest.raises(CredentialRevoked):
            await authenticator.authenticate(credential, now)
    with pytest.raises(CredentialRevoked):
        await authenticator.check(principal, now)


async def test_a_closed_account(authenticator, accounts, acme, key, token, now):
    principal = await authenticator.authenticate(key.text, now)
    await accounts.close(acme.id, now)
    for credential in (key.text, token.text):
        with pytest.raises(AccountClosed):
            await authenticator.authenticate(credential, now)
    with pytest.raises(AccountClosed):
        await authenticator.check(principal, now)


async def test_the_end_of_a_key_and_of_a_token(authenticator, key, token, now):
    by_key = await authenticator.authenticate(key.text, now + HOUR - timedelta(microseconds=1))
    by_token = await authenticator.authenticate(token.text, now + MINUTE)
    with pytest.raises(CredentialExpired):
        await authenticator.authenticate(key.text, now + HOUR)
    with pytest.raises(CredentialExpired):
        await authenticator.authenticate(token.text, now + 2 * MINUTE)
    await authenticator.check(by_key, now)
    await authenticator.check(by_token, now + MINUTE)
    with pytest.raises(CredentialExpired):
        await authenticator.check(by_key, now + HOUR)
    with pytest.raises(CredentialExpired):
        await authenticator.check(by_token, now + 2 * MINUTE)


async def test_only_a_genuine_key_learns_what_became_of_it(authenticator, keys, key, now):
    await keys.revoke(key.id, now)
    guess = key.text[:-1] + ("A" if key.text[-1] != "A" else "B")
    with pytest.raises(CredentialUnknown):
        await authenticator.authenticate(guess, now)


async def test_use_is_noted_once_an_hour(authenticator, keys, acme, now):
    key = await keys.create(acme.id, now)
    noted = []
    for minutes in (0, 30, 59, 60, 61):
        await authenticator.authenticate(key.text, now + minutes * MINUTE)
        noted.append((await keys.all())[0].last_used_at - now)
    assert noted == [0 * MINUTE, 0 * MINUTE, 0 * MINUTE, HOUR, HOUR]


@settings(max_examples=50, suppress_health_check=list(HealthCheck), deadline=None)
@given(text=st.text() | st.from_regex(r"dgm_[a-z0-9]{12}_[A-Za-z0-9_-]{43}", fullmatch=True))
async def test_any_text_is_refused_with_a_reason(authenticator, now, text):
    with pytest.raises(AuthError):
        await authenticator.authenticate(text, now)


async def test_in_open_mode_nothing_is_enough_and_so_is_what_was_made_up(authenticator, secrecy, key, token, now):
    nobody = await authenticator.authenticate_open(None, now)
    assert (nobody.key_id, nobody.expires_at, "admin" in nobody.scopes) == (None, None, False)
    for made_up in (" ", "nonsense", "a.b.c", new_key().text, key.text[:-1], token.text[:-3] + "abc"):
        assert await authenticator.authenticate_open(made_up, now) == nobody
    await authenticator.check(nobody, now)
    with pytest.raises(AuthError, match="made from an API key"):
        mint(secrecy, nobody, 60, now)


async def test_in_open_mode_keys_are_what_they_are_elsewhere(authenticator, accounts, keys, acme, key, token, now):
    assert (await authenticator.authenticate_open(key.text, now)).key_id == key.id
    with pytest.raises(CredentialExpired):
        await authenticator.authenticate_open(token.text, now + HOUR)
    await keys.revoke(key.id, now)
    for credential in (key.text, token.text):
        with pytest.raises(CredentialRevoked):
            await authenticator.authenticate_open(credential, now)
    other = await keys.create(acme.id, now)
    await accounts.close(acme.id, now)
    with pytest.raises(AccountClosed):
        await authenticator.authenticate_open(other.text, now)


async def test_in_open_mode_the_first_may_come_together(authenticator, now):
    seen = []

    async def come():
        seen.append(await authenticator.authenticate_open(None, now))

    async with anyio.create_task_group() as group:
        for _ in range(8):
            group.start_soon(come)
    assert len({nobody.account_id for nobody in seen}) == 1


async def test_in_open_mode_the_account_can_be_closed(authenticator, accounts, now):
    nobody = await authenticator.authenticate_open(None, now)
    await accounts.close(nobody.account_id, now)
    with pytest.raises(AccountClosed):
        await authenticator.check(nobody, now)
    with pytest.raises(AccountClosed):
        await authenticator.authenticate_open(None, now)
