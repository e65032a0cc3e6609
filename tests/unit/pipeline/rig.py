"""Runs the real pipeline over given audio and returns its events; engines that misbehave on purpose."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import anyio

from dragoman.app import open_dragoman
from dragoman.core.audio import SPEECH_RATE, AudioChunk
from dragoman.core.controls import Input
from dragoman.core.events import Event
from dragoman.core.options import RunOptions
from dragoman.engines.attached import Attached, RunEngines
from dragoman.engines.routing import EngineNames
from dragoman.hosts.thread import ThreadHost
from dragoman.pipeline.run import open_run

SCRIPTED = EngineNames("scripted", "scripted", "scripted", "scripted")


def scripted(script: Path) -> EngineNames:
    name = f"scripted:{script}"
    return EngineNames(name, name, name, name)


def silence(seconds: float, chunk: float = 0.1, sample_rate: int = SPEECH_RATE) -> list[AudioChunk]:
    """The scripted engine hears its script in anything."""
    samples = round(chunk * sample_rate)
    count = round(seconds / chunk)
    return [AudioChunk(bytes(2 * samples), sample_rate, i * samples / sample_rate) for i in range(count)]


async def events_of(options: RunOptions, engines: RunEngines, audio: Iterable[Input]) -> list[Event]:
    events: list[Event] = []
    async with open_run(options, engines, at_once=2) as run, anyio.create_task_group() as group:

        async def feed() -> None:
            async with run.input:
                for chunk in audio:
                    await run.input.send(chunk)

        group.start_soon(feed)
        async for event in run.events:
            events.append(event)  # noqa: PERF401  what came before a failure is worth seeing in a debugger
    return events


@asynccontextmanager
async def attached(options: RunOptions, names: EngineNames = SCRIPTED) -> AsyncIterator[RunEngines]:
    async with open_dragoman(names, parallel=2) as dragoman:
        yield await dragoman.loader.attach(options)


@asynccontextmanager
async def with_recognizer(engines: RunEngines, recognizer: object, **info: object) -> AsyncIterator[RunEngines]:
    """The same engines, with another recogniser hosted on a thread."""
    async with ThreadHost("odd", lambda: recognizer, threads=2) as host:
        odd = Attached(host, replace(engines.recognizer.info, **info))
        yield replace(engines, recognizer=odd)  # type: ignore[arg-type]
