"""``dragoman accounts``"""

import json
import secrets
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from dragoman.cli.books import AsJson, Config, DataDir, now, run_on_books
from dragoman.cli.exit_codes import exit_code
from dragoman.cli.screen import Screen
from dragoman.cli.tables import plain_table
from dragoman.core.errors import LedgerInconsistent

if TYPE_CHECKING:  # these load the database's libraries
    from dragoman.accounts.account import Account
    from dragoman.billing.audit import Audit
    from dragoman.billing.journal import Balance
    from dragoman.cli.bookkeeping import Books

accounts = typer.Typer(no_args_is_help=True, help="Accounts and their tokens.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="The account's name.")]


@accounts.command()
def create(
    name: Name,
    *,
    tokens: Annotated[int, typer.Option("--tokens", metavar="N", help="Tokens to begin with.")] = 0,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Create an account."""

    async def work(books: "Books", screen: Screen) -> int:
        from dragoman.protocols.admin.opening import open_account  # noqa: PLC0415  loads the database's libraries

        account = await open_account(books.database, name, tokens, now())
        balance = await books.ledger.balance(account.id)
        if as_json:
            screen.machine(json.dumps({"id": account.id, "name": name, **_fields(balance)}, ensure_ascii=False))
        else:
            screen.result(f"Created {name} ({account.id}) with {_amount(balance.available)}")
        return 0

    run_on_books(work, data_dir, config, as_json=as_json)


@accounts.command()
def show(name: Name, *, as_json: AsJson = False, data_dir: DataDir = None, config: Config = None) -> None:
    """Show what an account has."""

    async def work(books: "Books", screen: Screen) -> int:
        account = await books.accounts.named(name)
        balance = await books.ledger.balance(account.id)
        if as_json:
            screen.machine(json.dumps(_fields(balance)))
            return 0
        running = await books.ledger.open_holds(account.id)
        table = plain_table("Account", "Id", "Tokens", "Available", "Reserved", "Sessions running", "Closed")
        table.add_row(*_cells(account, balance), str(len(running)), _closed(account))
        screen.out.print(table)
        return 0

    run_on_books(work, data_dir, config, as_json=as_json)


@accounts.command()
def grant(
    name: Name,
    amount: Annotated[int, typer.Argument(metavar="N", help="Tokens to add.")],
    *,
    idempotency_key: Annotated[
        str | None,
        typer.Option("--idempotency-key", metavar="KEY", help="With the same key again, nothing is added again."),
    ] = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Add tokens to an account."""

    async def work(books: "Books", screen: Screen) -> int:
        account = await books.accounts.named(name)
        key = f"cli:{secrets.token_hex(16)}" if idempotency_key is None else idempotency_key
        transfer = await books.ledger.grant(key, account.id, amount, now())
        if as_json:
            screen.machine(json.dumps(_fields(transfer.balance)))
        else:
            screen.result(f"Added {_amount(amount)} to {name}, which then had {transfer.balance.balance:,}")
        return 0

    run_on_books(work, data_dir, config, as_json=as_json)


@accounts.command("list")
def list_accounts(*, as_json: AsJson = False, data_dir: DataDir = None, config: Config = None) -> None:
    """List all accounts."""

    async def work(books: "Books", screen: Screen) -> int:
        found = [(account, await books.ledger.balance(account.id)) for account in await books.accounts.all()]
        if as_json:
            rows = [
                {"id": account.id, "name": account.name, **_fields(balance), "closed": account.closed_at is not None}
                for account, balance in found
            ]
            screen.machine(json.dumps(rows, ensure_ascii=False, indent=2))
            return 0
        table = plain_table("Account", "Id", "Tokens", "Available", "Reserved", "Closed")
        for account, balance in found:
            table.add_row(*_cells(account, balance), _closed(account))
        screen.out.print(table)
        return 0

    run_on_books(work, data_dir, config, as_json=as_json)


@accounts.command()
def close(name: Name, *, as_json: AsJson = False, data_dir: DataDir = None, config: Config = None) -> None:
    """Close an account: its keys open nothing any more. Its tokens stay in the books."""

    async def work(books: "Books", screen: Screen) -> int:
        account = await books.accounts.named(name)
        await books.accounts.close(account.id, now())
        if as_json:
            screen.machine(json.dumps({"id": account.id, "name": name, "closed": True}, ensure_ascii=False))
        else:
            screen.result(f"Closed {name}")
        return 0

    run_on_books(work, data_dir, config, as_json=as_json)


@accounts.command()
def audit(*, as_json: AsJson = False, data_dir: DataDir = None, config: Config = None) -> None:
    """Check the books: replay all postings and compare them with every balance, hold and usage row."""

    async def work(books: "Books", screen: Screen) -> int:
        result = await books.ledger.reconcile()
        if as_json:
            screen.machine(json.dumps(_audit_fields(result), ensure_ascii=False))
        else:
            _show_audit(result, screen)
        return exit_code(LedgerInconsistent("")) if result.findings else 0

    run_on_books(work, data_dir, config, as_json=as_json)


def _fields(balance: "Balance") -> dict[str, int]:
    return {"balance": balance.balance, "reserved": balance.reserved, "available": balance.available}


def _cells(account: "Account", balance: "Balance") -> tuple[str, ...]:
    amounts = (balance.balance, balance.available, balance.reserved)
    return (account.name, account.id, *(f"{amount:,}" for amount in amounts))


def _closed(account: "Account") -> str:
    return f"{account.closed_at:%F %R}" if account.closed_at else ""


def _amount(tokens: int) -> str:
    return "1 token" if tokens == 1 else f"{tokens:,} tokens"


def _audit_fields(result: "Audit") -> dict[str, Any]:
    return {
        "consistent": not result.findings,
        "accounts": result.accounts,
        "transfers": result.transfers,
        "postings": result.postings,
        "open_holds": result.open_holds,
        "findings": result.findings,
    }


def _show_audit(result: "Audit", screen: Screen) -> None:
    for finding in result.findings:
        screen.result(Text.assemble(("✗ ", "bold red"), finding))
    seen = f"accounts {result.accounts:,}, transfers {result.transfers:,}, postings {result.postings:,}"
    verdict = "The books do not balance" if result.findings else "The books balance"
    screen.result(f"{verdict} ({seen}, open holds {result.open_holds:,})")
