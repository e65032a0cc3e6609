"""Group commit: the writers of a process who wait for SQLite at the same time share one transaction.

To make a commit last takes longer than all that was written, and costs the same for one writer as for twenty. Each
one's work is a savepoint, so whatever goes wrong in it takes back that alone. Nobody is answered before the commit,
not even with a refusal: it may rest on what another of the group wrote.

Who waits for the turn can be cancelled, and nothing of his is done. From the turn on he waits for the answer.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from itertools import islice
from typing import Any, Final, Generic, TypeVar, cast

import anyio
import anyio.lowlevel
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from dragoman.storage.failures import unconfirmed
from dragoman.storage.sqlite import in_one_visit

T = TypeVar("T")

_LARGEST: Final = 100
"""Works in one transaction: some tens of milliseconds, for which writers of other processes wait."""


class _Work(Generic[T]):
    """What one writer wants done, and what came of it."""

    def __init__(self, do: Callable[[Connection], T]) -> None:
        self.do = do
        self.waiting = anyio.CancelScope()
        """Around the wait for the turn, and shielded from then on."""
        self.done = False
        self.answer: T | None = None
        self.error: Exception | None = None

    def result(self) -> T:
        if self.error is not None:
            raise self.error
        return cast("T", self.answer)


class GroupCommit:
    """The queue of those who wait. Whoever is first of it writes for all."""

    def __init__(self) -> None:
        self._line = anyio.Lock()
        self._waiting: dict[_Work[Any], None] = {}

    async def write(
        self, do: Callable[[Connection], T], transaction: Callable[[], AbstractAsyncContextManager[AsyncConnection]]
    ) -> T:
        """``transaction`` opens one, which is done by the first only."""
        work = _Work(do)
        self._waiting[work] = None
        try:
            with work.waiting:
                async with self._line:
                    while not work.done:
                        await self._lead(transaction())
        finally:
            self._waiting.pop(work, None)
        return work.result()

    async def _lead(self, transaction: AbstractAsyncContextManager[AsyncConnection]) -> None:
        group: list[_Work[Any]] = []
        try:
            async with transaction as connection:
                group = await self._take()
                await in_one_visit(connection, partial(_do, group))
        except BaseException as error:
            for work in group:
                work.error = error if isinstance(error, Exception) else unconfirmed()
            raise
        finally:
            for work in group:
                work.done = True

    async def _take(self) -> list[_Work[Any]]:
        """Those whose turn it is; from here on they cannot be cancelled."""
        group = list(islice(self._waiting, _LARGEST))
        for work in group:
            work.waiting.shield = True
        with anyio.CancelScope(shield=True):
            await anyio.lowlevel.checkpoint()  # whoever was cancelled just before leaves here
        group = [work for work in group if work in self._waiting]
        for work in group:
            del self._waiting[work]
        return group


def _do(group: Sequence[_Work[Any]], connection: Connection) -> None:
    for work in group:
        connection.exec_driver_sql("SAVEPOINT work")  # SQLAlchemy's own cost as much as two statements more
        try:
            work.answer = work.do(connection)
        except Exception as error:  # fences one writer from the others of its group
            if isinstance(error, DBAPIError) and not isinstance(error, IntegrityError):
                raise  # a full disk, for one, may have ended the whole transaction
            work.error = error
            connection.exec_driver_sql("ROLLBACK TO work")
        connection.exec_driver_sql("RELEASE work")
