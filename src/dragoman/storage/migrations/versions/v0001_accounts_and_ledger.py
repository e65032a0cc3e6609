"""Accounts, keys and the ledger.

A migration is frozen: it writes out its tables, and does not look at those of today. Migrations only go forward.
"""

import sqlalchemy as sa
from alembic import op

from dragoman.storage.columns import RowNumber, UtcTime

revision = "0001"
down_revision = None

APPEND_ONLY = ("transfers", "postings", "usage")


def upgrade() -> None:
    _accounts()
    _balances_and_holds()
    _journal()
    _usage()
    for table in APPEND_ONLY:
        _refuse_changes(table)


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.Column("closed_at", UtcTime),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("account_id", sa.Text, sa.ForeignKey("accounts.id"), nullable=False, index=True),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("scopes", sa.JSON, nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.Column("expires_at", UtcTime),
        sa.Column("revoked_at", UtcTime),
        sa.Column("last_used_at", UtcTime),
    )


def _balances_and_holds() -> None:
    op.create_table(
        "balances",
        sa.Column("account_id", sa.Text, sa.ForeignKey("accounts.id"), primary_key=True),
        sa.Column("available", sa.BigInteger, nullable=False),
        sa.Column("held", sa.BigInteger, nullable=False),
        sa.CheckConstraint("available >= 0", name="available_not_negative"),
        sa.CheckConstraint("held >= 0", name="held_not_negative"),
    )
    op.create_table(
        "holds",
        sa.Column("session_id", sa.Text, primary_key=True),
        sa.Column("account_id", sa.Text, sa.ForeignKey("accounts.id"), nullable=False, index=True),
        sa.Column("key_id", sa.Text, sa.ForeignKey("api_keys.id")),
        sa.Column("product", sa.Text, nullable=False),
        sa.Column("tokens_per_second", sa.BigInteger, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("targets", sa.JSON, nullable=False),
        sa.Column("engines", sa.JSON, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("held", sa.BigInteger, nullable=False),
        sa.Column("metered_ms", sa.BigInteger, nullable=False),
        sa.Column("opened_at", UtcTime, nullable=False),
        sa.Column("heartbeat_at", UtcTime, nullable=False),
        sa.Column("closed_at", UtcTime),
        sa.CheckConstraint("held >= 0", name="held_not_negative"),
        sa.CheckConstraint("closed_at IS NULL OR held = 0", name="closed_holds_nothing"),
    )
    still_open = sa.text("closed_at IS NULL")
    op.create_index("ix_holds_open", "holds", ["heartbeat_at"], sqlite_where=still_open, postgresql_where=still_open)


def _journal() -> None:
    op.create_table(
        "transfers",
        sa.Column("id", RowNumber, primary_key=True),
        sa.Column("idempotency_key", sa.Text, nullable=False, unique=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("account_id", sa.Text, sa.ForeignKey("accounts.id"), nullable=False, index=True),
        sa.Column("session_id", sa.Text, sa.ForeignKey("holds.session_id"), index=True),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("available_after", sa.BigInteger, nullable=False),
        sa.Column("held_after", sa.BigInteger, nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.CheckConstraint("amount >= 0", name="amount_not_negative"),
    )
    op.create_table(
        "postings",
        sa.Column("transfer_id", RowNumber, sa.ForeignKey("transfers.id"), primary_key=True),
        sa.Column("ledger", sa.Text, primary_key=True),
        sa.Column("account_id", sa.Text, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.CheckConstraint("amount <> 0", name="amount_not_zero"),
    )
    op.create_index("ix_postings_account_id_ledger", "postings", ["account_id", "ledger"])


def _usage() -> None:
    op.create_table(
        "usage",
        sa.Column("session_id", sa.Text, sa.ForeignKey("holds.session_id"), primary_key=True),
        sa.Column("transfer_id", RowNumber, sa.ForeignKey("transfers.id"), nullable=False, unique=True),
        sa.Column("account_id", sa.Text, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("key_id", sa.Text, sa.ForeignKey("api_keys.id")),
        sa.Column("product", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("targets", sa.JSON, nullable=False),
        sa.Column("engines", sa.JSON, nullable=False),
        sa.Column("seconds", sa.Integer, nullable=False),
        sa.Column("tokens", sa.BigInteger, nullable=False),
        sa.Column("tokens_per_second", sa.BigInteger, nullable=False),
        sa.Column("started_at", UtcTime, nullable=False),
        sa.Column("ended_at", UtcTime, nullable=False),
        sa.CheckConstraint("tokens >= 0 AND tokens <= seconds * tokens_per_second", name="tokens_within_price"),
    )
    op.create_index("ix_usage_account_id_ended_at", "usage", ["account_id", "ended_at"])


def _refuse_changes(table: str) -> None:
    """What was written stays: a correction is a new row."""
    message = f"{table} are append-only" if table != "usage" else "usage is append-only"
    if op.get_context().dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{message}'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()"
    )
