"""Batch jobs, and the processes that run them."""

import sqlalchemy as sa
from alembic import op

from dragoman.storage.columns import UtcTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("account_id", sa.Text, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("key_id", sa.Text, sa.ForeignKey("api_keys.id")),
        sa.Column("client_ref", sa.Text),
        sa.Column("idempotency_key", sa.Text),
        sa.Column("request_digest", sa.LargeBinary),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("config", sa.Text, nullable=False),
        sa.Column("options", sa.Text, nullable=False),
        sa.Column("data_name", sa.Text, nullable=False),
        sa.Column("text_name", sa.Text),
        sa.Column("duration_ms", sa.BigInteger),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("progress", sa.Integer, nullable=False),
        sa.Column("errors", sa.JSON, nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.Column("enqueued_at", UtcTime),
        sa.Column("finished_at", UtcTime),
        sa.Column("expires_at", UtcTime),
        sa.Column("deleted_at", UtcTime),
        sa.CheckConstraint("progress BETWEEN 0 AND 100", name="progress_percent"),
        sa.UniqueConstraint("account_id", "idempotency_key"),
    )
    op.create_index("ix_jobs_account_id_created_at", "jobs", ["account_id", "created_at"])
    op.create_index("ix_jobs_expires_at", "jobs", ["expires_at"])
    unknown = sa.text("enqueued_at IS NULL")
    op.create_index("ix_jobs_to_enqueue", "jobs", ["created_at"], sqlite_where=unknown, postgresql_where=unknown)
    op.create_table(
        "executors",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("heartbeat_at", UtcTime, nullable=False),
    )
