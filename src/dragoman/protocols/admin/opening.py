"""Opening an account, over HTTP or by a command."""

from datetime import datetime

from dragoman.accounts.account import Account, Accounts
from dragoman.billing.ledger import Ledger
from dragoman.storage.database import Database, transaction


async def open_account(database: Database, name: str, tokens: int, now: datetime) -> Account:
    """With its first tokens, in one transaction: a failed grant leaves no account behind."""
    async with transaction(database) as within:
        account = await Accounts(database).create(name, now, within=within)
        if tokens:
            await Ledger(database).grant(f"create:{account.id}", account.id, tokens, now, within=within)
    return account
