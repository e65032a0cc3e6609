"""Commands that work on the books: their common options, and what runs them."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dragoman.cli.edge import run_command
from dragoman.cli.screen import Screen

if TYPE_CHECKING:
    from dragoman.cli.bookkeeping import Books

DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", metavar="DIR", help="Folder of the database and the secret.", show_default=False),
]
Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="Configuration file, in place of dragoman.toml in the data folder.",
        show_default=False,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def run_on_books(
    work: "Callable[[Books, Screen], Awaitable[int]]", data_dir: Path | None, config: Path | None, *, as_json: bool
) -> None:
    """Runs a command that works on the books, and ends the program."""
    screen = Screen()

    async def opened() -> int:
        # The database's libraries take longer to load than most other commands to run.
        from dragoman.cli.bookkeeping import open_books  # noqa: PLC0415  see above

        async with open_books(data_dir, config) as books:
            return await work(books, screen)

    run_command(opened, screen, as_json=as_json)


def now() -> datetime:
    return datetime.now(UTC)
