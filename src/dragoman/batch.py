"""The composition root of batch jobs, for the server and for ``dragoman worker``."""

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime

import anyio
import structlog

from dragoman.app import log_to_stderr
from dragoman.billing.ledger import Ledger
from dragoman.billing.rates import Rates
from dragoman.config import Settings
from dragoman.engines import routing
from dragoman.engines.loading import EngineLoader, open_loader
from dragoman.engines.routing import EngineNames
from dragoman.hosts.slots import NICENESS
from dragoman.jobs.addresses import networks
from dragoman.jobs.batch import Batch
from dragoman.jobs.opening import Premises, open_jobs
from dragoman.jobs.outbound import OutboundLimits, open_outbound
from dragoman.jobs.purse import Purse
from dragoman.jobs.telling import Correspondence
from dragoman.media.decoder_forks import DecoderForks
from dragoman.protocols.speechmatics.batch_documents import notified
from dragoman.storage.blobs import Blobs
from dragoman.storage.database import Database, open_database

_log = structlog.get_logger()


@asynccontextmanager
async def open_batch(
    settings: Settings, database: Database, loader: EngineLoader, rates: Rates, *, working: bool
) -> AsyncIterator[Batch]:
    """``loader``: the engines, shared with live sessions where there are any. ``working``: whether jobs are worked on
    here, or only accepted."""
    async with AsyncExitStack() as stack:
        blobs = Blobs(settings.blobs)
        outbound = await stack.enter_async_context(
            open_outbound(networks(settings.jobs.allowed_addresses), OutboundLimits(size=settings.jobs.largest << 20))
        )
        correspondence = Correspondence(outbound, blobs, notified)
        premises = Premises(
            database,
            blobs,
            settings.queue,
            Purse(Ledger(database), rates),
            loader.at("batch"),
            settings.jobs.limits(working=working),
            lambda: datetime.now(UTC),
            correspondence.fetch,
            correspondence.notify,
            forks=await stack.enter_async_context(DecoderForks()),
        )
        yield await stack.enter_async_context(open_jobs(premises))


async def work(settings: Settings, names: EngineNames | None = None) -> None:
    """Works on the jobs of a database until it is cancelled, and gives way to everything else on the machine."""
    log_to_stderr()
    os.nice(NICENESS)
    found = routing.survey(names)
    async with (
        open_database(settings.database) as database,
        open_loader(found) as loader,
        open_batch(settings, database, loader, settings.rates.rates(), working=True),
    ):
        _log.info("working", jobs=settings.jobs.at_once)
        await anyio.sleep_forever()
