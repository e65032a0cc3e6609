"""The stages of one channel, joined: from its audio to its translations."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import anyio
from anyio.abc import TaskStatus
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from dragoman.core.controls import Input
from dragoman.core.options import RunOptions
from dragoman.core.transcript import Translation
from dragoman.engines.asr import RecognizerOptions
from dragoman.engines.attached import RunEngines
from dragoman.pipeline.backlog import Backlog
from dragoman.pipeline.compose import compose
from dragoman.pipeline.emit import Emit
from dragoman.pipeline.heard import Heard
from dragoman.pipeline.listen import listen
from dragoman.pipeline.recognise import recognise_whole
from dragoman.pipeline.recognise_live import recognise_live
from dragoman.pipeline.segment import Stretch
from dragoman.pipeline.speech_pivot import HeardAudio, SpeechPivot
from dragoman.pipeline.translate import translate
from dragoman.text.sentences import SentenceBuilder

T = TypeVar("T")

_STRETCHES = 16
"""As much as waits before listening, so that the end of speech is seen while the engine still decodes."""

_HEARD = 1
"""What was recognised is announced at once, or the reader is too slow and holds up the run."""

SENTENCES = 64
"""A target language may fall behind by minutes before it holds up the transcript and the others."""


@dataclass(frozen=True, slots=True)
class Chain:
    """What all channels of a run have in common."""

    options: RunOptions
    engines: RunEngines
    emit: Emit
    at_once: int
    """Utterances recognised at the same time when they are heard as a whole."""

    async def work(
        self,
        channel: str | None,
        incoming: MemoryObjectReceiveStream[Input],
        spoken: Mapping[str, MemoryObjectSendStream[Translation]],
        heard: list[float],
        *,
        task_status: TaskStatus[None],
    ) -> None:
        """Sees one channel to the end of its input; started when audio may flow. Translations of the targets in
        ``spoken`` go there as well; the seconds of audio are added to ``heard``."""
        backlogs: list[Backlog] = []
        builder = SentenceBuilder(
            self.options.source,
            punctuated=self.engines.recognizer.info.punctuated,
            writing=self.options.writing,
        )
        with ExitStack() as streams, incoming:
            stretches_in, stretches_out = owned(streams, anyio.create_memory_object_stream[Stretch](_STRETCHES))
            heard_in, heard_out = owned(streams, anyio.create_memory_object_stream[Heard](_HEARD))
            for stream in spoken.values():
                streams.enter_context(stream)
            async with anyio.create_task_group() as group:
                audio = HeardAudio() if self.engines.pivots else None
                pivots = _pivots(self.engines, audio) if audio else {}
                for target, hops in self.engines.translations.items():
                    backlogs.append(Backlog(SENTENCES))
                    streams.callback(backlogs[-1].discard)
                    detours = self.engines.detours.get(target, ())
                    working = partial(translate, detours=detours, pivot=pivots.get(target))
                    group.start_soon(working, backlogs[-1], spoken.get(target), self.emit, hops, target)
                composing = partial(compose, channel=channel)
                group.start_soon(composing, heard_out, backlogs, self.emit, builder, self.options)
                await group.start(partial(self._recognise, channel), stretches_out, heard_in)
                task_status.started()
                keep = audio.add if audio else None
                heard.append(await listen(incoming, stretches_in, self.engines.voice_activity, self.options, keep))

    async def _recognise(
        self,
        channel: str | None,
        incoming: MemoryObjectReceiveStream[Stretch],
        outgoing: MemoryObjectSendStream[Heard],
        *,
        task_status: TaskStatus[None],
    ) -> None:
        live = self.options.recognition == "live"
        recognise = recognise_live if live else partial(recognise_whole, at_once=self.at_once)
        recognizer_options = RecognizerOptions(
            self.engines.recognition_language,
            self.options.vocabulary,
            partials=self.options.partials or self.options.partial_translations,
            max_delay=self.options.max_delay,
        )
        await recognise(
            incoming,
            outgoing,
            self.emit,
            self.engines.recognizer,
            recognizer_options,
            self.options,
            channel=channel,
            task_status=task_status,
        )


def _pivots(engines: RunEngines, audio: HeardAudio) -> dict[str, SpeechPivot]:
    """Return each target's pivot; those of one engine and language share it, and so its work."""
    shared = {(hop.source, hop.target): SpeechPivot(hop, audio.between) for hop in engines.pivots.values()}
    return {target: shared[hop.source, hop.target] for target, hop in engines.pivots.items()}


def owned(
    streams: ExitStack, ends: tuple[MemoryObjectSendStream[T], MemoryObjectReceiveStream[T]]
) -> tuple[MemoryObjectSendStream[T], MemoryObjectReceiveStream[T]]:
    """Has both ends closed with ``streams``: a stage that was cancelled before its first step cannot close its own."""
    for end in ends:
        streams.enter_context(end)
    return ends
