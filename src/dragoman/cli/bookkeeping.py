"""The database of the settings, opened for one command, and the accounts, keys and ledger in it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from dragoman.accounts.account import Accounts
from dragoman.accounts.keys import Keys
from dragoman.accounts.keytext import KeyText
from dragoman.accounts.secrecy import Secrecy
from dragoman.billing.ledger import Ledger
from dragoman.cli.books import now
from dragoman.config import Settings, duration, load_settings
from dragoman.core.errors import InvalidOption, OutputNotWritable
from dragoman.storage.database import Database, open_database
from dragoman.storage.secret import secret_from_file


@dataclass(frozen=True, slots=True)
class Books:
    settings: Settings
    database: Database
    accounts: Accounts
    ledger: Ledger

    def keys(self) -> Keys:
        """Only keys need the secret, so looking at accounts makes none."""
        given = self.settings.secret
        secret = given.get_secret_value().encode() if given else secret_from_file(self.settings.data_dir / "secret")
        return Keys(self.database, Secrecy.of(secret))

    async def new_key(self, account: str, lifetime: str | None, scopes: Sequence[str] | None) -> KeyText:
        """For the account of that name; what is None is as configured."""
        at = now()
        owner = await self.accounts.named(account)
        ends = _end(at, self.settings.keys.expires if lifetime is None else _lifetime(lifetime))
        return await self.keys().create(owner.id, at, expires_at=ends, scopes=scopes or self.settings.keys.scopes)


@asynccontextmanager
async def open_books(data_dir: Path | None, config: Path | None) -> AsyncIterator[Books]:
    settings = load_settings(data_dir=data_dir, config=config)
    _make_folder(settings.data_dir)
    async with open_database(settings.database) as database:
        yield Books(settings, database, Accounts(database), Ledger(database))


def _make_folder(folder: Path) -> None:
    """Only its owner may look into it."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise OutputNotWritable(
            f"the data folder {folder} cannot be made: {error.strerror}", remedy="Choose another with --data-dir"
        ) from error


def _lifetime(text: str) -> timedelta | None:
    try:
        return duration(text)
    except ValueError as error:
        raise InvalidOption(f"--expires: {error}", remedy="Allowed: never, or a number with s, m, h or d") from error


def _end(at: datetime, lifetime: timedelta | None) -> datetime | None:
    try:
        return None if lifetime is None else at + lifetime
    except OverflowError as error:
        raise InvalidOption("the key would expire after the year 9999", remedy="Give it never to expire") from error
