"""The commands on accounts and keys, as a shell runs them, one after another on one data folder."""

import json
import re
import sqlite3

import pytest
from typer.testing import CliRunner

from dragoman.accounts.keytext import parse_key
from dragoman.cli.app import app
from dragoman.cli.exit_codes import EXIT_CODES
from dragoman.config import all_settings


@pytest.fixture
def dragoman(tmp_path, monkeypatch):
    """Runs a command and returns what it printed; ``fails`` is the code of the error that it must end with."""
    for setting in all_settings():
        monkeypatch.delenv(setting.variable, raising=False)
    monkeypatch.delenv("DRAGOMAN_CONFIG", raising=False)

    def run(*arguments, fails=None):
        result = CliRunner().invoke(app, [*arguments, "--data-dir", str(tmp_path / "data")])
        assert result.exit_code == (EXIT_CODES[fails] if fails else 0), result.output
        return result.stderr if fails else result.stdout

    return run


def read(text):
    return json.loads(text)


def test_an_account_and_its_tokens(dragoman):
    made = read(dragoman("accounts", "create", "acme", "--tokens", "1000", "--json"))
    assert made == {"id": made["id"], "name": "acme", "balance": 1000, "reserved": 0, "available": 1000}
    dragoman("accounts", "grant", "acme", "500")
    assert read(dragoman("accounts", "show", "acme", "--json")) == {"balance": 1500, "reserved": 0, "available": 1500}
    dragoman("accounts", "create", "poor")
    assert [account["balance"] for account in read(dragoman("accounts", "list", "--json"))] == [1500, 0]
    assert read(dragoman("accounts", "audit", "--json"))["consistent"] is True


def test_tokens_are_granted_once_per_key(dragoman):
    dragoman("accounts", "create", "acme")
    for _ in range(2):
        granted = dragoman("accounts", "grant", "acme", "5", "--idempotency-key", "invoice-7", "--json")
        assert read(granted)["balance"] == 5
    complaint = dragoman(
        "accounts", "grant", "acme", "6", "--idempotency-key", "invoice-7", fails="idempotency_conflict"
    )
    assert "invoice-7" in complaint
    for _ in range(2):
        dragoman("accounts", "grant", "acme", "5")
    assert read(dragoman("accounts", "show", "acme", "--json"))["balance"] == 15


def test_tables_for_people(dragoman):
    dragoman("accounts", "create", "acme", "--tokens", "1234567")
    assert "1,234,567" in dragoman("accounts", "show", "acme")
    assert "acme" in dragoman("accounts", "list")
    dragoman("keys", "create", "--account", "acme", "--expires", "1d")
    assert "acme" in dragoman("keys", "list")
    assert "The books balance (accounts 1, transfers 1" in dragoman("accounts", "audit")


def test_a_key_is_shown_once(dragoman, tmp_path):
    dragoman("accounts", "create", "acme")
    made = read(dragoman("keys", "create", "--account", "acme", "--json"))
    assert parse_key(made["key"]).id == made["id"]
    secret = made["key"].rpartition("_")[2]
    assert secret not in dragoman("keys", "list") + dragoman("keys", "list", "--json")
    files = [path for path in (tmp_path / "data").iterdir() if path.is_file()]
    assert [path.name for path in files if secret.encode() in path.read_bytes()] == []


def test_a_key_without_json_is_alone_on_standard_output(dragoman):
    dragoman("accounts", "create", "acme")
    assert parse_key(dragoman("keys", "create", "--account", "acme").strip())


def test_what_is_said_of_keys(dragoman):
    dragoman("accounts", "create", "acme")
    dragoman("accounts", "create", "other")
    dragoman("keys", "create", "--account", "other")
    narrow = read(
        dragoman(
            "keys", "create", "--account", "acme", "--expires", "30d", "--scope", "batch", "--scope", "admin", "--json"
        )
    )
    dragoman("keys", "revoke", narrow["id"])
    (listed,) = read(dragoman("keys", "list", "--account", "acme", "--json"))
    assert (listed["id"], listed["account"], listed["scopes"]) == (narrow["id"], "acme", ["admin", "batch"])
    assert re.match(r"\d{4}-\d\d-\d\dT.*\+00:00$", listed["expires_at"])
    assert listed["revoked_at"] is not None
    assert len(read(dragoman("keys", "list", "--json"))) == 2


def test_keys_are_as_configured(dragoman, tmp_path):
    dragoman("accounts", "create", "acme")
    (tmp_path / "data" / "dragoman.toml").write_text("[keys]\nexpires = '1d'\nscopes = ['realtime']")
    dragoman("keys", "create", "--account", "acme")
    dragoman("keys", "create", "--account", "acme", "--expires", "never", "--scope", "batch")
    first, second = read(dragoman("keys", "list", "--json"))
    assert (first["scopes"], second["scopes"]) == (["realtime"], ["batch"])
    assert first["expires_at"] is not None
    assert second["expires_at"] is None


def test_a_closed_account(dragoman):
    dragoman("accounts", "create", "acme", "--tokens", "5")
    dragoman("accounts", "close", "acme")
    dragoman("accounts", "grant", "acme", "1", fails="account_closed")
    dragoman("keys", "create", "--account", "acme", fails="account_closed")
    (listed,) = read(dragoman("accounts", "list", "--json"))
    assert (listed["closed"], listed["balance"]) == (True, 5)


def test_what_cannot_be_done(dragoman):
    dragoman("accounts", "create", "acme")
    for arguments, code in (
        (["accounts", "create", "acme"], "account_exists"),
        (["accounts", "create", " "], "invalid_option"),
        (["accounts", "create", "other", "--tokens", "-1"], "invalid_amount"),
        (["accounts", "show", "nobody"], "account_not_found"),
        (["accounts", "grant", "acme", "0"], "invalid_amount"),
        (["accounts", "grant", "acme", "5", "--idempotency-key", ""], "invalid_option"),
        (["accounts", "close", "nobody"], "account_not_found"),
        (["keys", "create", "--account", "nobody"], "account_not_found"),
        (["keys", "create", "--account", "acme", "--expires", "soon"], "invalid_option"),
        (["keys", "create", "--account", "acme", "--expires", "999999999d"], "invalid_option"),
        (["keys", "create", "--account", "acme", "--scope", "cooking"], "invalid_option"),
        (["keys", "revoke", "nothing"], "key_not_found"),
    ):
        complaint = dragoman(*arguments, "--json", fails=code)
        assert json.loads(complaint)["error"]["code"] == code
    # Nothing is left of an account whose first grant failed.
    assert [account["name"] for account in read(dragoman("accounts", "list", "--json"))] == ["acme"]


def test_a_data_folder_that_cannot_be(dragoman, tmp_path):
    (tmp_path / "data").write_text("a file")
    dragoman("accounts", "list", fails="output_not_writable")


def test_an_audit_that_finds_something(dragoman, tmp_path):
    dragoman("accounts", "create", "acme", "--tokens", "5")
    with sqlite3.connect(tmp_path / "data" / "dragoman.db") as database:
        database.execute("UPDATE balances SET available = 6")
    database.close()
    dragoman("accounts", "audit", fails="ledger_inconsistent")
    result = CliRunner().invoke(app, ["accounts", "audit", "--json", "--data-dir", str(tmp_path / "data")])
    assert read(result.stdout)["consistent"] is False
    assert "the balance says 6 available" in read(result.stdout)["findings"][0]
