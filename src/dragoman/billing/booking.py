"""A transfer, its postings and the balance after it: one statement on PostgreSQL, three on SQLite.

A statement costs PostgreSQL's clients a way there and back, during which the customer's row stays locked. SQLite has
no statement that writes to several tables, and answers where it is asked.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Connection,
    Select,
    Text,
    bindparam,
    exists,
    func,
    insert,
    select,
    true,
    update,
)
from sqlalchemy.dialects import postgresql

from dragoman.storage.insert import insert_once
from dragoman.storage.tables import balances, postings, transfers

_INSERT_TRANSFER: Final = insert_once(transfers, transfers.c.id)["sqlite"]
_INSERT_POSTINGS: Final = insert(postings)
_SET_BALANCE: Final = (
    update(balances)
    .where(balances.c.account_id == bindparam("account"))
    .values(available=bindparam("available_after"), held=bindparam("held_after"))
)


def book(
    connection: Connection,
    account_id: str,
    transfer: Mapping[str, str | int | datetime | None],
    legs: Mapping[str, int],
) -> int | None:
    """Writes a row of ``transfers`` and what follows from it; ``legs`` is signed tokens by ledger.

    Returns its id; None, and nothing is written, when its key was used before.
    """
    if connection.dialect.name == "postgresql":
        all_values = {**transfer, "account": account_id, "ledgers": list(legs), "amounts": list(legs.values())}
        return connection.execute(_ALL, all_values).scalar_one_or_none()
    inserted = connection.execute(_INSERT_TRANSFER, {**transfer, "account_id": account_id})
    transfer_id: int | None = inserted.scalar_one_or_none()
    if transfer_id is not None and legs:
        rows = [
            {"transfer_id": transfer_id, "ledger": ledger, "account_id": account_id, "amount": tokens}
            for ledger, tokens in legs.items()
        ]
        connection.execute(_INSERT_POSTINGS, rows)
        after = {name: transfer[name] for name in ("available_after", "held_after")}
        connection.execute(_SET_BALANCE, {"account": account_id, **after})
    return transfer_id


def _all() -> Select[int]:
    # A value named like a column, account_id for one, would be taken for a value of every table that has it.
    account = bindparam("account", type_=Text)
    given = {column: bindparam(column.name, type_=column.type) for column in transfers.c if column.name != "id"}
    transfer = (
        postgresql.insert(transfers)
        .values({**given, transfers.c.account_id: account})
        .on_conflict_do_nothing()
        .returning(transfers.c.id)
        .cte("transfer")
    )
    leg = (
        func.unnest(bindparam("ledgers", type_=ARRAY(Text)), bindparam("amounts", type_=ARRAY(BigInteger)))
        .table_valued("ledger", "amount", name="leg")
        .render_derived()
    )
    rows = select(transfer.c.id, leg.c.ledger, account, leg.c.amount).select_from(transfer).join(leg, true())
    written = insert(postings).from_select(["transfer_id", "ledger", "account_id", "amount"], rows).cte("legs")
    balance = _SET_BALANCE.where(exists(select(transfer.c.id))).cte("balance")
    return select(transfer.c.id).add_cte(written, balance)


_ALL: Final = _all()
