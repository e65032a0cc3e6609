"""The composition root: opens everything that a face needs, on one exit stack."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog

from dragoman.core.capabilities import Capabilities
from dragoman.core.options import RunOptions
from dragoman.engines import routing
from dragoman.engines.loading import EngineLoader, open_loader
from dragoman.engines.routing import EngineNames
from dragoman.pipeline.run import Run, open_run


@dataclass(frozen=True, slots=True)
class Dragoman:
    """An installation, ready to work."""

    loader: EngineLoader
    capabilities: Capabilities

    @asynccontextmanager
    async def open_run(self, options: RunOptions) -> AsyncIterator[Run]:
        """One run; its engines are chosen and loaded first, so that what is not possible is said before any audio."""
        engines = await self.loader.attach(options)
        async with open_run(options, engines, at_once=engines.recognizer.hosted.slots) as run:
            yield run


@asynccontextmanager
async def open_dragoman(names: EngineNames | None = None, *, parallel: int | None = None) -> AsyncIterator[Dragoman]:
    """Surveys the installed engines; they are loaded when first needed. ``parallel`` is how many calls
    may compute at once, by default the cores of this machine."""
    found = routing.survey(names)
    async with open_loader(found, parallel=parallel) as loader:
        yield Dragoman(loader, routing.capabilities(found))


def log_to_stderr() -> None:
    """Has everything that is logged shown there, as long-running programs do."""
    structlog.configure(
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            # The default shows local variables, which may hold audio or text.
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
        ],
    )
