"""Every table. Amounts are whole tokens, times are UTC, durations say their unit in their name.

Rows of ``transfers``, ``postings`` and ``usage`` are never changed or deleted: triggers refuse it. ``balances`` and
``holds.held`` repeat what the postings say, so that a balance is one row to read and to lock; the audit compares them.
No table has a column for speech or text of a session or a job.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from dragoman.storage.columns import RowNumber, UtcTime

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("created_at", UtcTime, nullable=False),
    Column("closed_at", UtcTime, doc="From then on no credential of the account opens anything, and nothing is held."),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Text, primary_key=True, doc="The part of the key that may be shown."),
    Column("account_id", Text, ForeignKey("accounts.id"), nullable=False, index=True),
    Column("digest", LargeBinary, nullable=False, doc="HMAC-SHA256 of the whole key under the server's secret."),
    Column("scopes", JSON, nullable=False, doc="Sorted list of names."),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, doc="Null: never."),
    Column("revoked_at", UtcTime),
    Column("last_used_at", UtcTime, doc="To the hour: it is not written more often than that."),
)

balances = Table(
    "balances",
    metadata,
    Column("account_id", Text, ForeignKey("accounts.id"), primary_key=True),
    Column("available", BigInteger, nullable=False, doc="Tokens that can be held or spent."),
    Column("held", BigInteger, nullable=False, doc="Tokens set aside for open sessions; no longer available."),
    # The second wall against overspending; the first is the lock on this row.
    CheckConstraint("available >= 0", name="available_not_negative"),
    CheckConstraint("held >= 0", name="held_not_negative"),
)
"""A row appears with an account's first grant."""

holds = Table(
    "holds",
    metadata,
    Column("session_id", Text, primary_key=True, doc="A live session or a batch job; it is paid for once."),
    Column("account_id", Text, ForeignKey("accounts.id"), nullable=False, index=True),
    Column("key_id", Text, ForeignKey("api_keys.id"), doc="Null: no key was used."),
    Column("product", Text, nullable=False),
    Column("tokens_per_second", BigInteger, nullable=False, doc="The rate at its beginning, in force to its end."),
    Column("source", Text, nullable=False, doc="Language tag."),
    Column("targets", JSON, nullable=False, doc="List of language tags."),
    Column("engines", JSON, nullable=False, doc="List of names."),
    Column("owner", Text, nullable=False, doc="The process that meters the session."),
    Column("held", BigInteger, nullable=False, doc="Tokens set aside now; 0 once closed."),
    Column("metered_ms", BigInteger, nullable=False, doc="Milliseconds metered up to the last heartbeat."),
    Column("opened_at", UtcTime, nullable=False),
    Column("heartbeat_at", UtcTime, nullable=False),
    Column("closed_at", UtcTime, doc="When it was settled or released."),
    CheckConstraint("held >= 0", name="held_not_negative"),
    CheckConstraint("closed_at IS NULL OR held = 0", name="closed_holds_nothing"),
)
Index(
    "ix_holds_open",
    holds.c.heartbeat_at,
    sqlite_where=holds.c.closed_at.is_(None),
    postgresql_where=holds.c.closed_at.is_(None),
)

transfers = Table(
    "transfers",
    metadata,
    Column("id", RowNumber, primary_key=True),
    Column("idempotency_key", Text, nullable=False, unique=True, doc="Chosen by the caller; never used again."),
    Column("kind", Text, nullable=False, doc="grant, hold, top_up, settle or release."),
    Column("account_id", Text, ForeignKey("accounts.id"), nullable=False, index=True),
    Column("session_id", Text, ForeignKey("holds.session_id"), index=True, doc="Null: a grant."),
    Column("amount", BigInteger, nullable=False, doc="Tokens granted, held, charged or given back."),
    Column("request", Text, nullable=False, doc="What was asked, as JSON; the same key with another is refused."),
    Column("available_after", BigInteger, nullable=False),
    Column("held_after", BigInteger, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    CheckConstraint("amount >= 0", name="amount_not_negative"),
)

postings = Table(
    "postings",
    metadata,
    Column("transfer_id", RowNumber, ForeignKey("transfers.id"), primary_key=True),
    Column("ledger", Text, primary_key=True, doc="available, held, issuance or revenue:PRODUCT."),
    Column("account_id", Text, ForeignKey("accounts.id"), nullable=False, doc="The customer whose tokens move."),
    Column("amount", BigInteger, nullable=False, doc="Signed tokens; those of one transfer sum to zero."),
    CheckConstraint("amount <> 0", name="amount_not_zero"),
)
Index(None, postings.c.account_id, postings.c.ledger)

usage = Table(
    "usage",
    metadata,
    Column("session_id", Text, ForeignKey("holds.session_id"), primary_key=True),
    Column("transfer_id", RowNumber, ForeignKey("transfers.id"), nullable=False, unique=True, doc="The settlement."),
    Column("account_id", Text, ForeignKey("accounts.id"), nullable=False),
    Column("key_id", Text, ForeignKey("api_keys.id")),
    Column("product", Text, nullable=False),
    Column("source", Text, nullable=False, doc="Language tag."),
    Column("targets", JSON, nullable=False, doc="List of language tags."),
    Column("engines", JSON, nullable=False, doc="List of names."),
    Column("seconds", Integer, nullable=False, doc="Seconds billed."),
    Column("tokens", BigInteger, nullable=False, doc="Tokens charged."),
    Column("tokens_per_second", BigInteger, nullable=False),
    Column("started_at", UtcTime, nullable=False, doc="When tokens were first held."),
    Column("ended_at", UtcTime, nullable=False, doc="When it was settled; of a crashed session, its last heartbeat."),
    CheckConstraint("tokens >= 0 AND tokens <= seconds * tokens_per_second", name="tokens_within_price"),
)
Index(None, usage.c.account_id, usage.c.ended_at)

jobs = Table(
    "jobs",
    metadata,
    Column("id", Text, primary_key=True, doc="Ten lower-case letters and digits."),
    Column("account_id", Text, ForeignKey("accounts.id"), nullable=False),
    Column("key_id", Text, ForeignKey("api_keys.id"), doc="Null: no key was used."),
    Column("client_ref", Text, doc="Of the temporary key that made it; such keys see only their own jobs."),
    Column("idempotency_key", Text, doc="Chosen by the caller; null: none was."),
    Column("request_digest", LargeBinary, doc="What came under that key; another request under it is refused."),
    Column("kind", Text, nullable=False, doc="transcription or alignment."),
    Column("status", Text, nullable=False, doc="running, done, rejected or deleted."),
    Column("config", Text, nullable=False, doc="JSON, exactly as submitted."),
    Column("options", Text, nullable=False, doc="JSON of what the job does, as we understood the configuration."),
    Column("data_name", Text, nullable=False, doc="Empty: the recording is fetched."),
    Column("text_name", Text, doc="Null: no text was submitted."),
    Column("duration_ms", BigInteger, doc="Milliseconds of audio; null: not known yet."),
    Column("priority", Integer, nullable=False, doc="1 is the most urgent."),
    Column("stage", Text, nullable=False, doc="What is being done."),
    Column("progress", Integer, nullable=False, doc="Percent of the whole."),
    Column("errors", JSON, nullable=False, doc="List of {timestamp, message}."),
    Column("created_at", UtcTime, nullable=False),
    Column("enqueued_at", UtcTime, doc="Null: the queue may not know of it, and is told again."),
    Column("finished_at", UtcTime, doc="When it was done or rejected."),
    Column("expires_at", UtcTime, doc="When everything but this row is deleted."),
    Column("deleted_at", UtcTime),
    CheckConstraint("progress BETWEEN 0 AND 100", name="progress_percent"),
    UniqueConstraint("account_id", "idempotency_key"),
)
"""Batch jobs. What was submitted and what came of it lies in the blobs, and goes when the job is deleted."""
Index(None, jobs.c.account_id, jobs.c.created_at)
Index(None, jobs.c.expires_at)
Index(
    "ix_jobs_to_enqueue",
    jobs.c.created_at,
    sqlite_where=jobs.c.enqueued_at.is_(None),
    postgresql_where=jobs.c.enqueued_at.is_(None),
)

executors = Table(
    "executors",
    metadata,
    Column("id", Text, primary_key=True, doc="A process that runs jobs."),
    Column("heartbeat_at", UtcTime, nullable=False),
)
"""Whoever runs jobs says so here; what a silent one has begun is taken over."""
