"""The processes that run jobs, as they say themselves: each writes now and then that it is alive."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from dragoman.storage.database import Database, snapshot, transaction
from dragoman.storage.insert import insert_once
from dragoman.storage.tables import executors

_INSERT = insert_once(executors, executors.c.id)


@dataclass(frozen=True, slots=True)
class Executors:
    database: Database

    async def beat(self, executor: str, now: datetime) -> None:
        async with transaction(self.database) as connection:
            beaten = update(executors).where(executors.c.id == executor).values(heartbeat_at=now)
            if (await connection.execute(beaten)).rowcount == 0:
                row = {"id": executor, "heartbeat_at": now}
                await connection.execute(_INSERT[connection.dialect.name], row)

    async def leave(self, executor: str) -> None:
        """What it has begun may be taken over at once."""
        async with transaction(self.database) as connection:
            await connection.execute(delete(executors).where(executors.c.id == executor))

    async def beats(self) -> Mapping[str, datetime]:
        """The last one of each."""
        async with snapshot(self.database) as connection:
            rows = await connection.execute(select(executors.c.id, executors.c.heartbeat_at))
            return {row.id: row.heartbeat_at for row in rows}

    async def forget(self, now: datetime, older_than: timedelta) -> None:
        """Those that have been silent for so long."""
        async with transaction(self.database) as connection:
            await connection.execute(delete(executors).where(executors.c.heartbeat_at < now - older_than))
