"""Whether a pooled connection to PostgreSQL still leads there, asked only when there is reason to doubt it.

SQLAlchemy's own ``pool_pre_ping`` asks each time a connection is taken, which is three ways to the server and back, as
much as half a transaction. That the server has closed a connection the driver knows by itself; only where the network
has swallowed one it has to ask, and that happens to those which have been idle.
"""

import time
from typing import Final

from sqlalchemy import Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

_TRUSTED: Final = 5.0
"""Seconds since it was last used."""


def check_connections(engine: Engine) -> None:
    """Those of its pool, which makes new ones in the place of dead ones."""
    dead = (engine.dialect.loaded_dbapi.Error, OSError)

    def must_be_alive(connection: DBAPIConnection, entry: ConnectionPoolEntry, _: PoolProxiedConnection) -> None:
        if connection.driver_connection.is_closed():
            raise InvalidatePoolError
        if time.monotonic() - entry.info.get("used", time.monotonic()) > _TRUSTED:
            try:
                connection.ping()
            except dead as error:
                raise InvalidatePoolError from error

    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", must_be_alive)


def _note_use(_: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
    entry.info["used"] = time.monotonic()
