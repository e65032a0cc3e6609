"""The audit: whatever the books say twice, compared. It only reads, and sees one moment.

Each check is a query for the rows that disagree, so that it can be read, and run by hand, on its own.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Table, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from dragoman.storage.tables import accounts, holds, postings, transfers

_SHOWN: Final = 20
"""Findings of one kind that are listed."""


@dataclass(frozen=True, slots=True)
class Audit:
    """What was compared and what does not agree."""

    accounts: int
    transfers: int
    postings: int
    open_holds: int
    findings: tuple[str, ...]
    """One line each; none when the books balance."""


async def audit(connection: AsyncConnection) -> Audit:
    return Audit(
        accounts=await _count(connection, accounts),
        transfers=await _count(connection, transfers),
        postings=await _count(connection, postings),
        open_holds=await _count(connection, holds, holds.c.closed_at.is_(None)),
        findings=tuple([finding async for finding in _findings(connection)]),
    )


async def _count(connection: AsyncConnection, table: Table, *which: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(table).where(*which)
    return (await connection.execute(query)).scalar_one()


async def _findings(connection: AsyncConnection) -> AsyncIterator[str]:
    for says, query in _CHECKS.items():
        rows = await connection.execute(text(f"{query} LIMIT {_SHOWN}"))
        for row in rows.mappings():
            yield says.format_map(row)


_CHECKS: Final = {
    # Hence the sum of all postings, and that of each customer's, is zero as well.
    "transfer {id}: its postings sum to {total}, not 0": """
        SELECT transfer_id AS id, SUM(amount) AS total
        FROM postings
        GROUP BY transfer_id
        HAVING SUM(amount) <> 0
    """,
    "transfer {id}: a posting is on another account than the transfer or its session": """
        SELECT transfers.id
        FROM transfers
        JOIN postings ON postings.transfer_id = transfers.id
        LEFT JOIN holds ON holds.session_id = transfers.session_id
        WHERE postings.account_id <> transfers.account_id OR holds.account_id <> transfers.account_id
    """,
    "account {id}: the balance says {available} available and {held} held, the postings {posted} and {set_aside}": """
        SELECT * FROM (
            SELECT accounts.id, COALESCE(balances.available, 0) AS available, COALESCE(balances.held, 0) AS held,
                COALESCE((SELECT SUM(amount) FROM postings
                    WHERE postings.account_id = accounts.id AND ledger = 'available'), 0) AS posted,
                COALESCE((SELECT SUM(amount) FROM postings
                    WHERE postings.account_id = accounts.id AND ledger = 'held'), 0) AS set_aside
            FROM accounts LEFT JOIN balances ON balances.account_id = accounts.id
        ) AS replay
        WHERE available <> posted OR held <> set_aside
    """,
    "transfer {id}: the account had {posted} available and {set_aside} held after it, not {available} and {held}": """
        SELECT * FROM (
            SELECT transfers.id, available_after AS available, held_after AS held,
                SUM(COALESCE((SELECT amount FROM postings
                    WHERE transfer_id = transfers.id AND ledger = 'available'), 0))
                    OVER (PARTITION BY account_id ORDER BY transfers.id) AS posted,
                SUM(COALESCE((SELECT amount FROM postings
                    WHERE transfer_id = transfers.id AND ledger = 'held'), 0))
                    OVER (PARTITION BY account_id ORDER BY transfers.id) AS set_aside
            FROM transfers
        ) AS replay
        WHERE available <> posted OR held <> set_aside
    """,
    "session {id}: {held} tokens are held, the postings say {set_aside}": """
        SELECT * FROM (
            SELECT holds.session_id AS id, holds.held, COALESCE((
                SELECT SUM(postings.amount)
                FROM postings JOIN transfers ON transfers.id = postings.transfer_id
                WHERE transfers.session_id = holds.session_id AND postings.ledger = 'held'
            ), 0) AS set_aside
            FROM holds
        ) AS replay
        WHERE held <> set_aside
    """,
    "transfer {id}: it holds tokens for no session": """
        SELECT transfers.id
        FROM transfers JOIN postings ON postings.transfer_id = transfers.id
        WHERE transfers.session_id IS NULL AND postings.ledger = 'held'
    """,
    "transfer {id}: {amount} tokens were charged, {revenue} are revenue, and the usage row says {used}": """
        SELECT * FROM (
            SELECT transfers.id, transfers.amount, usage.tokens AS used, COALESCE((
                SELECT SUM(amount) FROM postings WHERE transfer_id = transfers.id AND ledger LIKE 'revenue:%'
            ), 0) AS revenue
            FROM transfers LEFT JOIN usage ON usage.transfer_id = transfers.id
            WHERE transfers.kind = 'settle'
        ) AS settlements
        WHERE used IS NULL OR used <> amount OR revenue <> amount
    """,
    "transfer {id}: it is revenue, or has a usage row, and settles no session": """
        SELECT id FROM transfers
        WHERE kind <> 'settle' AND (
            EXISTS (SELECT * FROM postings WHERE transfer_id = transfers.id AND ledger LIKE 'revenue:%')
            OR EXISTS (SELECT * FROM usage WHERE transfer_id = transfers.id)
        )
    """,
}
"""What is wrong, with the query that finds it."""
