from datetime import timedelta

import anyio
import pytest

from dragoman.core.errors import AccountExists, AccountNotFound, InvalidOption
from dragoman.storage.database import transaction

pytestmark = pytest.mark.anyio


async def test_an_account_is_found_by_name_and_id(accounts, acme, now):
    assert await accounts.named("acme") == acme
    assert await accounts.get(acme.id) == acme
    assert acme.created_at == now
    assert acme.id.startswith("acc_")


async def test_what_is_not_there(accounts, now):
    for request in (accounts.named("x"), accounts.get("acc_x"), accounts.close("acc_x", now)):
        with pytest.raises(AccountNotFound, match="x"):
            await request


async def test_names_are_taken_once(accounts, acme, now):
    with pytest.raises(AccountExists, match="acme"):
        await accounts.create("acme", now)
    await accounts.close(acme.id, now)
    with pytest.raises(AccountExists, match="acme"):
        await accounts.create("acme", now)


async def test_a_name_that_is_taken_does_not_end_a_larger_transaction(accounts, acme, database, now):
    async with transaction(database) as within:
        with pytest.raises(AccountExists):
            await accounts.create("acme", now, within=within)
        other = await accounts.create("other", now, within=within)
    assert await accounts.named("other") == other


async def test_many_who_want_the_same_name(accounts, now):
    made = []

    async def create():
        try:
            made.append(await accounts.create("acme", now))
        except AccountExists:
            made.append(None)

    async with anyio.create_task_group() as group:
        for _ in range(8):
            group.start_soon(create)
    assert sum(account is not None for account in made) == 1


@pytest.mark.parametrize("name", ["", " acme", "acme ", "a\nb", "a\x00b", "x" * 101])
async def test_what_is_no_name(accounts, now, name):
    with pytest.raises(InvalidOption, match="name of an account"):
        await accounts.create(name, now)


async def test_all_by_name(accounts, acme, now):
    await accounts.create("Ärzte e.V.", now)
    await accounts.create("beta", now)
    assert {account.name for account in await accounts.all()} == {"acme", "beta", "Ärzte e.V."}


async def test_page_after_page_every_account_comes_once(accounts, now):
    names = {"beta", "Ärzte e.V.", "acme", "Acme", "año 東京", "a b", "a-b", "ab"}
    for name in names:
        await accounts.create(name, now)
    pages, after = [], None
    while page := [account.name for account in await accounts.all(after=after, limit=3)]:
        pages.append(page)
        after = page[-1]
    assert [len(page) for page in pages] == [3, 3, 2]
    assert [name for page in pages for name in page] == [account.name for account in await accounts.all()]
    assert {name for page in pages for name in page} == names


async def test_closing_twice_keeps_the_first_time(accounts, acme, now):
    await accounts.close(acme.id, now)
    await accounts.close(acme.id, now + timedelta(days=1))
    assert (await accounts.get(acme.id)).closed_at == now
