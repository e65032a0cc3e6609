"""One client of the Realtime Translator: its conversation, its inbox and the sessions it runs one after another.

The namespace's handlers put messages into the inbox and return; :meth:`Connection.serve` runs in the supervisor's task
group and does everything that waits.
"""

from collections.abc import Awaitable, Callable

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from dragoman.accounts.principal import Principal
from dragoman.core.audio import AudioChunk
from dragoman.core.capabilities import Capabilities
from dragoman.core.errors import DragomanError, ReaderStalled, SenderTooFast
from dragoman.core.language import best_match
from dragoman.core.options import RunOptions
from dragoman.live.events import SessionEvent, Trouble
from dragoman.live.session import Message, Stop
from dragoman.live.supervisor import Supervisor
from dragoman.protocols.socketio.protocol import Conversation, Start, WireEvent, error_event

_INBOX = 256
"""Messages: 25 seconds of audio in chunks of 100 ms, for a client that catches up after a bad moment of its network."""

Emit = Callable[[WireEvent], Awaitable[None]]


class Connection:
    def __init__(
        self,
        principal: Principal,
        supervisor: Supervisor,
        capabilities: Capabilities,
        emit: Emit,
        *,
        default_source: str,
    ) -> None:
        self._principal = principal
        self._supervisor = supervisor
        self._capabilities = capabilities
        self._emit = emit
        self._default_source = default_source
        self._conversation = Conversation()
        self._inbox: MemoryObjectSendStream[Start | Message]
        self._messages: MemoryObjectReceiveStream[Start | Message]
        self._inbox, self._messages = anyio.create_memory_object_stream[Start | Message](_INBOX)
        self._overrun = False

    def receive(self, event: str, payload: object) -> None:
        """An event of the client. Never waits and never raises: what is wrong is answered in its turn."""
        try:
            message = self._understood(event, payload)
        except DragomanError as error:
            message = Trouble(error)
        if message is not None:
            self._post(message)

    def close(self) -> None:
        """The client is gone."""
        self._inbox.close()

    async def serve(self) -> None:
        """Until the client is gone or takes nothing any more."""
        with self._inbox, self._messages:
            async for message in self._messages:
                try:
                    await self._handle(message)
                except ReaderStalled:
                    return

    async def _handle(self, message: Start | Message) -> None:
        match message:
            case Start():
                await self._supervisor.hold_session(
                    self._principal, "live_speech", self._options(message), self._session_inbox(), self._deliver
                )
            case Trouble(error):
                await self._emit(error_event(error))
            case AudioChunk() | Stop():
                pass  # came after the session had ended by itself

    def _understood(self, event: str, payload: object) -> Start | Message | None:
        match event:
            case "translation_start":
                return self._conversation.start(payload)
            case "audio_chunk":
                return self._conversation.audio(payload)
            case _:
                self._conversation.stop()
                return Stop()

    def _post(self, message: Start | Message) -> None:
        try:
            self._inbox.send_nowait(message)
        except anyio.WouldBlock:
            self._overrun = True
        except (anyio.ClosedResourceError, anyio.BrokenResourceError):
            pass  # the client is being let go

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
        if self._overrun:
            self._overrun = False
            too_fast = SenderTooFast(
                "Audio came faster than it can be heard; some was lost", remedy="Send in real time"
            )
            await self._emit(error_event(too_fast))
        for wire_event in self._conversation.encode(event):
            await self._emit(wire_event)

    def _session_inbox(self) -> MemoryObjectReceiveStream[Message]:
        # While a session runs, the conversation lets no Start through.
        return self._messages  # type: ignore[return-value]
