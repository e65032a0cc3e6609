"""Ctrl-C, SIGTERM and a terminal that is closed: the work is cancelled, and everything that it opened is closed."""

import os
import signal
from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio
import anyio.abc

from dragoman.cli.exit_codes import SIGNAL
from dragoman.core.errors import first_error

T = TypeVar("T")

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(Exception):
    """The work was ended by a signal."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


async def until_interrupted(work: Callable[[], Awaitable[T]]) -> T:
    """The result of ``work``. Raises :class:`Interrupted` once it is cancelled and cleaned up; a second signal does
    not wait for that, and leaves the rest to the kernel, which ends our children with us."""
    results: list[T] = []
    received: list[int] = []
    try:
        async with anyio.create_task_group() as group:
            with anyio.CancelScope() as scope:
                await group.start(_watch, scope, received)
                results.append(await work())
            group.cancel_scope.cancel()
    except BaseExceptionGroup as errors:
        if not received:
            raise first_error(errors) from None
    if received:
        raise Interrupted(received[0])
    return results[0]


async def _watch(scope: anyio.CancelScope, received: list[int], *, task_status: anyio.abc.TaskStatus[None]) -> None:
    # What our parent had us ignore, as nohup does, stays ignored.
    heeded = [number for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    with anyio.open_signal_receiver(*heeded) as signals:
        task_status.started()
        async for number in signals:
            if received:
                os._exit(SIGNAL + number)
            received.append(number)
            scope.cancel()
