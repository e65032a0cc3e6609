"""``dragoman keys``"""

import json
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dragoman.cli.books import AsJson, Config, DataDir, now, run_on_books
from dragoman.cli.screen import Screen
from dragoman.cli.tables import plain_table

if TYPE_CHECKING:  # these load the database's libraries
    from dragoman.accounts.keys import ApiKey
    from dragoman.cli.bookkeeping import Books

keys = typer.Typer(no_args_is_help=True, help="API keys.")


@keys.command()
def create(
    *,
    account: Annotated[str, typer.Option("--account", metavar="NAME", help="The account that it belongs to.")],
    expires: Annotated[
        str | None,
        typer.Option("--expires", metavar="TIME", help="How long it is good for: 12h, 30d, never.", show_default=False),
    ] = None,
    scope: Annotated[
        list[str] | None,
        typer.Option("--scope", metavar="SCOPE", help="What it allows. May be repeated.", show_default=False),
    ] = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Create an API key. It is shown once: only a digest of it is kept."""

    async def work(books: "Books", screen: Screen) -> int:
        key = await books.new_key(account, expires, scope)
        if as_json:
            screen.machine(json.dumps({"id": key.id, "key": key.text}))
        else:
            screen.result(key.text)
            screen.message("Keep it: it is not shown again.")
        return 0

    run_on_books(work, data_dir, config, as_json=as_json)


@keys.command("list")
def list_keys(
    *,
    account: Annotated[
        str | None, typer.Option("--account", metavar="NAME", help="Only those of this account.", show_default=False)
    ] = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """List API keys; the keys themselves cannot be shown."""

    async def work(books: "Books", screen: Screen) -> int:
        names = {owner.id: owner.name for owner in await books.accounts.all()}
        only = None if account is None else (await books.accounts.named(account)).id
        found = await books.keys().all(only)
        if as_json:
            screen.machine(
                json.dumps([_fields(key, names[key.account_id]) for key in found], ensure_ascii=False, indent=2)
            )
            return 0
        table = plain_table("Key", "Account", "Scopes", "Made", "Expires", "Last used", "Revoked")
        for key in found:
            times = (key.created_at, key.expires_at, key.last_used_at, key.revoked_at)
            table.add_row(
                key.id, names[key.account_id], ", ".join(sorted(key.scopes)), *(_shown(time) for time in times)
            )
        screen.out.print(table)
        return 0

    run_on_books(work, data_dir, config, as_json=as_json)


@keys.command()
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="The key's id, as listed.")],
    *,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Revoke an API key. It opens nothing any more, nor do tokens made from it."""

    async def work(books: "Books", screen: Screen) -> int:
        await books.keys().revoke(key_id, now())
        if as_json:
            screen.machine(json.dumps({"id": key_id, "revoked": True}))
        else:
            screen.result(f"Revoked {key_id}")
        return 0

    run_on_books(work, data_dir, config, as_json=as_json)


def _shown(time: datetime | None) -> str:
    return f"{time:%F %R}" if time else ""


def _fields(key: "ApiKey", account: str) -> dict[str, Any]:
    times = {
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "last_used_at": key.last_used_at,
        "revoked_at": key.revoked_at,
    }
    written = {name: time.isoformat() if time else None for name, time in times.items()}
    return {"id": key.id, "account": account, "scopes": sorted(key.scopes), **written}
