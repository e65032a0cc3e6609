"""One realtime client: what reads its WebSocket, and what runs its session.

The reader runs in the WebSocket's own task, answers what can be answered at once and puts the rest into the intake. The
session runs in the supervisor's task group, and speaks by :meth:`RtConnection.deliver`. Both send under one lock, so
that messages leave in the order in which the conversation made them.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

import anyio
import orjson

from dragoman.accounts.principal import Principal
from dragoman.core.errors import DragomanError, ReaderStalled, first_error
from dragoman.hosts.fence import report_bug
from dragoman.live.events import SessionEvent
from dragoman.live.inbox import Inbox, Message
from dragoman.live.limits import LiveLimits
from dragoman.live.supervisor import Supervisor
from dragoman.protocols.speechmatics.ears import OpenDecoder, listen
from dragoman.protocols.speechmatics.intake import Intake
from dragoman.protocols.speechmatics.rt_config import RtConfig
from dragoman.protocols.speechmatics.rt_frames import Action, Begin, End, Feed, Say
from dragoman.protocols.speechmatics.rt_protocol import Conversation

_PATIENCE: Final = 3.5
"""Seconds from StartRecognition to its answer at most; one client gives up after five."""

_SILENCE: Final = 60.0
"""Seconds from the opening of a WebSocket to StartRecognition."""

_LINGER: Final = 5.0
"""Seconds for the client to close after EndOfTranscript; clients want to be the ones who do."""

_FAREWELLS: Final = (1000, 1001)
"""WebSocket close codes of a client that says goodbye."""

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Stage:
    """What sessions are held with."""

    supervisor: Supervisor
    limits: LiveLimits
    open_decoder: OpenDecoder


class RtConnection:
    def __init__(
        self,
        principal: Principal,
        conversation: Conversation,
        stage: Stage,
        receive: Receive,
        send: Send,
        abort: Callable[[], None],
    ) -> None:
        """``abort`` drops the network connection without a word."""
        self._principal = principal
        self._conversation = conversation
        self._stage = stage
        self._receive = receive
        self._send = send
        self._abort = abort
        self._inbox = Inbox[Message](stage.supervisor.clocks)
        self._intake = Intake()
        self._speaking = anyio.Lock()
        self._over = anyio.Event()
        self._gone = anyio.Event()
        self._code = 1000

    async def serve(self) -> None:
        """Until either side ends it."""
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(self._read)
                group.start_soon(self._expect_start)
                await self._over.wait()
                if self._conversation.over and self._code == 1000:
                    with anyio.move_on_after(_LINGER):
                        await self._gone.wait()
                group.cancel_scope.cancel()
        finally:
            self._intake.close()
            self._inbox.close()
        if not self._gone.is_set():
            await self._close()

    async def deliver(self, event: SessionEvent) -> None:
        """Waits until the network has taken what there is to say; how long it may is the session's to say."""
        await self._do(await self._speak(partial(self._conversation.encode, event)))

    async def _read(self) -> None:
        while (message := await self._receive())["type"] == "websocket.receive":
            text = message.get("text")
            if text is None:
                await self._act(partial(self._conversation.binary, message.get("bytes") or b""))
            else:
                await self._act(partial(self._conversation.text, text))
        self._gone.set()
        self._inbox.close(vanished=message.get("code") not in _FAREWELLS)
        self._over.set()

    async def _expect_start(self) -> None:
        await anyio.sleep(_SILENCE)
        await self._act(self._conversation.nothing_came)

    async def _act(self, work: Callable[[], list[Action]]) -> None:
        """Says and does what ``work`` finds is to be done. A client that does not take what is said is cut off."""
        try:
            with anyio.fail_after(self._stage.limits.stall):
                actions = await self._speak(work)
        except TimeoutError:
            self._drop()
        else:
            await self._do(actions)

    async def _speak(self, work: Callable[[], list[Action]]) -> list[Action]:
        """Says what is to be said; returns all that is to be done. A bug in ``work`` ends this connection only."""
        async with self._speaking:
            try:
                actions = work()
            except Exception as error:  # noqa: BLE001  one client's odd message ends nothing for others
                actions = self._conversation.fail(report_bug("realtime_message_failed", error))
            for action in actions:
                if isinstance(action, Say):
                    await self._say(action.message)
        return actions

    async def _do(self, actions: list[Action]) -> None:
        for action in actions:
            match action:
                case Begin(config):
                    self._stage.supervisor.adopt(partial(self._hold, config))
                case Feed(given):
                    await self._intake.put(given)
                case End(code):
                    self._code = code
                    self._over.set()

    async def _say(self, message: dict[str, Any]) -> None:
        await self._tell({"type": "websocket.send", "text": orjson.dumps(message).decode()})

    async def _hold(self, config: RtConfig) -> None:
        """The session, from its start to its end."""
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(self._answer_in_time)
                group.start_soon(listen, config, self._intake, self._inbox, self._stage.open_decoder)
                await self._session(config)
                group.cancel_scope.cancel()
        except ExceptionGroup as errors:
            error = first_error(errors)
            told = error if isinstance(error, DragomanError) else report_bug("realtime_session_failed", errors)
            await self._act(partial(self._conversation.fail, told))
        finally:
            self._intake.close()
            self._over.set()

    async def _session(self, config: RtConfig) -> None:
        limits = replace(self._stage.limits, pause=min(self._stage.limits.pause, config.max_delay))
        try:
            await self._stage.supervisor.hold_session(
                self._principal, "realtime", config.options, self._inbox, self.deliver, limits
            )
        except ReaderStalled:
            self._drop()

    def _drop(self) -> None:
        """The client takes nothing, not even a goodbye."""
        self._inbox.close(vanished=True)
        self._gone.set()
        self._over.set()
        self._abort()

    async def _answer_in_time(self) -> None:
        await anyio.sleep(_PATIENCE)
        await self._act(self._conversation.overdue)

    async def _close(self) -> None:
        with anyio.move_on_after(self._stage.limits.stall) as time:
            await self._tell({"type": "websocket.close", "code": self._code})
        if time.cancelled_caught:
            self._drop()

    async def _tell(self, message: dict[str, Any]) -> None:
        # A client that is gone; the loop that reads hears of it, too.
        with suppress(OSError, RuntimeError):
            await self._send(message)
