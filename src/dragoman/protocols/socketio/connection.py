"""One client of the Realtime Translator: its conversation, its inbox and the sessions it runs one after another.

The loop that reads the client's WebSocket calls :meth:`Connection.receive`, which posts and returns;
:meth:`Connection.serve` runs in the supervisor's task group and does everything that waits.
"""

from collections.abc import Awaitable, Callable
from typing import cast

import anyio

from dragoman.accounts.principal import Principal
from dragoman.core.audio import AudioChunk
from dragoman.core.capabilities import Capabilities
from dragoman.core.errors import DragomanError, LimitError, ReaderStalled
from dragoman.core.language import best_match
from dragoman.core.options import RunOptions
from dragoman.hosts.fence import report_bug
from dragoman.live import metrics
from dragoman.live.events import SessionEvent, Trouble
from dragoman.live.inbox import Inbox, Message, Stop
from dragoman.live.supervisor import Supervisor
from dragoman.protocols.socketio.protocol import Conversation, Start, WireEvent, error_event

Emit = Callable[[WireEvent], Awaitable[None]]


class Connection:
    def __init__(
        self,
        principal: Principal,
        supervisor: Supervisor,
        capabilities: Capabilities,
        emit: Emit,
        abort: Callable[[], None],
        *,
        default_source: str,
    ) -> None:
        """``emit`` waits until the network has taken an event; ``abort`` drops the network connection."""
        self._principal = principal
        self._supervisor = supervisor
        self._capabilities = capabilities
        self._emit = emit
        self._abort = abort
        self._default_source = default_source
        self._conversation = Conversation(capabilities)
        self._inbox = Inbox[Start | Message](supervisor.clocks)

    def receive(self, event: str, payload: object) -> None:
        """An event of the client. Never waits and never raises: what is wrong is answered in its turn."""
        try:
            message = self._understood(event, payload)
        except DragomanError as error:
            if isinstance(error, LimitError):
                metrics.limits.labels(error.code).inc()
            message = Trouble(error)
        except Exception as error:  # noqa: BLE001  one client's odd message ends nothing for others, and is answered
            message = Trouble(report_bug("socketio_event_failed", error))
        if message is not None:
            self._inbox.post(message)

    def close(self, *, vanished: bool) -> None:
        """The client is gone; ``vanished`` when it went without a word."""
        self._inbox.close(vanished=vanished)

    async def serve(self) -> None:
        """Until the client is gone or takes nothing any more."""
        try:
            while (received := await self._inbox.receive()) is not None:
                await self._answer(received.message)
        except (ReaderStalled, TimeoutError):
            pass
        finally:
            if not self._inbox.gone.is_set():
                self._abort()

    async def _answer(self, message: Start | Message) -> None:
        match message:
            case Start():
                await self._supervisor.hold_session(
                    self._principal, "live_speech", self._options(message), self._session_inbox(), self._deliver
                )
            case Trouble(error):
                with anyio.fail_after(self._supervisor.limits.stall):
                    await self._emit(error_event(error))
            case AudioChunk() | Stop():
                pass  # came after the session had ended by itself

    def _understood(self, event: str, payload: object) -> Start | Message | None:
        now = self._supervisor.clocks.monotonic()
        match event:
            case "translation_start":
                return self._conversation.start(payload, now)
            case "audio_chunk":
                return self._conversation.audio(payload, now)
            case "translation_stop":
                return Stop() if self._conversation.stop() else None
            case _:
                return None  # clients may have events of their own

    def _options(self, start: Start) -> RunOptions:
        spoken = best_match(start.target, [voice.language for voice in self._capabilities.spoken])
        return RunOptions(
            source=start.source or self._default_source,
            targets=(start.target,),
            speak=(start.target,) if spoken else (),
            recognition="live",
            partials=start.partials,
            speed=start.speed,
            voices=((start.target, start.voice),) if start.voice else (),
        )

    async def _deliver(self, event: SessionEvent) -> None:
        for wire_event in self._conversation.encode(event):
            if not self._inbox.gone.is_set():
                await self._emit(wire_event)

    def _session_inbox(self) -> Inbox[Message]:
        # While a session runs, the conversation lets no Start through.
        return cast("Inbox[Message]", self._inbox)
