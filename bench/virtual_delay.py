"""What ``max_delay`` gives and costs, on a virtual clock: how late words are, how much is decoded, word errors.

The recordings of quality_delay.py go through the real stages of listening and recognising, with the real engines, in
this one process. Audio comes in chunks of 100 ms, each at the moment at which its last sample has been spoken; the
recogniser is then busy for as long as the call took of this process's CPU, or so many times as long for a machine that
is so much slower. So the delays are those of a machine that has nothing else to do, whatever this one does meanwhile;
but a busy one needs more CPU for the same, up to twice. Left out are the children's pipes, translation and the network:
a few milliseconds.

    .venv/bin/python bench/virtual_delay.py [--delays 0.7 1 2 4] [--files REGEX] [--slower 2]

Seconds of delay count from when the chunk with a word's last sample came, as in realtime_delay.py. ``late_first`` are
late words of the first second of speech, of which each file has one. ``decoded`` and ``cpu`` are seconds for a second
of audio. Prints a line for each delay; writes nothing.
"""

import argparse
import json
import math
import re
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import takewhile
from types import SimpleNamespace
from typing import Any, Generic, Self, TypeVar

import anyio
import jiwer
import numpy as np
from quality_asr import Clip, clips, decoded
from words import normalized

from dragoman.core.audio import SPEECH_RATE, AudioChunk, join
from dragoman.core.events import Event
from dragoman.core.options import RunOptions
from dragoman.core.transcript import Word
from dragoman.engines import registry
from dragoman.engines.asr import RecognizerOptions
from dragoman.engines.attached import Attached
from dragoman.hosts.calls import method_name
from dragoman.pipeline.heard import Utterance
from dragoman.pipeline.listen import listen
from dragoman.pipeline.recognise_live import recognise_live
from dragoman.pipeline.segment import Speech

CHUNK = 0.1
FIRST = 1.05
"""Seconds: the first of speech, and half a chunk."""
T = TypeVar("T")


@dataclass
class Clock:
    now: float = 0.0
    slower: float = 1.0
    """So many times as long as here takes what is computed."""


@dataclass
class Arriving(Generic[T]):
    """The receiving end of a stream in which each item is there from its time on."""

    clock: Clock
    items: Sequence[tuple[float, T]]
    taken: int = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        if self.taken == len(self.items):
            raise StopAsyncIteration
        time, item = self.items[self.taken]
        self.clock.now = max(self.clock.now, time)
        self.taken += 1
        return item

    def statistics(self) -> SimpleNamespace:
        waiting = takewhile(lambda item: item[0] <= self.clock.now, self.items[self.taken :])
        return SimpleNamespace(current_buffer_used=sum(1 for _ in waiting))


@dataclass
class Stamped(Generic[T]):
    """The sending end of a stream; notes when each item came."""

    clock: Clock
    items: list[tuple[float, T]] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def send(self, item: T) -> None:
        self.items.append((self.clock.now, item))


@dataclass
class Timed:
    """Host and lease of an engine in this process: the clock goes on by what a call takes."""

    engine: Any
    clock: Clock | None = None
    busy: float = 0.0
    decoded: float = 0.0
    """Seconds of audio that were handed to it."""

    @asynccontextmanager
    async def lease(self, method: Any, *args: Any) -> AsyncIterator["Timed"]:
        stream = Timed(getattr(self.engine, method_name(method))(*args), self.clock)
        yield stream
        self.busy += stream.busy
        self.decoded += stream.decoded

    async def call(self, method: Any, *args: Any) -> Any:
        before = time.process_time()
        answer = getattr(self.engine, method_name(method))(*args)
        took = time.process_time() - before
        self.busy += took
        self.decoded += sum(each.duration for each in args if isinstance(each, AudioChunk))
        if self.clock is not None:
            self.clock.now += took * self.clock.slower
        return answer


async def stretches(audio: AudioChunk, engine: Any) -> list[tuple[float, Any]]:
    """What listening makes of it, and when each is there."""
    step = round(CHUNK * audio.sample_rate)
    chunks = [audio.slice(first, first + step) for first in range(0, audio.samples, step)]
    clock = Clock()
    out = Stamped[Any](clock)
    ear = Attached(Timed(engine), registry.find(registry.VOICE_ACTIVITY, "silero").describe())
    await listen(Arriving(clock, [(each.end_time, each) for each in chunks]), out, ear, RunOptions("en"))  # type: ignore[arg-type]  # as streams
    return out.items


@dataclass
class Session:
    words: list[tuple[float, Word]]
    """And how long after its chunk each was final."""
    busy: float
    decoded: float
    text: str
    begin: float
    """Of speech, in seconds."""


async def unheard(_: Event) -> None:
    pass


async def session(heard: Sequence[tuple[float, Any]], engine: Any, options: RunOptions, slower: float = 1.0) -> Session:
    clock = Clock(slower=slower)
    host, out = Timed(engine, clock), Stamped[Any](clock)
    info = registry.find(registry.RECOGNIZERS, "pocketsphinx").describe()
    asked = RecognizerOptions("en", max_delay=options.max_delay)
    await recognise_live(Arriving(clock, heard), out, unheard, Attached(host, info), asked, options)  # type: ignore[arg-type]  # as streams
    said = [(at, word) for at, item in out.items if isinstance(item, Utterance) for word in item.words]
    delays = [(at - CHUNK * math.ceil(round(word.end_time / CHUNK, 6)), word) for at, word in said]
    text = " ".join(word.content for _, word in said)
    begin = next((item.audio.start_time for _, item in heard if isinstance(item, Speech)), 0.0)
    return Session(delays, host.busy, host.decoded, text, begin)


def summed(
    chosen: Sequence[Clip], sessions: Sequence[Session], seconds: float, max_delay: float | None
) -> dict[str, Any]:
    found = jiwer.process_words(
        [normalized(clip.reference) for clip in chosen], [normalized(one.text) for one in sessions]
    )
    limit = max_delay or math.inf
    delays = [delay for one in sessions for delay, _ in one.words]
    late = [delay - limit for delay in delays if delay > limit]
    first = [
        word for one in sessions for delay, word in one.words if delay > limit and word.end_time < one.begin + FIRST
    ]
    return {
        "max_delay": max_delay,
        "late": round(len(late) / len(delays), 4),
        "late_first": round(len(first) / len(delays), 4),
        "late_median": round(float(np.median(late)) if late else 0.0, 3),
        "late_p95": round(float(np.percentile(late, 95)) if late else 0.0, 3),
        "latest": round(max(late, default=0.0), 3),
        "median": round(float(np.median(delays)), 3),
        "p95": round(float(np.percentile(delays, 95)), 3),
        "decoded": round(sum(one.decoded for one in sessions) / seconds, 3),
        "cpu": round(sum(one.busy for one in sessions) / seconds, 3),
        "errors": found.substitutions + found.deletions + found.insertions,
        "wer": round(found.wer, 4),
        "words": len(delays),
    }


async def load(chosen: Sequence[Clip]) -> tuple[list[list[tuple[float, Any]]], float]:
    vad = registry.find(registry.VOICE_ACTIVITY, "silero").plugin().load(None)
    audio = [join(await decoded(clip.path)) for clip in chosen]
    assert all(one.sample_rate == SPEECH_RATE for one in audio)
    return [await stretches(one, vad) for one in audio], sum(one.duration for one in audio)


async def main(chosen: Sequence[Clip], delays: Sequence[float], slower: float) -> None:
    heard, seconds = await load(chosen)
    print(len(chosen), "files", round(seconds), "s", flush=True)
    engine = registry.find(registry.RECOGNIZERS, "pocketsphinx").plugin().load(None)
    for max_delay in delays:
        options = RunOptions("en", recognition="live", partials=True, max_delay=max_delay)
        sessions = [await session(one, engine, options, slower) for one in heard]
        print(json.dumps(summed(chosen, sessions, seconds, max_delay)), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--delays", type=float, nargs="+", default=[0.7, 1, 2, 4])
    parser.add_argument("--files", default=".", help="regular expression over ids and corpora")
    parser.add_argument("--slower", type=float, default=1.0, help="than this machine is the one to tell of")
    args = parser.parse_args()
    those = [
        clip
        for clip in clips()
        if clip.kind in ("clips", "longform") and (re.search(args.files, clip.id) or re.search(args.files, clip.corpus))
    ]
    anyio.run(main, those, args.delays, args.slower)
