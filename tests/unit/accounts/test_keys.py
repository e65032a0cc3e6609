from datetime import timedelta

import pytest
from sqlalchemy import select

from dragoman.core.errors import AccountClosed, AccountNotFound, InvalidOption, KeyNotFound
from dragoman.storage.database import snapshot
from dragoman.storage.tables import api_keys

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)


async def test_only_a_digest_is_kept(keys, acme, now, secrecy):
    key = await keys.create(acme.id, now)
    async with snapshot(keys.database) as connection:
        row = (await connection.execute(select(api_keys))).one()
    assert row.digest == secrecy.digest(key.text)
    assert key.text.rpartition("_")[2] not in repr(tuple(row))


async def test_what_is_known_of_a_key(keys, acme, now):
    plain = await keys.create(acme.id, now)
    narrow = await keys.create(acme.id, now + DAY, expires_at=now + 2 * DAY, scopes=["batch"])
    first, second = await keys.all()
    assert (first.id, first.account_id, first.scopes) == (plain.id, acme.id, {"live_speech", "realtime", "batch"})
    assert (first.created_at, first.expires_at, first.revoked_at, first.last_used_at) == (now, None, None, None)
    assert (second.id, second.scopes, second.expires_at) == (narrow.id, {"batch"}, now + 2 * DAY)


async def test_those_of_one_account(keys, accounts, acme, now):
    other = await accounts.create("other", now)
    key = await keys.create(acme.id, now)
    await keys.create(other.id, now)
    assert [found.id for found in await keys.all(acme.id)] == [key.id]


async def test_what_cannot_be_made(keys, accounts, acme, now):
    with pytest.raises(InvalidOption, match="expired"):
        await keys.create(acme.id, now, expires_at=now)
    with pytest.raises(InvalidOption, match="cooking"):
        await keys.create(acme.id, now, scopes=["cooking"])
    with pytest.raises(AccountNotFound):
        await keys.create("acc_x", now)
    await accounts.close(acme.id, now)
    with pytest.raises(AccountClosed):
        await keys.create(acme.id, now)
    assert await keys.all() == []


async def test_revoking_twice_keeps_the_first_time(keys, acme, now):
    key = await keys.create(acme.id, now)
    await keys.revoke(key.id, now)
    await keys.revoke(key.id, now + DAY)
    assert [found.revoked_at for found in await keys.all()] == [now]


async def test_a_whole_key_given_for_its_id_is_not_repeated(keys, acme, now):
    key = await keys.create(acme.id, now)
    with pytest.raises(KeyNotFound) as error:
        await keys.revoke(key.text, now)
    assert key.text not in str(error.value)


async def test_page_after_page_every_key_comes_once(keys, acme, now):
    for minute in (0, 0, 0, 2, 1):
        await keys.create(acme.id, now + timedelta(minutes=minute))
    pages, after = [], None
    while page := [key.id for key in await keys.all(acme.id, after=after, limit=2)]:
        pages.append(page)
        after = page[-1]
    assert [len(page) for page in pages] == [2, 2, 1]
    assert [key_id for page in pages for key_id in page] == [key.id for key in await keys.all(acme.id)]
    with pytest.raises(KeyNotFound):
        await keys.all(acme.id, after="nokey", limit=2)
