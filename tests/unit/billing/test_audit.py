"""The audit finds what somebody with the database in his hands has changed."""

import pytest
from sqlalchemy import text

from dragoman.billing.rates import Charge
from dragoman.storage.database import transaction

pytestmark = pytest.mark.anyio


@pytest.fixture
async def busy(ledger, session, now):
    """Transfers 1 to 6: a grant, a session that runs, one that was settled and one that was released."""
    await ledger.hold("h1", session("s1"), 20, now)
    await ledger.hold("h2", session("s2"), 10, now)
    await ledger.settle("e2", "s2", Charge(2, 4), now)
    await ledger.hold("h3", session("s3"), 10, now)
    await ledger.release("r3", "s3", now)
    return ledger


async def tamper(ledger, *statements):
    sqlite = ledger.database.engine.dialect.name == "sqlite"
    async with transaction(ledger.database) as connection:
        for table in ("transfers", "postings", "usage"):
            triggers = ["no_update", "no_delete"] if sqlite else ["append_only"]
            for trigger in triggers:
                await connection.execute(text(f"DROP TRIGGER {table}_{trigger}" + ("" if sqlite else f" ON {table}")))
        for statement in statements:
            await connection.execute(text(statement))


async def test_books_that_balance(busy):
    audit = await busy.reconcile()
    assert audit.findings == ()
    assert (audit.accounts, audit.transfers, audit.postings, audit.open_holds) == (2, 6, 13, 1)


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ("UPDATE postings SET amount = 101 WHERE transfer_id = 1 AND ledger = 'available'", "postings sum to 1, not 0"),
        ("DELETE FROM postings WHERE transfer_id = 2", "session s1: 20 tokens are held, the postings say 0"),
        (
            "UPDATE postings SET account_id = 'poor' WHERE transfer_id = 2",
            "transfer 2: a posting is on another",
        ),
        ("UPDATE holds SET account_id = 'poor' WHERE session_id = 's1'", "transfer 2: a posting is on another"),
        (
            "UPDATE balances SET available = 77",
            "account acme: the balance says 77 available and 20 held, the postings 76 and 20",
        ),
        ("DELETE FROM balances", "account acme: the balance says 0 available and 0 held, the postings 76 and 20"),
        (
            "UPDATE transfers SET available_after = 1 WHERE id = 4",
            "transfer 4: the account had 76 available and 20 held after it, not 1 and 20",
        ),
        ("UPDATE holds SET held = 19 WHERE session_id = 's1'", "session s1: 19 tokens are held, the postings say 20"),
        ("UPDATE transfers SET session_id = NULL WHERE id = 2", "transfer 2: it holds tokens for no session"),
        ("DELETE FROM usage", "transfer 4: 4 tokens were charged, 4 are revenue, and the usage row says None"),
        ("UPDATE usage SET tokens = 3", "transfer 4: 4 tokens were charged, 4 are revenue, and the usage row says 3"),
        ("UPDATE transfers SET amount = 5 WHERE id = 4", "5 tokens were charged, 4 are revenue"),
        (
            "UPDATE transfers SET kind = 'release' WHERE id = 4",
            "transfer 4: it is revenue, or has a usage row, and settles no session",
        ),
    ],
)
async def test_what_was_changed_is_found(busy, statement, finding):
    await tamper(busy, statement)
    findings = (await busy.reconcile()).findings
    assert any(finding in found for found in findings), findings


async def test_a_long_list_is_cut(busy):
    await tamper(busy, *["UPDATE transfers SET available_after = 1"], "UPDATE postings SET amount = amount * 3")
    assert len((await busy.reconcile()).findings) < 100
