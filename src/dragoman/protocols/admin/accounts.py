"""Routes for administrators: accounts and their tokens."""

from typing import Annotated

from fastapi import APIRouter, Header, Query

from dragoman.accounts.account import Account
from dragoman.protocols.admin.bodies import AccountAnswer, Granted, NewAccount, NewGrant, UsageRow
from dragoman.protocols.admin.office import Administrator, Office, PageSize, TheAccount, TheOffice, printable
from dragoman.protocols.admin.opening import open_account

router = APIRouter(prefix="/v1/accounts", tags=["admin"])

IdempotencyKey = Annotated[
    str,
    Header(
        min_length=1,
        max_length=128,
        description="Chosen by the caller; with the same one again, nothing is added again",
    ),
]


async def described(office: Office, account: Account) -> AccountAnswer:
    balance = await office.ledger.balance(account.id)
    return AccountAnswer(
        id=account.id,
        name=account.name,
        created_at=account.created_at,
        closed_at=account.closed_at,
        balance=balance.balance,
        reserved=balance.reserved,
        available=balance.available,
    )


@router.post("", status_code=201)
async def create_account(wanted: NewAccount, office: TheOffice, _: Administrator) -> AccountAnswer:
    """An account, with its first tokens."""
    account = await open_account(office.database, wanted.name, wanted.tokens, office.supervisor.clocks.utc())
    return await described(office, account)


@router.get("")
async def list_accounts(
    office: TheOffice, _: Administrator, limit: PageSize = 100, after: Annotated[str | None, Query()] = None
) -> list[AccountAnswer]:
    """By name, closed ones too; those after a name, to go on where the page before ended."""
    page = await office.accounts.all(after=None if after is None else printable(after), limit=limit)
    return [await described(office, account) for account in page]


@router.get("/{name}")
async def show_account(account: TheAccount, office: TheOffice) -> AccountAnswer:
    """What an account has."""
    return await described(office, account)


@router.post("/{name}/grants", status_code=201)
async def grant(account: TheAccount, wanted: NewGrant, idempotency_key: IdempotencyKey, office: TheOffice) -> Granted:
    """Adds tokens to an account, once for each idempotency key."""
    # The ledger has one space of keys for everything; callers get one of their own for each account.
    key = f"rest:{account.id}:{idempotency_key}"
    transfer = await office.ledger.grant(key, account.id, wanted.tokens, office.supervisor.clocks.utc())
    balance = transfer.balance
    return Granted(
        transfer=transfer.id,
        tokens=transfer.amount,
        balance=balance.balance,
        reserved=balance.reserved,
        available=balance.available,
    )


@router.delete("/{name}", status_code=204)
async def close_account(account: TheAccount, office: TheOffice) -> None:
    """Its credentials open nothing any more, and its sessions end within seconds. Its tokens stay in the books."""
    await office.accounts.close(account.id, office.supervisor.clocks.utc())


@router.get("/{name}/usage")
async def account_usage(account: TheAccount, office: TheOffice, limit: PageSize = 100) -> list[UsageRow]:
    """Sessions of the account that were settled, newest first."""
    return [UsageRow.model_validate(row) for row in await office.ledger.usage(account.id, limit=limit)]
